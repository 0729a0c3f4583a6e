import type { Connector } from './connector.js';

/** A limit that was learnt from a refused connection is trusted for this time, in milliseconds. */
const LIMIT_TRUSTED_FOR_MS = 60_000;
/** How long a caller waits, in milliseconds, until another caller gives a connection back. */
const WAIT_FOR_SLOT_MS = 30_000;
/** Below this limit (the size of one pool) idle connections are ended soon, since another pool may wait for the room. */
const SMALL_LIMIT = 4;
/** Below that limit, an idle connection is ended after this time, in milliseconds. */
const IDLE_FOR_MS = 500;

/** All connections that the server allows are in use by this worker, and none was given back in time. */
export class NoSlotError extends Error {
  override readonly name = 'NoSlotError';
  constructor(limit: number) {
    super(`The server allows no more than ${limit} connections now, and all of them are in use.`);
  }
}

/**
 * The connections of one role to one server, over all its databases and pairs. If the server limits them (CONNECTION LIMIT of the role or
 * the database, or a full server), transactions wait for a connection that exists. Otherwise this class limits nothing.
 */
export class ConnectionSlots {
  readonly #members = new Set<Connector>();
  /** The CONNECTION LIMITs of the role and the database. */
  #configured = Infinity;
  /** The number of connections at which the server refused another. */
  #refusedLimit = Infinity;
  #refusedAt = -Infinity;
  #inUse = 0;
  readonly #waiting = new Set<() => void>();

  join(connector: Connector): void {
    this.#members.add(connector);
  }

  leave(connector: Connector): void {
    this.#members.delete(connector);
  }

  /** @param limit of CONNECTION LIMIT; null where there is none */
  setLimit(limit: number | null): void {
    this.#configured = limit === null ? Infinity : Math.max(limit, 1);
  }

  /** Whether another connection may be made. */
  hasRoom(): boolean {
    return this.#total() < this.#limit();
  }

  /**
   * Waits until the connector may use one connection, and makes room for it.
   *
   * @returns a function that gives the place back, to be called when the connection is idle or ended
   * @throws NoSlotError
   */
  async enter(connector: Connector): Promise<() => void> {
    const deadline = performance.now() + WAIT_FOR_SLOT_MS;
    while (this.#inUse >= this.#limit()) await this.#nextRelease(deadline);
    this.#inUse += 1;
    while (connector.connections.idle === 0 && !this.hasRoom()) {
      const other = [...this.#members].find(({ connections }) => connections.idle > 0);
      if (other === undefined) break;
      // A connection that could not be ended had been lost before.
      await other.dropIdle().catch(() => undefined);
    }
    return () => {
      this.#inUse -= 1;
      for (const wake of this.#waiting) wake();
      if (this.#limit() < SMALL_LIMIT)
        setTimeout(() => void connector.dropIdle().catch(() => undefined), IDLE_FOR_MS).unref();
    };
  }

  /**
   * Call this when the server has refused a connection.
   *
   * @returns whether this worker has a connection that the caller can wait for
   */
  async refused(): Promise<boolean> {
    const ended = await Promise.all([...this.#members].map((member) => member.ended()));
    const total = this.#total();
    if (total === 0) return ended.includes(true);
    // Connections that are being made at the same moment count in the total. They are refused as well, and each refusal corrects the number.
    this.#refusedLimit = this.#isLimitTrusted() ? Math.min(this.#refusedLimit, total) : total;
    this.#refusedAt = performance.now();
    return true;
  }

  #limit(): number {
    return Math.min(this.#configured, this.#isLimitTrusted() ? this.#refusedLimit : Infinity);
  }

  #isLimitTrusted(): boolean {
    return performance.now() - this.#refusedAt < LIMIT_TRUSTED_FOR_MS;
  }

  #total(): number {
    let total = 0;
    for (const { connections } of this.#members) total += connections.total;
    return total;
  }

  async #nextRelease(deadline: number): Promise<void> {
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

/** There is one instance for each role on each server. */
export class SlotRegistry {
  readonly #slots = new Map<string, ConnectionSlots>();

  of(host: string, port: number, user: string): ConnectionSlots {
    const key = JSON.stringify([host, port, user]);
    const slots = this.#slots.get(key) ?? new ConnectionSlots();
    this.#slots.set(key, slots);
    return slots;
  }
}
