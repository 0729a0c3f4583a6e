import type { QueryConfig } from 'pg';
import { cut, type Connection } from '../connection/connector.js';
import type { Endpoint, Query, Row, Side, TransactionOptions } from '../endpoint.js';
import {
  ConnectionError,
  NotCommittedError,
  NotReplicatedError,
  WrongServerError,
} from '../failures/errors.js';
import { ReplicationWait } from './replication-wait.js';
import type { LockSettings } from './lock-budget.js';
import { isSameIdentity, likewise, marksSql, type ServerMarks } from './server-marks.js';
import { type GreetingRow, durableSql, greetingSql, milliseconds, settingsSql } from './session-sql.js';
import { type Answer, listed, rowsOf, tagOf } from './answers.js';
import { endsConnection, isTimeout } from './session-failures.js';

/** Milliseconds. */
const defaults = { lockTimeout: 3_000, statementTimeout: 60_000 };
/** How long the server keeps a transaction, and its locks, of a worker that has vanished without closing its connection. */
const idleTimeout = 60_000;
/** How long the statements of a message may take together, where one alone may not take longer. */
const together = 60_000;
/** How much longer than the server's own timeout an answer may take before the connection counts as dead. */
const grace = 10_000;
/** The same where there is no time to lose. */
const briefly = 1_000;
/** Milliseconds that the answer to a cancelled statement may take. */
const cancelled = 3_000;
/** Milliseconds for what waits for nothing on a server that is well: BEGIN and ROLLBACK. */
const promptly = 5_000;

/** What a server says of itself at the beginning of each transaction. */
export interface Greeting {
  systemIdentifier: string;
  /** server_version_num. */
  version: number;
  lockTable: LockSettings;
  /** The most sessions that the server allows the role in this database; null where it sets no limit. */
  connectionLimit: number | null;
}

/** What the first round trip of a transaction brings back. */
export interface Opening {
  greeting: Greeting;
  /** The rows of each statement that went with it. */
  answers: Row[][];
}

/** One transaction on one connection, which is given back, or ended, when the transaction is over. */
export class Session {
  readonly query: Query;
  readonly #connection: Connection;
  readonly #side: Side;
  readonly #address: Endpoint['address'];
  readonly #options: TransactionOptions;
  /** Milliseconds that a statement may take. */
  readonly #statementTimeout: number;
  readonly #hurry: boolean;
  /** Whether statements get less time than was asked for. */
  readonly isHurried: boolean;
  #last: Promise<unknown> = Promise.resolve();
  #over = false;
  #committed = false;
  #dead: unknown;
  /** Whether the server may still be at work on something whose answer is not waited for any more. */
  #isUnanswered = false;

  /** @param hurry nothing may take longer than a BEGIN: who gets no answer until then knows that there is nobody */
  constructor(
    connection: Connection,
    { side, address }: Pick<Endpoint, 'side' | 'address'>,
    options: TransactionOptions,
    hurry = false,
  ) {
    this.#connection = connection;
    this.#side = side;
    this.#address = address;
    this.#options = options;
    const { statementTimeoutMs: asked = defaults.statementTimeout } = options;
    this.isHurried = hurry && asked > promptly;
    this.#hurry = hurry;
    this.#statementTimeout = this.isHurried ? promptly : asked;
    this.query = Object.assign(
      async <R extends Row>(text: string, values?: readonly unknown[]) =>
        rowsOf<R>(await this.#inTurn([text], values)),
      {
        all: async <R extends Row>(texts: readonly string[]) =>
          texts.length === 0 ? [] : listed<R>(await this.#inTurn(texts)),
        last: async <R extends Row>(texts: readonly string[]) => {
          const answer = this.#inTurn([...texts, commit]);
          this.#over = true;
          const results = await answer;
          this.#assertCommitted(results);
          return listed<R>(results).slice(0, texts.length);
        },
      },
    );
  }

  /**
   * One round trip.
   *
   * @param first statements to run right after the beginning
   * @throws WrongServerError, and what the server or the connection raises
   */
  async begin(first: readonly string[] = []): Promise<Opening> {
    return this.#open(first, first.length === 0 ? promptly : this.#patience(first));
  }

  /**
   * Begins, runs the statements and commits, in one round trip. Only for what changes nothing.
   *
   * @throws as `begin`
   */
  async whole(texts: readonly string[]): Promise<Opening> {
    const { greeting, answers } = await this.#open([...texts, commit], this.#patience(texts));
    this.#committed = true;
    return { greeting, answers: answers.slice(0, texts.length) };
  }

  /** Commits, unless that was done with the last statements. */
  async commit(): Promise<void> {
    await this.#last;
    this.#over = true;
    // COMMIT of a transaction in which a statement failed succeeds, and rolls back.
    if (!this.#committed) this.#assertCommitted(await this.#ask([commit]));
    this.#connection.release();
  }

  /** Rolls back, so that another session can have the connection. @throws what the connection raises */
  async rollBack(): Promise<void> {
    this.#over = true;
    await this.#send(['ROLLBACK'], promptly);
  }

  /** Rolls back and gives the connection back, or ends it where that cannot be. */
  async abandon(dead = this.#dead !== undefined): Promise<void> {
    this.#over = true;
    await this.#last;
    try {
      if (!dead) {
        await this.rollBack();
        this.#connection.release();
        return;
      }
    } catch {
      // What failed first is what the caller hears of.
    }
    // A backend that nobody waits for any more would go on, and keep its locks. A server that cannot be reached is not waited for.
    if (this.#isUnanswered) this.#connection.requestCancel().catch(() => undefined);
    cut(this.#connection.client);
    this.#connection.release(true);
  }

  async #open(texts: readonly string[], timeout: number): Promise<Opening> {
    const beginning = this.#beginning();
    const answer = this.#send([...beginning, ...texts], timeout);
    const results = listed(
      await answer.catch(async (error: unknown) => {
        if (texts.length > 0 && !endsConnection(error)) await this.#assertExpected();
        throw error;
      }),
    );
    return { greeting: this.#greeting(results), answers: results.slice(beginning.length) };
  }

  /** Only of the expected server an error says something. @throws WrongServerError, and what the connection raises */
  async #assertExpected(): Promise<void> {
    if (this.#options.expected === null) return;
    const results = listed(await this.#send(['ROLLBACK', ...this.#beginning()], promptly));
    this.#greeting(results.slice(1));
  }

  /** Milliseconds that the answer to a message may take. */
  #patience(texts: readonly string[]): number {
    const one = this.#statementTimeout;
    return this.#hurry ? one + briefly : Math.max(one, Math.min(one * texts.length, together)) + grace;
  }

  /** One after the other, also where the work does not wait for each; and none on a connection that others use by then. */
  #inTurn(texts: readonly string[], values?: readonly unknown[]): Promise<Answer> {
    const isOver = this.#over;
    const answer = this.#last.then(() => {
      if (isOver || this.#committed)
        throw new Error(`A query came after the end of its transaction on the ${this.#side}.`);
      return this.#ask(texts, values);
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #ask(texts: readonly string[], values?: readonly unknown[]): Promise<Answer> {
    const isCommit = texts.at(-1) === commit;
    const wait = isCommit ? new ReplicationWait(this.#connection) : null;
    try {
      const answer = await this.#send(texts, this.#patience(texts), values);
      if (wait?.wasCancelled !== true) return answer;
      this.#dead ??= new NotReplicatedError(this.#side, null);
      throw this.#dead;
    } catch (error) {
      if (error instanceof NotReplicatedError || !endsConnection(error)) throw error;
      this.#dead ??=
        isCommit && isTimeout(error) && (await this.#waitsForReplication())
          ? new NotReplicatedError(this.#side, error)
          : new ConnectionError(this.#side, this.#address, 'was lost', error);
      throw this.#dead;
    } finally {
      wait?.end();
    }
  }

  /** One message. Without values it goes by the simple protocol, and may then be several statements. */
  async #send(texts: readonly string[], timeout: number, values?: readonly unknown[]): Promise<Answer> {
    const config: QueryConfig & { query_timeout: number } = {
      text: texts.join(';\n'),
      query_timeout: timeout,
      ...(values !== undefined && { values: [...values] }),
    };
    try {
      return (await this.#connection.client.query(config)) as Answer;
    } catch (error) {
      // The server's own errors are answers.
      this.#isUnanswered = !(error instanceof Error && 'severity' in error);
      throw error;
    }
  }

  /**
   * Cancels a COMMIT that did not answer. One that waits for a synchronous standby of the server ends at once then, done on this
   * server, with a warning: https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA
   */
  async #waitsForReplication(): Promise<boolean> {
    const { client } = this.#connection;
    return new Promise((resolve) => {
      const onNotice = ({ routine }: { routine?: string | undefined }) => {
        if (routine === 'SyncRepWaitForLSN') end(true);
      };
      const onOver = () => {
        end(false);
      };
      const timer = setTimeout(onOver, cancelled);
      const end = (found: boolean) => {
        clearTimeout(timer);
        client.off('notice', onNotice).off('end', onOver);
        resolve(found);
      };
      client.on('notice', onNotice).on('end', onOver);
      this.#connection.requestCancel().catch(onOver);
    });
  }

  #assertCommitted(results: Answer): void {
    if (tagOf(results) === 'ROLLBACK') throw new NotCommittedError(this.#side);
    this.#committed = true;
  }

  /**
   * All that the transaction relies on, for transaction poolers keep nothing of a session. The search path comes first: an object of the
   * same name in a schema of the database's users must not stand in for the catalog's.
   */
  #beginning(): string[] {
    const { access, expected, lockTimeoutMs = defaults.lockTimeout } = this.#options;
    return [
      `BEGIN ISOLATION LEVEL READ COMMITTED, ${access === 'read write' ? 'READ WRITE' : 'READ ONLY'}`,
      'SET LOCAL search_path TO pg_catalog, pg_temp',
      settingsSql,
      `SET LOCAL lock_timeout TO ${milliseconds(lockTimeoutMs)}`,
      `SET LOCAL statement_timeout TO ${milliseconds(this.#statementTimeout)}`,
      `SET LOCAL idle_in_transaction_session_timeout TO ${milliseconds(idleTimeout)}`,
      ...(access === 'read write' ? [durableSql] : []),
      ...(expected?.mark === undefined ? [] : [marksSql]),
      greetingSql,
    ];
  }

  /** @throws WrongServerError */
  #greeting(rows: readonly Row[][]): Greeting {
    const { expected } = this.#options;
    const last = this.#beginning().length - 1;
    const [row] = rows[last] as GreetingRow[];
    if (row === undefined) throw new Error(`The ${this.#side} returned no row for its identity.`);
    const { systemIdentifier, databaseOid, database, version, connectionLimit } = row;
    const { maxLocksPerTransaction, maxConnections, maxPreparedTransactions } = row;
    const lockTable = { maxLocksPerTransaction, maxConnections, maxPreparedTransactions };
    if (expected) {
      const [marks] = (expected.mark === undefined ? [] : rows[last - 1]) as ServerMarks[];
      const mark = expected.mark && marks && likewise(expected.mark, marks);
      const found = { systemIdentifier, databaseOid, database, ...(mark && { mark }) };
      if (!isSameIdentity(expected, found))
        throw new WrongServerError(this.#side, this.#address, expected, found);
    }
    return { systemIdentifier, version, lockTable, connectionLimit };
  }
}

const commit = 'COMMIT';
