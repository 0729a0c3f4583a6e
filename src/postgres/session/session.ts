import type { QueryConfig } from 'pg';
import { backendKeyOf } from '../connection/backend-key.js';
import { cut, type Connection } from '../connection/connector.js';
import type { Endpoint, Query, Row, Side, TransactionOptions } from '../endpoint.js';
import {
  ConnectionError,
  NotCommittedError,
  NotReplicatedError,
  WrongServerError,
} from '../failures/errors.js';
import { noteLogin } from '../failures/login.js';
import { MessageTimeouts, SHORT_TIMEOUT_MS } from './message-timeouts.js';
import { ReplicationWait, waitsForReplication } from './replication-wait.js';
import type { Greeting, Opening } from './opening.js';
import { type KeptPlans, keptPlans } from './kept-plans.js';
import { isSameIdentity, markOfSameKind, marksSql, type ServerMarks } from './server-marks.js';
import type { SessionOptions } from './session-options.js';
import { type GreetingRow, durableSql, greetingSql, milliseconds, settingsSql } from './session-sql.js';
import { type Answer, rowsOfEach, rowsOfLast, commandTagOf } from './answers.js';
import { endsConnection, isPlanLost, isTimeout, PlansLostError } from './session-failures.js';

/** In milliseconds. */
const defaults = { lockTimeout: 3_000, statementTimeout: 60_000 };
/** In milliseconds: the server ends an idle transaction of a worker that vanished without closing its connection after this time. */
const IDLE_TIMEOUT_MS = 60_000;

/** One transaction on one connection. When the transaction is over, the connection is given back or ended. */
export class Session {
  readonly query: Query;
  readonly #connection: Connection;
  readonly #side: Side;
  readonly #address: Endpoint['address'];
  readonly #options: TransactionOptions;
  readonly #timeouts: MessageTimeouts;
  readonly #beginsAlone: boolean;
  readonly #plans: KeptPlans;
  readonly #dropsPlans: boolean;
  /** The statement_timeout that the server has been told, in milliseconds. */
  #toldTimeout = 0;
  #last: Promise<unknown> = Promise.resolve();
  #over = false;
  #committed = false;
  #dead: unknown;
  /** Whether the server may still be running a statement for whose answer the session no longer waits. */
  #isUnanswered = false;

  constructor(
    connection: Connection,
    { side, address }: Pick<Endpoint, 'side' | 'address'>,
    options: TransactionOptions,
    sessionOptions: SessionOptions = {},
  ) {
    this.#connection = connection;
    this.#side = side;
    this.#address = address;
    this.#options = options;
    this.#timeouts = new MessageTimeouts(
      options.statementTimeoutMs ?? defaults.statementTimeout,
      sessionOptions,
    );
    this.#beginsAlone = sessionOptions.beginsAlone ?? false;
    this.#plans = keptPlans(connection.client);
    this.#dropsPlans = this.#plans.dropStale();
    this.query = Object.assign(
      async <R extends Row>(text: string, values?: readonly unknown[]) =>
        rowsOfLast<R>(await this.#enqueue([text], values)),
      {
        all: async <R extends Row>(texts: readonly string[]) =>
          texts.length === 0 ? [] : rowsOfEach<R>(await this.#enqueue(texts)),
        last: async <R extends Row>(texts: readonly string[]) => {
          const answer = this.#enqueue([...texts, commit]);
          this.#over = true;
          const results = await answer;
          this.#assertCommitted(results);
          return rowsOfEach<R>(results).slice(0, texts.length);
        },
      },
    );
  }

  /** Whether the statements have less time than the options ask for. */
  get isShortened(): boolean {
    return this.#timeouts.isShortened;
  }

  /**
   * Begins the transaction, in one round trip.
   *
   * @param first statements to run right after BEGIN
   * @throws WrongServerError, and what the server or the connection raises
   */
  async begin(first: readonly string[] = []): Promise<Opening> {
    return this.#open(first, first.length === 0 ? SHORT_TIMEOUT_MS : this.#timeouts.forAnswer(first.length));
  }

  /**
   * Begins, runs the statements and commits, in one round trip. Only for statements that change nothing.
   *
   * @param repeated SELECT statements whose plans the session keeps; they run after the others, and their rows come after theirs
   * @throws as `begin`; PlansLostError if the session has no longer a plan that it kept
   */
  async runAtOnce(texts: readonly string[], repeated: readonly string[] = []): Promise<Opening> {
    const sent = this.#plans.toSend(repeated);
    const all = [...texts, ...sent.flat()];
    try {
      const { greeting, answers } = await this.#open([...all, commit], this.#timeouts.forAnswer(all.length));
      this.#committed = true;
      let next = texts.length;
      const ofRepeated = sent.map(({ length }) => answers[(next += length) - 1] ?? []);
      return { greeting, answers: [...answers.slice(0, texts.length), ...ofRepeated] };
    } catch (error) {
      this.#plans.forget(repeated);
      if (!isPlanLost(error)) throw error;
      this.#plans.lost();
      throw new PlansLostError();
    }
  }

  /** Commits, unless the last statements did. */
  async commit(): Promise<void> {
    await this.#last;
    this.#over = true;
    // If a statement of the transaction has failed, COMMIT succeeds but rolls back.
    if (!this.#committed) this.#assertCommitted(await this.#execute([commit]));
    this.#connection.release();
  }

  /** Rolls back, so that another session can use the connection. @throws the errors of the connection */
  async rollBack(): Promise<void> {
    this.#over = true;
    await this.#send(['ROLLBACK'], SHORT_TIMEOUT_MS);
  }

  /** Rolls back and gives the connection back; ends the connection if it cannot roll back. */
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
      // The caller gets the first error, not this one.
    }
    // Without the cancel request the backend would continue and keep its locks. The request may fail, and is not awaited.
    if (this.#isUnanswered) this.#connection.requestCancel().catch(() => undefined);
    cut(this.#connection.client);
    this.#connection.release(true);
  }

  async #open(texts: readonly string[], timeout: number): Promise<Opening> {
    this.#toldTimeout = this.#timeouts.forServer(countOf(texts));
    const beginning = this.#beginning();
    if (this.#beginsAlone && texts.length > 0) {
      const greeting = this.#greeting(rowsOfEach(await this.#send(beginning, SHORT_TIMEOUT_MS)));
      return { greeting, answers: rowsOfEach(await this.#send(texts, timeout)) };
    }
    const results = rowsOfEach(
      await this.#send([...beginning, ...texts], timeout).catch(async (error: unknown) => {
        if (texts.length > 0 && !endsConnection(error)) await this.#assertExpected();
        throw error;
      }),
    );
    return { greeting: this.#greeting(results), answers: results.slice(beginning.length) };
  }

  /** An error of a statement counts only if it comes from the expected server. @throws WrongServerError, and the errors of the connection */
  async #assertExpected(): Promise<void> {
    if (this.#options.expected === null) return;
    const results = rowsOfEach(await this.#send(['ROLLBACK', ...this.#beginning()], SHORT_TIMEOUT_MS));
    this.#greeting(results.slice(1));
  }

  /** It is set before the message, since it holds from the beginning of the message. */
  async #tellTimeout(texts: readonly string[]): Promise<void> {
    const timeout = this.#timeouts.forServer(countOf(texts));
    if (timeout <= this.#toldTimeout) return;
    this.#toldTimeout = timeout;
    await this.#send([timeoutSql(timeout)], SHORT_TIMEOUT_MS);
  }

  /** Sends messages one after the other, also if the caller does not await each. After the end of the transaction it sends none. */
  #enqueue(texts: readonly string[], values?: readonly unknown[]): Promise<Answer> {
    const isOver = this.#over;
    const answer = this.#last.then(() => {
      if (isOver || this.#committed)
        throw new Error(`A query came after the end of its transaction on the ${this.#side}.`);
      return this.#execute(texts, values);
    });
    // Whoever awaits the answer gets its error. The next query only waits until it is there.
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #execute(texts: readonly string[], values?: readonly unknown[]): Promise<Answer> {
    const isCommit = texts.at(-1) === commit;
    const wait = isCommit ? new ReplicationWait(this.#connection) : null;
    try {
      await this.#tellTimeout(texts);
      const answer = await this.#send(texts, this.#timeouts.forAnswer(texts.length), values);
      if (wait?.wasCancelled !== true) return answer;
      this.#dead ??= new NotReplicatedError(this.#side, null);
      throw this.#dead;
    } catch (error) {
      if (error instanceof NotReplicatedError || !endsConnection(error)) throw error;
      this.#dead ??=
        isCommit && isTimeout(error) && (await waitsForReplication(this.#connection))
          ? new NotReplicatedError(this.#side, error)
          : new ConnectionError(this.#side, this.#address, 'was lost', error);
      throw this.#dead;
    } finally {
      wait?.end();
    }
  }

  /** Sends one message. Without values it uses the simple protocol, in which a message can hold several statements. */
  async #send(texts: readonly string[], timeout: number, values?: readonly unknown[]): Promise<Answer> {
    const config: QueryConfig & { query_timeout: number } = {
      text: texts.join(';\n'),
      query_timeout: timeout,
      ...(values !== undefined && { values: [...values] }),
    };
    try {
      return (await this.#connection.client.query(config)) as Answer;
    } catch (error) {
      const { user: role, database } = this.#connection.client as { user?: string; database?: string };
      noteLogin(error, { ...(role && { role }), ...(database && { database }) });
      // An error of the server is an answer.
      this.#isUnanswered = !(error instanceof Error && 'severity' in error);
      throw error;
    }
  }

  #assertCommitted(results: Answer): void {
    if (commandTagOf(results) === 'ROLLBACK') throw new NotCommittedError(this.#side);
    this.#committed = true;
  }

  /**
   * BEGIN and every setting that the transaction relies on, since a transaction pooler keeps no settings of a session. The search path comes
   * first, so that no object of a user can take the place of an object of the catalog with the same name. The timeouts come next: until then
   * those of the role hold, and the first query of a session reads catalogs.
   */
  #beginning(): string[] {
    const { access, expected, lockTimeoutMs = defaults.lockTimeout } = this.#options;
    return [
      `BEGIN ISOLATION LEVEL READ COMMITTED, ${access === 'read write' ? 'READ WRITE' : 'READ ONLY'}`,
      'SET LOCAL search_path TO pg_catalog, pg_temp',
      `SET LOCAL lock_timeout TO ${milliseconds(lockTimeoutMs)}`,
      timeoutSql(this.#toldTimeout),
      `SET LOCAL idle_in_transaction_session_timeout TO ${milliseconds(IDLE_TIMEOUT_MS)}`,
      settingsSql,
      ...(access === 'read write' ? [durableSql] : []),
      ...(this.#dropsPlans ? ['DEALLOCATE ALL'] : []),
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
    const { systemIdentifier, databaseOid, database, version, connectionLimit, pid } = row;
    this.#plans.checkSession(backendKeyOf(this.#connection.client)?.processId ?? null, pid);
    const { maxLocksPerTransaction, maxConnections, maxPreparedTransactions } = row;
    const lockTable = { maxLocksPerTransaction, maxConnections, maxPreparedTransactions };
    if (expected) {
      const [marks] = (expected.mark === undefined ? [] : rows[last - 1]) as ServerMarks[];
      const mark = expected.mark && marks && markOfSameKind(expected.mark, marks);
      const found = { systemIdentifier, databaseOid, database, ...(mark && { mark }) };
      if (!isSameIdentity(expected, found))
        throw new WrongServerError(this.#side, this.#address, expected, found);
    }
    return { systemIdentifier, version, lockTable, connectionLimit };
  }
}

const commit = 'COMMIT';

/** COMMIT needs no time of its own. */
function countOf(texts: readonly string[]): number {
  return texts.at(-1) === commit ? texts.length - 1 : texts.length;
}

function timeoutSql(timeout: number): string {
  return `SET LOCAL statement_timeout TO ${milliseconds(timeout)}`;
}
