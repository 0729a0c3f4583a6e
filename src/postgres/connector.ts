import type { Duplex } from 'node:stream';
import pg, { type ClientConfig, type PoolClient } from 'pg';
import { classify } from './errors.js';
import { types } from './parsers.js';

const { Pool } = pg;

export interface Connection {
  client: PoolClient;
  /** Whether it has served before: it may have died since without anyone noticing. */
  reused: boolean;
}

/** Milliseconds that an orderly goodbye may take; a half-open connection never answers one. */
const goodbye = 2_000;

/**
 * A pool that tries the next way to connect (with TLS, without) where the server refuses the first, as libpq does for `sslmode` allow and
 * prefer, and that stays with the one that worked.
 */
export class Connector {
  readonly #attempts: readonly ClientConfig[];
  readonly #most: number;
  readonly #onLost: (error: Error) => void;
  readonly #open = new Set<PoolClient>();
  readonly #served = new WeakSet<PoolClient>();
  readonly #ending = new Set<Promise<void>>();
  #current = 0;
  #pool: pg.Pool;

  constructor(attempts: readonly ClientConfig[], most: number, onLost: (error: Error) => void) {
    this.#attempts = attempts;
    this.#most = most;
    this.#onLost = onLost;
    this.#pool = this.#createPool();
  }

  /** No more than `most` may be out at a time: the caller sees to it, since a wait in pg's queue counts as a connect timeout. */
  async connect(): Promise<Connection> {
    const failures = new Map<number, unknown>();
    for (;;) {
      const attempt = this.#current;
      try {
        const client = await this.#pool.connect();
        const reused = this.#served.has(client);
        this.#served.add(client);
        return { client, reused };
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

  /** Connections that nobody uses, and all, those that are being made included. */
  get connections(): { idle: number; total: number } {
    const { idleCount, totalCount } = this.#pool;
    return { idle: idleCount, total: totalCount };
  }

  /** Ends one connection that nobody uses, if there is one, and waits until it has ended. */
  async dropIdle(): Promise<void> {
    if (this.#pool.idleCount === 0) return;
    const client = await this.#pool.connect();
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, goodbye);
      client.once('end', () => {
        clearTimeout(patience);
        resolve();
      });
      client.release(true);
    });
  }

  /** Forgets all idle connections, which have probably died together; those in use end with their use. */
  renew(): void {
    this.#retire(this.#pool);
    this.#pool = this.#createPool();
  }

  /** Ends all; what is still in use is cut after a while. */
  async close(): Promise<void> {
    this.#retire(this.#pool);
    const cut = setTimeout(() => {
      for (const client of this.#open) socketOf(client).destroy();
    }, goodbye);
    try {
      await Promise.all(this.#ending);
    } finally {
      clearTimeout(cut);
    }
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
      ...this.#attempts[this.#current],
      max: this.#most,
      idleTimeoutMillis: 30_000,
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

/** Cuts the socket at once, for a connection that may never answer again. */
export function cut(client: PoolClient): void {
  socketOf(client).destroy();
}

function socketOf(client: PoolClient): Duplex {
  return client.connection.stream;
}

/** The server has no TLS, cannot agree on it, or refuses this user with it, or without it. */
function anotherWayMayWork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (
    code === '28000' ||
    code === 'EPROTO' ||
    (typeof code === 'string' && /^ERR_(?:SSL|OSSL|TLS)_/.test(code)) ||
    error.message === 'The server does not support SSL connections'
  );
}

/** Of several failures, the one that the server itself has explained. */
function mostTelling(failures: readonly unknown[]): unknown {
  return failures.find((failure) => classify(failure).sqlstate !== null) ?? failures.at(-1);
}
