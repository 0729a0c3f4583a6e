import type { Connector } from './connector.js';

/** Milliseconds for which a limit that the server enforced is believed. */
const believedFor = 60_000;
/** Milliseconds that a caller waits for one of our own connections to be given back. */
const patience = 30_000;
/** Fewer connections than a database's pool may have: then none is kept while it is idle, others may wait for it. */
const roomy = 4;
/** Milliseconds after which an idle one is ended then. */
const idleFor = 500;

/** Not even one of the connections that we have was given back in time. */
export class NoSlotError extends Error {
  override readonly name = 'NoSlotError';
  constructor(limit: number) {
    super(`The server allows no more than ${limit} connections now, and all of them are in use.`);
  }
}

/**
 * The connections of one role to one server, over all its databases and pairs. As long as the server sets no limit to them this
 * one does neither. Where it does (CONNECTION LIMIT of the role or the database, or a full server), transactions wait for those that there are.
 */
export class ConnectionSlots {
  readonly #members = new Set<Connector>();
  /** What the server says of the role and the database. */
  #known = Infinity;
  /** How many there were when the server refused one more. */
  #learnt = Infinity;
  #learntAt = -Infinity;
  #inUse = 0;
  readonly #waiting = new Set<() => void>();

  join(connector: Connector): void {
    this.#members.add(connector);
  }

  leave(connector: Connector): void {
    this.#members.delete(connector);
  }

  /** @param limit of CONNECTION LIMIT; null where there is none */
  know(limit: number | null): void {
    this.#known = limit === null ? Infinity : Math.max(limit, 1);
  }

  /** Whether one connection more may be made. */
  hasRoom(): boolean {
    return this.#total() < this.#limit();
  }

  /**
   * Waits until the connector may use one connection, and makes room for it.
   *
   * @returns gives the place back, once the connection is idle or ended
   * @throws NoSlotError
   */
  async enter(connector: Connector): Promise<() => void> {
    const deadline = performance.now() + patience;
    while (this.#inUse >= this.#limit()) await this.#oneGivenBack(deadline);
    this.#inUse += 1;
    while (connector.connections.idle === 0 && !this.hasRoom()) {
      const other = [...this.#members].find(({ connections }) => connections.idle > 0);
      if (other === undefined) break;
      // One that could not be ended had died by itself.
      await other.dropIdle().catch(() => undefined);
    }
    return () => {
      this.#inUse -= 1;
      for (const wake of this.#waiting) wake();
      if (this.#limit() < roomy)
        setTimeout(() => void connector.dropIdle().catch(() => undefined), idleFor).unref();
    };
  }

  /**
   * To be called when the server has refused one connection more.
   *
   * @returns whether one of our own can be waited for
   */
  async refused(): Promise<boolean> {
    const ended = await Promise.all([...this.#members].map((member) => member.ended()));
    const total = this.#total();
    if (total === 0) return ended.includes(true);
    // Others that are being made at the same time are refused as well, and correct it.
    this.#learnt = this.#isBelieved() ? Math.min(this.#learnt, total) : total;
    this.#learntAt = performance.now();
    return true;
  }

  #limit(): number {
    return Math.min(this.#known, this.#isBelieved() ? this.#learnt : Infinity);
  }

  #isBelieved(): boolean {
    return performance.now() - this.#learntAt < believedFor;
  }

  #total(): number {
    let total = 0;
    for (const { connections } of this.#members) total += connections.total;
    return total;
  }

  async #oneGivenBack(deadline: number): Promise<void> {
    let wake: () => void = () => undefined;
    const given = new Promise<boolean>((resolve) => {
      wake = () => {
        resolve(true);
      };
      this.#waiting.add(wake);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), false);
    });
    try {
      if (!(await Promise.race([given, late]))) throw new NoSlotError(this.#limit());
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(wake);
    }
  }
}

/** One for each role on each server. */
export class SlotRegistry {
  readonly #slots = new Map<string, ConnectionSlots>();

  of(host: string, port: number, user: string): ConnectionSlots {
    const key = JSON.stringify([host, port, user]);
    const slots = this.#slots.get(key) ?? new ConnectionSlots();
    this.#slots.set(key, slots);
    return slots;
  }
}
