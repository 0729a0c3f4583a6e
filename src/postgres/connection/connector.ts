import type { Duplex } from 'node:stream';
import pg, { type ClientConfig, type PoolClient } from 'pg';
import { requestCancel } from './cancel-request.js';
import { waitEventOf } from './wait-event.js';
import { types } from './parsers.js';
import { anotherWayMayWork, mostTelling } from './connection-failures.js';

const { Pool } = pg;

export interface Connection {
  client: PoolClient;
  /** Whether it has served before: it may have died since without anyone noticing. */
  reused: boolean;
  /** Whether it was made or used a moment ago. One that was idle for longer may be half-open: nobody answers, and nobody says so. */
  fresh: boolean;
  /** Gives it back, or ends it where it must not be used again. */
  release(destroy?: boolean): void;
  /** Asks the server to cancel what the session is doing; ends when it was asked, or cannot be. Never throws. */
  requestCancel(): Promise<void>;
  /** What the session waits for now, see `waitEventOf`. */
  waitEvent(): Promise<string | null>;
}

/** Which connection is wanted. */
export interface Wish {
  /** The one that was used for it before. */
  topic: string | null;
  /** None that there is. */
  isNew: boolean;
  /** Asked where another one would do: whether one more may be made. */
  mayOpen: () => boolean;
}

/** Milliseconds that an orderly goodbye may take; a half-open connection never answers one. */
const goodbye = 2_000;
/** Milliseconds since its last use. */
const freshFor = 100;
/** Milliseconds after which an idle connection is ended: a run at its gate looks every minute, and is quicker with what its sessions know. */
const idleFor = 120_000;
/** Topics whose connections are remembered. */
const mostTopics = 2_000;

/** At most one connection, made when it is needed and ended when it is not. */
interface Lane {
  pool: pg.Pool;
  busy: boolean;
  /** How many topics it serves. */
  topics: number;
  /** When it was used last, by `performance.now()`. */
  usedAt: number;
}

/**
 * Connections that try the next way to connect (with TLS, without) where the server refuses the first, as libpq does for `sslmode` allow and
 * prefer, and that stay with the one that worked.
 */
export class Connector {
  readonly #attempts: readonly ClientConfig[];
  readonly #onLost: (error: Error) => void;
  readonly #lanes: readonly Lane[];
  readonly #byTopic = new Map<string, Lane>();
  readonly #waiting: (() => void)[] = [];
  readonly #open = new Set<PoolClient>();
  readonly #served = new WeakSet<PoolClient>();
  readonly #ending = new Set<Promise<void>>();
  #current = 0;

  constructor(attempts: readonly ClientConfig[], most: number, onLost: (error: Error) => void) {
    this.#attempts = attempts;
    this.#onLost = onLost;
    this.#lanes = Array.from({ length: most }, () => ({
      ...{ pool: this.#createPool(), busy: false, topics: 0, usedAt: 0 },
    }));
  }

  /** Waits for a connection where `most` are out; a caller that bounds its wait sees to it that fewer are. */
  async connect(wish: Wish): Promise<Connection> {
    let lane = this.#choose(wish);
    while (lane === null) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      lane = this.#choose(wish);
    }
    // Counted as one that is made from the very moment at which it was allowed.
    return this.#connectBy(lane, wish);
  }

  /** Connections that nobody uses, and all, those that are being made included. */
  get connections(): { idle: number; total: number } {
    const total = this.#lanes.reduce((sum, { pool }) => sum + pool.totalCount, 0);
    return { idle: this.#idle().length, total };
  }

  /** Ends one connection that nobody uses, if there is one, and waits until it has ended. */
  async dropIdle(): Promise<void> {
    const lane = this.#idle().at(-1);
    if (lane === undefined) return;
    lane.busy = true;
    try {
      await this.#tracked(endIdle(lane));
    } finally {
      this.#giveBack(lane);
    }
  }

  /** Waits for connections that are being ended. @returns whether there were any */
  async ended(): Promise<boolean> {
    const ending = [...this.#ending];
    await Promise.allSettled(ending);
    return ending.length > 0;
  }

  /** Forgets all idle connections, which have probably died together; those in use end with their use. */
  renew(): void {
    for (const lane of this.#lanes) {
      this.#retire(lane.pool);
      lane.pool = this.#createPool();
    }
  }

  /** Ends all; what is still in use after a while is cancelled and cut. */
  async close(): Promise<void> {
    for (const { pool } of this.#lanes) this.#retire(pool);
    const cut = setTimeout(() => {
      for (const client of this.#open) {
        // Before the pool counts as ended, so that the process does not exit with the request unsent.
        const cancelled = requestCancel(this.#config, client).then(() => {
          socketOf(client).destroy();
          this.#ending.delete(cancelled);
        });
        this.#ending.add(cancelled);
      }
    }, goodbye);
    try {
      await Promise.all(this.#ending);
    } finally {
      clearTimeout(cut);
    }
  }

  get #config(): ClientConfig {
    return this.#attempts[this.#current] ?? {};
  }

  async #connectBy(lane: Lane, { isNew }: Wish): Promise<Connection> {
    lane.busy = true;
    try {
      if (isNew && isConnected(lane)) await this.#tracked(endIdle(lane));
      const client = await this.#clientOf(lane);
      const reused = this.#served.has(client);
      const fresh = !reused || performance.now() - lane.usedAt < freshFor;
      this.#served.add(client);
      return {
        client,
        reused,
        fresh,
        release: (destroy = false) => {
          lane.usedAt = performance.now();
          client.release(destroy);
          this.#giveBack(lane);
        },
        requestCancel: () => requestCancel(this.#config, client),
        waitEvent: () => waitEventOf(this.#config, client),
      };
    } catch (error) {
      this.#giveBack(lane);
      throw error;
    }
  }

  async #clientOf(lane: Lane): Promise<PoolClient> {
    const failures = new Map<number, unknown>();
    for (;;) {
      const attempt = this.#current;
      try {
        return await lane.pool.connect();
      } catch (error) {
        failures.set(attempt, error);
        const next = this.#attempts.findIndex((_, index) => !failures.has(index));
        if (next < 0 || !anotherWayMayWork(error)) throw mostTelling([...failures.values()]);
        // Unless another caller has changed it meanwhile.
        if (this.#current === attempt) {
          this.#current = next;
          this.renew();
        }
      }
    }
  }

  async #tracked(end: Promise<void>): Promise<void> {
    this.#ending.add(end);
    try {
      await end;
    } finally {
      this.#ending.delete(end);
    }
  }

  #giveBack(lane: Lane): void {
    lane.busy = false;
    this.#waiting.shift()?.();
  }

  /** Those whose connections nobody uses. */
  #idle(): Lane[] {
    return this.#lanes.filter((lane) => !lane.busy && isConnected(lane)).sort(lastUsedFirst);
  }

  #choose({ topic, isNew, mayOpen }: Wish): Lane | null {
    const connected = this.#idle();
    const all = [...connected, ...this.#lanes.filter((lane) => !lane.busy && !isConnected(lane))];
    const usable = connected.length === 0 || mayOpen() ? all : connected;
    // One whose session knows the least.
    const [fewest = null] = usable.toSorted((a, b) => a.topics - b.topics);
    if (isNew) return usable.find((lane) => !isConnected(lane)) ?? fewest;
    if (topic === null) return all[0] ?? null;
    const known = this.#byTopic.get(topic);
    if (known !== undefined) return usable.find((lane) => lane === known) ?? usable[0] ?? null;
    if (fewest !== null) this.#assign(topic, fewest);
    return fewest;
  }

  #assign(topic: string, lane: Lane): void {
    if (this.#byTopic.size >= mostTopics) {
      this.#byTopic.clear();
      for (const one of this.#lanes) one.topics = 0;
    }
    this.#byTopic.set(topic, lane);
    lane.topics += 1;
  }

  #retire(pool: pg.Pool): void {
    // A connection that was asked for in this very turn is handed out in the next; pg forgets the wish when the pool ends first.
    const ended = new Promise((resolve) => setImmediate(resolve))
      .then(() => (pool.ending ? undefined : pool.end()))
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  #createPool(): pg.Pool {
    const pool = new Pool({
      ...this.#config,
      max: 1,
      idleTimeoutMillis: idleFor,
      types,
    });
    // Without a listener a connection that is lost while idle ends the process, and so does one that is lost while in use.
    pool.on('error', this.#onLost);
    pool.on('connect', (client) => {
      this.#open.add(client);
      client.on('error', () => undefined);
    });
    pool.on('remove', (client) => this.#open.delete(client));
    return pool;
  }
}

/** Ends the connection of a lane that is the caller's, and waits until it has ended. */
async function endIdle({ pool }: Lane): Promise<void> {
  const client = await pool.connect();
  await new Promise<void>((resolve) => {
    const patience = setTimeout(resolve, goodbye);
    client.once('end', () => {
      clearTimeout(patience);
      resolve();
    });
    client.release(true);
  });
}

function isConnected({ pool }: Lane): boolean {
  return pool.idleCount > 0;
}

function lastUsedFirst(a: Lane, b: Lane): number {
  return b.usedAt - a.usedAt;
}

/** Cuts the socket at once, for a connection that may never answer again. */
export function cut(client: PoolClient): void {
  socketOf(client).destroy();
}

function socketOf(client: PoolClient): Duplex {
  return client.connection.stream;
}
