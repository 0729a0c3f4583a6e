import type { Connector } from '../connection/connector.js';
import { FairSemaphore } from './fair-semaphore.js';

/**
 * What the databases of one server share among them: its connections and its lock table. Each database needs
 * connections of its own, and without a bound over all of them two hundred databases would take eight hundred.
 */
export class ServerShare {
  readonly #inUse: FairSemaphore;
  /** How many transactions each may run now, in the order of their last use. */
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
   * Waits until the connector may use one connection. Where it has none to spare, one of the database that was used
   * longest ago is ended for it.
   *
   * @returns gives the place back, once the connection is idle or ended
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
      // One that could not be ended had died by itself.
      await oldest[0].dropIdle().catch(() => undefined);
    }
    return () => {
      const admitted = this.#admitted.get(connector);
      if (admitted !== undefined) this.#admitted.set(connector, admitted - 1);
      release();
    };
  }

  /** Whether there is room for one connection more than there are, or will be. */
  hasRoom(): boolean {
    return this.#taken() < this.most;
  }

  /** One for all databases, as large as whoever looked at the server last found it. */
  locks(total: number): FairSemaphore {
    if (this.#locks?.capacity !== total) this.#locks = new FairSemaphore(total);
    return this.#locks;
  }

  /** Connections that there are, or will be as soon as all who were admitted have theirs: not two for one that idles. */
  #taken(): number {
    let taken = 0;
    for (const [{ connections }, admitted] of this.#admitted) taken += Math.max(connections.total, admitted);
    return taken;
  }
}
