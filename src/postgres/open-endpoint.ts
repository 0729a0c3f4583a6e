import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import type { Identity } from '../contract/steps.js';
import { readConnection, type ConnectionConfig } from './connection-config.js';
import { Connector, cut, type Connection } from './connector.js';
import type { Endpoint, Query, Row, Side, TransactionOptions } from './endpoint.js';
import { classify, ConnectionError, NotCommittedError, WrongServerError } from './errors.js';
import { FairSemaphore } from './fair-semaphore.js';
import { lockBudget, type LockBudget } from './lock-budget.js';
import { scrubError } from './secrets.js';
import { isSameIdentity, likewise, readServerMarks } from './server-marks.js';
import type { ServerShare } from './server-share.js';

export interface EndpointOptions {
  /** Where libpq's variables are read; default: the process's own environment. */
  env?: NodeJS.ProcessEnv;
  /** Told of each connection that is lost while idle, which the next transaction replaces; the error is scrubbed. */
  onConnectionLost?: (error: Error) => void;
  /** What the endpoints of one server's databases share; without it the endpoint has the server to itself. */
  share?: ServerShare;
}

const mostConnections = 4;

/** Milliseconds. */
const defaults = { lockTimeout: 3_000, statementTimeout: 60_000 };
/** How long the server keeps a transaction, and its locks, of a worker that has vanished without closing its connection. */
const idleTimeout = 60_000;
/** How much longer than the server's own timeout an answer may take before the connection counts as dead. */
const grace = 10_000;
/** Milliseconds for what waits for nothing on a server that is well: BEGIN and ROLLBACK. */
const promptly = 5_000;

/**
 * Reaches one database. Nothing is connected before it is used.
 *
 * @param url as psql takes it, see {@link readConnection}
 * @throws InvalidConnectionError
 */
export function openEndpoint(side: Side, url: string, options: EndpointOptions = {}): Endpoint {
  return new PooledEndpoint(side, readConnection(side, url, options.env), options);
}

class PooledEndpoint implements Endpoint {
  readonly side: Side;
  readonly address: Endpoint['address'];
  readonly #secrets: Set<string>;
  readonly #connector: Connector;
  readonly #connections = new FairSemaphore(mostConnections);
  readonly #share: ServerShare | undefined;
  #locks: Promise<{ budget: LockBudget; semaphore: FairSemaphore }> | null = null;

  constructor(side: Side, config: ConnectionConfig, { onConnectionLost, share }: EndpointOptions) {
    this.side = side;
    this.address = config.address;
    this.#secrets = config.secrets;
    this.#connector = new Connector(config.attempts, mostConnections, (error) => {
      scrubError(error, this.#secrets);
      onConnectionLost?.(error);
    });
    this.#share = share;
    share?.join(this.#connector);
  }

  async locksPerTransaction(): Promise<number> {
    return (await this.#lockTable()).budget.perTransaction;
  }

  async transaction<T>(options: TransactionOptions, work: (query: Query) => Promise<T>): Promise<T> {
    // Locks first, always: who holds a connection never waits for locks.
    const releaseLocks = options.locks > 0 ? await this.#acquireLocks(options.locks) : () => undefined;
    try {
      const releaseConnection = await this.#connections.acquire(1);
      try {
        const releaseShare = await this.#share?.admit(this.#connector);
        try {
          return await this.#run(options, work);
        } finally {
          releaseShare?.();
        }
      } finally {
        releaseConnection();
      }
    } catch (error) {
      throw scrubError(error, this.#secrets);
    } finally {
      releaseLocks();
    }
  }

  close(): Promise<void> {
    this.#share?.leave(this.#connector);
    return this.#connector.close();
  }

  async #acquireLocks(amount: number): Promise<() => void> {
    return (await this.#lockTable()).semaphore.acquire(amount);
  }

  /** Read once; a failure is not kept. */
  #lockTable(): Promise<{ budget: LockBudget; semaphore: FairSemaphore }> {
    this.#locks ??= this.#readLockBudget().then(
      // The lock table is the server's, whichever of its databases a lock is in.
      (budget) => ({
        budget,
        semaphore: this.#share?.locks(budget.total) ?? new FairSemaphore(budget.total),
      }),
      (error: unknown) => {
        this.#locks = null;
        throw error;
      },
    );
    return this.#locks;
  }

  async #readLockBudget(): Promise<LockBudget> {
    const [row] = await this.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
      query<{ locks: number; connections: number; prepared: number }>(
        `SELECT current_setting('max_locks_per_transaction')::integer AS locks,
                current_setting('max_connections')::integer AS connections,
                current_setting('max_prepared_transactions')::integer AS prepared`,
      ),
    );
    if (!row) throw new Error(`The ${this.side} returned no row for its lock settings.`);
    return lockBudget({
      maxLocksPerTransaction: row.locks,
      maxConnections: row.connections,
      maxPreparedTransactions: row.prepared,
    });
  }

  async #run<T>(options: TransactionOptions, work: (query: Query) => Promise<T>): Promise<T> {
    const { client, identity } = await this.#begin(options);
    const statementTimeout = (options.statementTimeoutMs ?? defaults.statementTimeout) + grace;
    let dead: unknown;
    const ask = async (text: string, values?: readonly unknown[]) => {
      try {
        return await send(client, text, statementTimeout, values);
      } catch (error) {
        if (!endsConnection(error)) throw error;
        dead ??= new ConnectionError(this.side, this.address, 'was lost', error);
        throw dead;
      }
    };
    let over = false;
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = (text: string, values?: readonly unknown[]) => {
      // One after the other, also where the work does not wait for each; and none on a connection that others use by then.
      const answer = last.then(() => {
        if (over) throw new Error(`A query came after the end of its transaction on the ${this.side}.`);
        return ask(text, values);
      });
      last = answer.catch(() => undefined);
      return answer;
    };
    const query: Query = Object.assign(
      async <R extends Row>(text: string, values?: readonly unknown[]) =>
        rowsOf<R>(await inTurn(text, values)),
      {
        all: async <R extends Row>(texts: readonly string[]) =>
          texts.length === 0
            ? []
            : [await inTurn(texts.join(';\n'))].flat().map((result) => rowsOf<R>(result)),
      },
    );

    try {
      const { expected } = options;
      if (expected) {
        const mark = expected.mark && likewise(expected.mark, await readServerMarks(query));
        const found = { ...identity, ...(mark && { mark }) };
        if (!isSameIdentity(expected, found))
          throw new WrongServerError(this.side, this.address, expected, found);
      }
      const result = await work(query);
      await last;
      over = true;
      const committed = await ask('COMMIT');
      // COMMIT of a transaction in which a statement failed succeeds, and rolls back.
      if (tagOf(committed) === 'ROLLBACK') throw new NotCommittedError(this.side);
      client.release();
      return result;
    } catch (error) {
      over = true;
      await last;
      await this.#abandon(client, dead !== undefined);
      throw error;
    }
  }

  /** One round trip. A connection that died while idle is replaced: nothing was done on it yet. */
  async #begin(options: TransactionOptions): Promise<{ client: PoolClient; identity: Identity }> {
    for (;;) {
      let connection: Connection;
      try {
        connection = await this.#connector.connect();
      } catch (error) {
        throw new ConnectionError(this.side, this.address, 'cannot be reached', error);
      }
      const { client, reused } = connection;
      try {
        const results = await send(client, beginning(options), promptly);
        const [identity] = rowsOf<Row & Identity>(results);
        if (!identity) throw new Error(`The ${this.side} returned no row for its identity.`);
        return { client, identity };
      } catch (error) {
        const ended = endsConnection(error);
        await this.#abandon(client, ended);
        if (!ended) throw error;
        if (!reused) throw new ConnectionError(this.side, this.address, 'was lost', error);
        this.#connector.renew();
      }
    }
  }

  /** Rolls back and keeps the connection, or ends it where that cannot be. */
  async #abandon(client: PoolClient, dead: boolean): Promise<void> {
    try {
      if (!dead) {
        await send(client, 'ROLLBACK', promptly);
        client.release();
        return;
      }
    } catch {
      // What failed first is what the caller hears of.
    }
    cut(client);
    client.release(true);
  }
}

/**
 * All that the transaction relies on, for transaction poolers keep nothing of a session. The search path comes first: an object of the
 * same name in a schema of the database's users must not stand in for the catalog's.
 */
function beginning(options: TransactionOptions): string {
  const {
    access,
    lockTimeoutMs = defaults.lockTimeout,
    statementTimeoutMs = defaults.statementTimeout,
  } = options;
  return [
    `BEGIN ISOLATION LEVEL READ COMMITTED, ${access === 'read write' ? 'READ WRITE' : 'READ ONLY'}`,
    'SET LOCAL search_path TO pg_catalog, pg_temp',
    `SET LOCAL lock_timeout TO ${milliseconds(lockTimeoutMs)}`,
    `SET LOCAL statement_timeout TO ${milliseconds(statementTimeoutMs)}`,
    `SET LOCAL idle_in_transaction_session_timeout TO ${milliseconds(idleTimeout)}`,
    ...(access === 'read write' ? ['SET LOCAL synchronous_commit TO on'] : []),
    `SELECT system_identifier::text AS "systemIdentifier", oid::text AS "databaseOid", datname AS "database"
     FROM pg_catalog.pg_control_system(), pg_catalog.pg_database WHERE datname = pg_catalog.current_database()`,
  ].join(';\n');
}

function milliseconds(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > 2_147_483_647) {
    throw new RangeError(`A timeout has to be from 1 to 2147483647 milliseconds, not ${value}.`);
  }
  return value;
}

/** A statement without values goes by the simple protocol, and may then be several. */
async function send(
  client: PoolClient,
  text: string,
  timeout: number,
  values?: readonly unknown[],
): Promise<QueryResult | QueryResult[]> {
  const config: QueryConfig & { query_timeout: number } = {
    text,
    query_timeout: timeout,
    ...(values !== undefined && { values: [...values] }),
  };
  return (await client.query(config)) as QueryResult | QueryResult[];
}

function rowsOf<R extends Row>(results: QueryResult | QueryResult[]): R[] {
  return ((Array.isArray(results) ? results.at(-1) : results)?.rows ?? []) as R[];
}

function tagOf(results: QueryResult | QueryResult[]): string | undefined {
  return (Array.isArray(results) ? results.at(-1) : results)?.command;
}

/** Whether the session is gone, or must not be used again: a timeout leaves an answer on its way. */
function endsConnection(error: unknown): boolean {
  if (error instanceof Error && 'severity' in error)
    return error.severity === 'FATAL' || error.severity === 'PANIC';
  return classify(error).scope === 'connection';
}
