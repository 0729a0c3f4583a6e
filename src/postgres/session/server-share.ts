import type { Connector } from '../connection/connector.js';
import { FairSemaphore } from './fair-semaphore.js';

/**
 * The limits that all databases of one server share: on connections and on locks. Each database needs connections of its own, so without a
 * common limit two hundred databases would take eight hundred connections.
 */
export class ServerShare {
  readonly #inUse: FairSemaphore;
  /** The number of admitted transactions of each connector, ordered by its last use. */
  readonly #admitted = new Map<Connector, number>();
  #locks: FairSemaphore | null = null;

  /** @param most connections to the server, in use and idle, at least 1 */
  constructor(readonly most: number) {
    this.#inUse = new FairSemaphore(most);
  }

  join(connector: Connector): void {
    this.#admitted.set(connector, 0);
  }

  leave(connector: Connector): void {
    this.#admitted.delete(connector);
  }

  /**
   * Waits until the connector may use one connection. If that needs a new connection beyond the limit, an idle one is ended: that of the
   * database that was used longest ago.
   *
   * @returns a function that gives the place back, to be called when the connection is idle or ended
   */
  async admit(connector: Connector): Promise<() => void> {
    const release = await this.#inUse.acquire(1);
    const before = this.#admitted.get(connector) ?? 0;
    this.#admitted.delete(connector);
    this.#admitted.set(connector, before + 1);
    while (this.#taken() > this.most) {
      const oldest = [...this.#admitted].find(
        ([{ connections }, admitted]) => connections.idle > 0 && connections.total > admitted,
      );
      if (oldest === undefined) break;
      // A connection that could not be ended had been lost before.
      await oldest[0].dropIdle().catch(() => undefined);
    }
    return () => {
      const admitted = this.#admitted.get(connector);
      if (admitted !== undefined) this.#admitted.set(connector, admitted - 1);
      release();
    };
  }

  /** Whether another connection may be opened. */
  hasRoom(): boolean {
    return this.#taken() < this.most;
  }

  /** The semaphore for the lock budget that all databases share. `total` is the budget as the last transaction saw it. */
  locks(total: number): FairSemaphore {
    if (this.#locks?.capacity !== total) this.#locks = new FairSemaphore(total);
    return this.#locks;
  }

  /** The connections that exist, and those that admitted transactions will open. An idle connection that one of them will use counts once. */
  #taken(): number {
    let taken = 0;
    for (const [{ connections }, admitted] of this.#admitted) taken += Math.max(connections.total, admitted);
    return taken;
  }
}
