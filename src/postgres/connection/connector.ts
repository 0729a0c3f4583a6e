import type { Duplex } from 'node:stream';
import pg, { type ClientConfig, type PoolClient } from 'pg';
import { requestCancel } from './cancel-request.js';
import { waitEventOf } from './wait-event.js';
import { types } from './parsers.js';
import { mayTryNextTlsMode, reportedByServer } from './connection-failures.js';

const { Pool } = pg;

export interface Connection {
  client: PoolClient;
  /** Whether the connection was used before. If so, it may have been lost since without notice. */
  reused: boolean;
  /** Whether it was made or used a moment ago. A connection that was idle for longer may be half-open: the server is gone, and the socket does not show it. */
  fresh: boolean;
  /** Gives the connection back, or ends it if it must not be used again. */
  release(destroy?: boolean): void;
  /** Asks the server to cancel the statement of the session. Returns when the request was passed on or has failed. Never throws. */
  requestCancel(): Promise<void>;
  /** The present wait event of the session, see `waitEventOf`. */
  waitEvent(): Promise<string | null>;
}

/** The connection that the caller prefers. */
export interface ConnectionPreference {
  /** A key: preferably the connection that was used with the same key before. */
  affinity: string | null;
  /** A new connection. */
  isNew: boolean;
  /** Whether another connection may be made. Called only if an existing one would do as well. */
  mayOpen: () => boolean;
}

/** Time in milliseconds for closing a connection in order. A half-open connection never answers. */
const CLOSE_WITHIN_MS = 2_000;
/** Milliseconds since its last use. */
const FRESH_FOR_MS = 100;
/** An idle connection is ended after this time, in milliseconds. It outlasts the minute between two rechecks, which are faster with cached sessions. */
const IDLE_FOR_MS = 120_000;
/** The number of affinities whose connections are remembered. */
const MOST_AFFINITIES = 2_000;

/** At most one connection, made when it is needed and ended when it is not. */
interface Lane {
  pool: pg.Pool;
  busy: boolean;
  /** The number of affinities that use it. */
  affinities: number;
  /** When it was used last, by `performance.now()`. */
  usedAt: number;
}

/**
 * Makes connections. If the server refuses the first way to connect (with TLS or without), the next is tried, as in libpq with `sslmode`
 * allow and prefer. The way that worked is kept.
 */
export class Connector {
  readonly #attempts: readonly ClientConfig[];
  readonly #onLost: (error: Error) => void;
  readonly #lanes: readonly Lane[];
  readonly #byAffinity = new Map<string, Lane>();
  readonly #waiting: (() => void)[] = [];
  readonly #open = new Set<PoolClient>();
  readonly #served = new WeakSet<PoolClient>();
  readonly #ending = new Set<Promise<void>>();
  #current = 0;

  constructor(attempts: readonly ClientConfig[], most: number, onLost: (error: Error) => void) {
    this.#attempts = attempts;
    this.#onLost = onLost;
    this.#lanes = Array.from({ length: most }, () => ({
      ...{ pool: this.#createPool(), busy: false, affinities: 0, usedAt: 0 },
    }));
  }

  /** Waits for a connection if `most` are in use. This wait has no limit, so a caller with a limit has to make sure that fewer are in use. */
  async connect(preference: ConnectionPreference): Promise<Connection> {
    let lane = this.#choose(preference);
    while (lane === null) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      lane = this.#choose(preference);
    }
    // There is no await between the check and the count, so the limit cannot be exceeded.
    return this.#connectBy(lane, preference);
  }

  /** The number of idle connections, and of all, including those that are being made. */
  get connections(): { idle: number; total: number } {
    const total = this.#lanes.reduce((sum, { pool }) => sum + pool.totalCount, 0);
    return { idle: this.#idle().length, total };
  }

  /** Ends one idle connection, if there is one, and waits until it has ended. */
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

  /** Drops all idle connections, which were probably lost together. Those in use end after their use. */
  renew(): void {
    for (const lane of this.#lanes) {
      this.#retire(lane.pool);
      lane.pool = this.#createPool();
    }
  }

  /** Ends all connections. The statements of those that are still in use after a while are cancelled, and their sockets closed. */
  async close(): Promise<void> {
    for (const { pool } of this.#lanes) this.#retire(pool);
    const destroySocket = setTimeout(() => {
      for (const client of this.#open) {
        // The pool must not count as ended before, or the process could exit before the request is sent.
        const cancelled = requestCancel(this.#config, client).then(() => {
          socketOf(client).destroy();
          this.#ending.delete(cancelled);
        });
        this.#ending.add(cancelled);
      }
    }, CLOSE_WITHIN_MS);
    try {
      await Promise.all(this.#ending);
    } finally {
      clearTimeout(destroySocket);
    }
  }

  get #config(): ClientConfig {
    return this.#attempts[this.#current] ?? {};
  }

  async #connectBy(lane: Lane, { isNew }: ConnectionPreference): Promise<Connection> {
    lane.busy = true;
    try {
      if (isNew && isConnected(lane)) await this.#tracked(endIdle(lane));
      const client = await this.#clientOf(lane);
      const reused = this.#served.has(client);
      const fresh = !reused || performance.now() - lane.usedAt < FRESH_FOR_MS;
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
        if (next < 0 || !mayTryNextTlsMode(error)) throw reportedByServer([...failures.values()]);
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

  /** The lanes with an idle connection. */
  #idle(): Lane[] {
    return this.#lanes.filter((lane) => !lane.busy && isConnected(lane)).sort(lastUsedFirst);
  }

  #choose({ affinity, isNew, mayOpen }: ConnectionPreference): Lane | null {
    const connected = this.#idle();
    const all = [...connected, ...this.#lanes.filter((lane) => !lane.busy && !isConnected(lane))];
    const usable = connected.length === 0 || mayOpen() ? all : connected;
    // Choose the session that has the least in its cache.
    const [fewest = null] = usable.toSorted((a, b) => a.affinities - b.affinities);
    if (isNew) return usable.find((lane) => !isConnected(lane)) ?? fewest;
    if (affinity === null) return all[0] ?? null;
    const known = this.#byAffinity.get(affinity);
    if (known !== undefined) return usable.find((lane) => lane === known) ?? usable[0] ?? null;
    if (fewest !== null) this.#assign(affinity, fewest);
    return fewest;
  }

  #assign(affinity: string, lane: Lane): void {
    if (this.#byAffinity.size >= MOST_AFFINITIES) {
      this.#byAffinity.clear();
      for (const one of this.#lanes) one.affinities = 0;
    }
    this.#byAffinity.set(affinity, lane);
    lane.affinities += 1;
  }

  #retire(pool: pg.Pool): void {
    // pg serves a request for a connection in the next turn of the event loop, and drops it if the pool ends before.
    const ended = new Promise((resolve) => setImmediate(resolve))
      .then(() => (pool.ending ? undefined : pool.end()))
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  #createPool(): pg.Pool {
    const pool = new Pool({
      ...this.#config,
      max: 1,
      idleTimeoutMillis: IDLE_FOR_MS,
      types,
    });
    // Without a listener, a lost connection ends the process, whether it was idle or in use.
    pool.on('error', this.#onLost);
    pool.on('connect', (client) => {
      this.#open.add(client);
      client.on('error', () => undefined);
    });
    pool.on('remove', (client) => this.#open.delete(client));
    return pool;
  }
}

/** Ends the connection of a lane that the caller holds, and waits until it has ended. */
async function endIdle({ pool }: Lane): Promise<void> {
  const client = await pool.connect();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    client.once('end', () => {
      clearTimeout(timer);
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

/** Closes the socket at once, for a connection that may never answer again. */
export function cut(client: PoolClient): void {
  socketOf(client).destroy();
}

function socketOf(client: PoolClient): Duplex {
  return client.connection.stream;
}
