import type { Identity } from '../../steps/identity.js';
import { changedEndpoint } from '../changed-endpoint.js';
import { readConnection, type ConnectionConfig } from '../connection/connection-config.js';
import { type ConnectionSlots, SlotRegistry } from '../connection/connection-slots.js';
import { Connector, type Connection } from '../connection/connector.js';
import type { Endpoint, ReadOptions, Row, Side, TransactionOptions, Work } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';
import { ConnectionError, WrongServerError } from '../failures/errors.js';
import { noteLogin } from '../failures/login.js';
import { FairSemaphore } from './fair-semaphore.js';
import { withResources, type Acquire } from './with-resources.js';
import { lockBudget, type LockBudget } from './lock-budget.js';
import { scrubError } from '../failures/secrets.js';
import type { ServerShare } from './server-share.js';
import type { Greeting, Opening } from './opening.js';
import { Session } from './session.js';
import { endsConnection, PlansLostError } from './session-failures.js';

export interface EndpointOptions {
  /** The environment with libpq's variables; default: that of the process. */
  env?: NodeJS.ProcessEnv;
  /** Called when an idle connection is lost, with the scrubbed error. The next transaction opens another one. */
  onConnectionLost?: (error: Error) => void;
  /** Shared by the endpoints of all databases of one server. Absent: the endpoint shares with none. */
  share?: ServerShare;
  /** Shared by the endpoints of one role on one server. Absent: the endpoint shares with none. */
  slots?: SlotRegistry;
}

const MOST_CONNECTIONS = 4;
/** Enough tries, since the limit becomes smaller with each connection that the server refuses. */
const TRIES_TO_CONNECT = 8;

/**
 * An endpoint for one database. It connects when it is first used.
 *
 * @param url a connection URL as psql accepts it, see {@link readConnection}
 * @throws InvalidConnectionError
 */
export function openEndpoint(side: Side, url: string, options: EndpointOptions = {}): Endpoint {
  return new PooledEndpoint(side, readConnection(side, url, options.env), options);
}

/** The server, as the last transaction saw it. */
interface KnownServer {
  systemIdentifier: string;
  version: number;
  budget: LockBudget;
  /** The part of the lock budget that is free. */
  locks: FairSemaphore;
}

class PooledEndpoint implements Endpoint {
  readonly side: Side;
  readonly address: Endpoint['address'];
  readonly #secrets: Set<string>;
  readonly #connector: Connector;
  readonly #connections = new FairSemaphore(MOST_CONNECTIONS);
  readonly #share: ServerShare | undefined;
  readonly #slots: ConnectionSlots;
  readonly #user: string;
  #known: KnownServer | null = null;

  constructor(
    side: Side,
    config: ConnectionConfig,
    { onConnectionLost, share, slots = new SlotRegistry() }: EndpointOptions,
  ) {
    this.side = side;
    this.address = config.address;
    this.#secrets = config.secrets;
    this.#connector = new Connector(config.attempts, MOST_CONNECTIONS, (error) => {
      scrubError(error, this.#secrets);
      onConnectionLost?.(error);
    });
    this.#share = share;
    share?.join(this.#connector);
    const { host, port } = config.address;
    this.#user = config.user;
    this.#slots = slots.of(host, port, config.user);
    this.#slots.join(this.#connector);
  }

  get pool(): object {
    return this.#connector;
  }

  async locksPerTransaction(): Promise<number> {
    return (await this.#server(null)).budget.perTransaction;
  }

  async version(expected: Identity): Promise<number> {
    return (await this.#server(expected)).version;
  }

  transaction<T>(options: TransactionOptions, work: Work<T>): Promise<T> {
    return this.#transaction(options, null, work);
  }

  read<R extends Row>(...[options, texts, repeated = []]: Parameters<Endpoint['read']>): Promise<R[][]> {
    return this.#read(options, null, texts, repeated);
  }

  withAffinity(affinity: string): Endpoint {
    return changedEndpoint(this, () => ({
      transaction: (options, work) => this.#transaction(options, affinity, work),
      read: (options, texts, repeated = []) => this.#read(options, affinity, texts, repeated),
      withAffinity: (other) => this.withAffinity(other),
    }));
  }

  close(): Promise<void> {
    this.#share?.leave(this.#connector);
    this.#slots.leave(this.#connector);
    return this.#connector.close();
  }

  async #transaction<T>(options: TransactionOptions, affinity: string | null, work: Work<T>): Promise<T> {
    return this.#admitted(options, affinity, async (connection) => {
      const session = new Session(connection, this, options, { beginsAlone: this.#beginsAlone() });
      // BEGIN has a short timeout. On a connection that was used before, it is sent alone, so that a dead peer is noticed quickly.
      const { first = [] } = options;
      const [atOnce, then] = connection.fresh ? [first, []] : [[], first];
      const { answers } = await this.#opening(connection, session, () => session.begin(atOnce));
      try {
        const result = await work(session.query, [...answers, ...(await session.query.all(then))]);
        await session.commit();
        return result;
      } catch (error) {
        await session.abandon();
        throw error;
      }
    });
  }

  async #read<R extends Row>(
    options: ReadOptions,
    affinity: string | null,
    texts: readonly string[],
    repeated: readonly string[],
  ): Promise<R[][]> {
    const all: TransactionOptions = { ...options, access: 'read only' };
    return this.#admitted(all, affinity, async (connection) => {
      const attempt = async (isProbe: boolean): Promise<R[][]> => {
        const session = new Session(connection, this, all, {
          isProbe,
          beginsAlone: this.#beginsAlone(),
        });
        const { answers } = await this.#opening(connection, session, () =>
          session.runAtOnce(texts, repeated),
        );
        await session.commit();
        return answers as R[][];
      };
      // A connection that was used before may be dead, so the first attempt has a short timeout. If the server answers, but needs more time, the
      // second attempt has the full timeout. It also does without the plans that the session should have kept.
      try {
        return await attempt(connection.reused);
      } catch (error) {
        if (error instanceof NeedsAnotherAttemptError) return attempt(false);
        throw error;
      }
    });
  }

  /**
   * Waits for room for the locks and for a connection, then runs `use`. If the connection turns out to be dead, or leads to a server to
   * which the address no longer leads, it is replaced and `use` runs again: nothing has been done on it yet.
   */
  async #admitted<T>(
    { locks, byNewConnection = false }: TransactionOptions,
    affinity: string | null,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const takes: Acquire[] = [
      // The locks always come first, so that no caller holds a connection while it waits for locks.
      ...(locks > 0 ? [() => this.#acquireLocks(locks)] : []),
      () => this.#connections.acquire(1),
      ...(this.#share === undefined ? [] : [this.#share.admit.bind(this.#share, this.#connector)]),
    ];
    try {
      return await withResources(takes, () => this.#connected(affinity, byNewConnection, use));
    } catch (error) {
      throw scrubError(error, this.#secrets);
    }
  }

  async #connected<T>(
    affinity: string | null,
    isNew: boolean,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const releaseSlot = await this.#enter();
      let refused: ConnectionError;
      try {
        const connection = await this.#connect(affinity, isNew);
        if (connection instanceof ConnectionError) refused = connection;
        else return await use(connection);
      } catch (error) {
        if (!(error instanceof StaleConnectionError)) throw error;
        this.#connector.renew();
        continue;
      } finally {
        releaseSlot();
      }
      // If this worker has other connections to the server, the next try waits for one of them.
      if (tries >= TRIES_TO_CONNECT || !(await this.#slots.refused())) throw refused;
    }
  }

  async #enter(): Promise<() => void> {
    try {
      return await this.#slots.enter(this.#connector);
    } catch (error) {
      throw new ConnectionError(this.side, this.address, 'cannot be made', error);
    }
  }

  /** @returns the error if the server has no room for another connection */
  async #connect(affinity: string | null, isNew: boolean): Promise<Connection | ConnectionError> {
    const mayOpen = () => this.#slots.hasRoom() && (this.#share?.hasRoom() ?? true);
    try {
      return await this.#connector.connect({ affinity, isNew, mayOpen });
    } catch (error) {
      noteLogin(error, { role: this.#user, database: this.address.database });
      const failure = new ConnectionError(this.side, this.address, 'cannot be made', error);
      if (classify(error).sqlstate === SQLSTATE.tooManyConnections) return failure;
      throw failure;
    }
  }

  /** The first round trip of a transaction. It shows whether the connection is alive and leads to the expected server. */
  async #opening(connection: Connection, session: Session, open: () => Promise<Opening>): Promise<Opening> {
    try {
      const opening = await open();
      this.#noteServer(opening.greeting);
      return opening;
    } catch (error) {
      const isTooShort = session.isShortened && classify(error).sqlstate === SQLSTATE.queryCanceled;
      if (isTooShort || error instanceof PlansLostError) throw await this.#rolledBack(session);
      const isWrong = error instanceof WrongServerError;
      const useless = isWrong || endsConnection(error);
      await session.abandon(useless);
      if (!useless) throw error;
      if (connection.reused) throw new StaleConnectionError();
      throw isWrong ? error : new ConnectionError(this.side, this.address, 'was lost', error);
    }
  }

  /** Updates what is known of the server. Each transaction does this, since the address may lead to another server later. */
  #noteServer({ systemIdentifier, version, lockTable, connectionLimit }: Greeting): void {
    this.#slots.setLimit(connectionLimit);
    const budget = lockBudget(lockTable);
    const known = this.#known;
    const isSame = known?.systemIdentifier === systemIdentifier && known.version === version;
    if (isSame && known.budget.total === budget.total) return;
    // All databases of a server share one lock table.
    const locks = this.#share?.locks(budget.total) ?? new FairSemaphore(budget.total);
    this.#known = { systemIdentifier, version, budget, locks };
  }

  async #rolledBack(session: Session): Promise<Error> {
    try {
      await session.rollBack();
      return new NeedsAnotherAttemptError();
    } catch {
      await session.abandon(true);
      return new StaleConnectionError();
    }
  }

  #beginsAlone(): boolean {
    return this.#known === null || this.#known.version < STATEMENTS_TIMED_SINCE;
  }

  async #acquireLocks(amount: number): Promise<() => void> {
    return (await this.#server(null)).locks.acquire(amount);
  }

  async #server(expected: Identity | null): Promise<KnownServer> {
    const isExpected = () => expected === null || this.#known?.systemIdentifier === expected.systemIdentifier;
    if (this.#known === null || !isExpected()) await this.read({ expected, locks: 0 }, []);
    if (this.#known === null) throw new Error(`Nothing is known of the ${this.side}.`);
    return this.#known;
  }
}

/** From this version on, statement_timeout holds for each statement of a message. */
const STATEMENTS_TIMED_SINCE = 130_000;

/** The connection had died while it was idle, or leads to another server. */
class StaleConnectionError extends Error {}

/** The server answers, but the statements need more than the short timeout, or the session has lost its plans. */
class NeedsAnotherAttemptError extends Error {}
