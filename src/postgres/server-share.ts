import type { Connector } from './connector.js';
import { FairSemaphore } from './fair-semaphore.js';

/**
 * What the databases of one server share among them: its connections and its lock table. Each database needs
 * connections of its own, and without a bound over all of them two hundred databases would take eight hundred.
 */
export class ServerShare {
  readonly #inUse: FairSemaphore;
  /** In the order of their last use. */
  readonly #connectors = new Set<Connector>();
  #admitted = 0;
  #locks: FairSemaphore | null = null;

  /** @param most connections to the server, in use and idle, at least 1 */
  constructor(readonly most: number) {
    this.#inUse = new FairSemaphore(most);
  }

  join(connector: Connector): void {
    this.#connectors.add(connector);
  }

  leave(connector: Connector): void {
    this.#connectors.delete(connector);
  }

  /**
   * Waits until the connector may use one connection. Where it has none idle, one of the database that was used
   * longest ago is ended for it.
   *
   * @returns gives the place back, once the connection is idle or ended
   */
  async admit(connector: Connector): Promise<() => void> {
    const release = await this.#inUse.acquire(1);
    this.#admitted += 1;
    const leave = () => {
      this.#admitted -= 1;
      release();
    };
    this.#connectors.delete(connector);
    this.#connectors.add(connector);
    while (this.#isFull(connector)) {
      const oldest = [...this.#connectors].find((other) => other !== connector && other.idle > 0);
      if (oldest === undefined) break;
      // One that could not be ended had died by itself.
      await oldest.dropIdle().catch(() => undefined);
    }
    return leave;
  }

  /** One for all databases: the first to learn how large the server's lock table is says so. */
  locks(total: number): FairSemaphore {
    this.#locks ??= new FairSemaphore(total);
    return this.#locks;
  }

  #isFull(connector: Connector): boolean {
    if (connector.idle > 0) return false;
    let open = this.#admitted;
    for (const { idle } of this.#connectors) open += idle;
    return open > this.most;
  }
}
