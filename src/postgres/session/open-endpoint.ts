import type { Identity } from '../../steps/identity.js';
import { readConnection, type ConnectionConfig } from '../connection/connection-config.js';
import { type ConnectionSlots, SlotRegistry } from '../connection/connection-slots.js';
import { Connector, type Connection } from '../connection/connector.js';
import type { Endpoint, ReadOptions, Row, Side, TransactionOptions, Work } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { ConnectionError, WrongServerError } from '../failures/errors.js';
import { FairSemaphore } from './fair-semaphore.js';
import { holding, type Take } from './holding.js';
import { lockBudget, type LockBudget } from './lock-budget.js';
import { scrubError } from '../failures/secrets.js';
import type { ServerShare } from './server-share.js';
import { type Greeting, type Opening, Session } from './session.js';
import { endsConnection } from './session-failures.js';

export interface EndpointOptions {
  /** Where libpq's variables are read; default: the process's own environment. */
  env?: NodeJS.ProcessEnv;
  /** Told of each connection that is lost while idle, which the next transaction replaces; the error is scrubbed. */
  onConnectionLost?: (error: Error) => void;
  /** What the endpoints of one server's databases share; without it the endpoint has the server to itself. */
  share?: ServerShare;
  /** What the endpoints of one role on one server share; without it the endpoint has the role to itself. */
  slots?: SlotRegistry;
}

const mostConnections = 4;
/** Often enough, since each time that the server refuses a connection fewer are asked for. */
const triesToConnect = 8;

/**
 * Reaches one database. Nothing is connected before it is used.
 *
 * @param url as psql takes it, see {@link readConnection}
 * @throws InvalidConnectionError
 */
export function openEndpoint(side: Side, url: string, options: EndpointOptions = {}): Endpoint {
  return new PooledEndpoint(side, readConnection(side, url, options.env), options);
}

/** The server as it was last met. */
interface KnownServer {
  systemIdentifier: string;
  version: number;
  budget: LockBudget;
  /** The room for locks that is left of the budget. */
  locks: FairSemaphore;
}

class PooledEndpoint implements Endpoint {
  readonly side: Side;
  readonly address: Endpoint['address'];
  readonly #secrets: Set<string>;
  readonly #connector: Connector;
  readonly #connections = new FairSemaphore(mostConnections);
  readonly #share: ServerShare | undefined;
  readonly #slots: ConnectionSlots;
  #known: KnownServer | null = null;

  constructor(
    side: Side,
    config: ConnectionConfig,
    { onConnectionLost, share, slots = new SlotRegistry() }: EndpointOptions,
  ) {
    this.side = side;
    this.address = config.address;
    this.#secrets = config.secrets;
    this.#connector = new Connector(config.attempts, mostConnections, (error) => {
      scrubError(error, this.#secrets);
      onConnectionLost?.(error);
    });
    this.#share = share;
    share?.join(this.#connector);
    const { host, port } = config.address;
    this.#slots = slots.of(host, port, config.user);
    this.#slots.join(this.#connector);
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

  read<R extends Row>(options: ReadOptions, texts: readonly string[]): Promise<R[][]> {
    return this.#read(options, null, texts);
  }

  about(topic: string): Endpoint {
    return {
      side: this.side,
      address: this.address,
      locksPerTransaction: () => this.locksPerTransaction(),
      version: (expected) => this.version(expected),
      transaction: (options, work) => this.#transaction(options, topic, work),
      read: (options, texts) => this.#read(options, topic, texts),
      about: (other) => this.about(other),
      close: () => this.close(),
    };
  }

  close(): Promise<void> {
    this.#share?.leave(this.#connector);
    this.#slots.leave(this.#connector);
    return this.#connector.close();
  }

  async #transaction<T>(options: TransactionOptions, topic: string | null, work: Work<T>): Promise<T> {
    return this.#admitted(options, topic, async (connection) => {
      const session = new Session(connection, this, options);
      // Only a BEGIN by itself tells soon that nobody answers any more.
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
    topic: string | null,
    texts: readonly string[],
  ): Promise<R[][]> {
    const all: TransactionOptions = { ...options, access: 'read only' };
    return this.#admitted(all, topic, async (connection) => {
      const attempt = async (hurry: boolean): Promise<R[][]> => {
        const session = new Session(connection, this, all, hurry);
        const { answers } = await this.#opening(connection, session, () => session.whole(texts));
        await session.commit();
        return answers as R[][];
      };
      // One that has served may have died since. Where the server is heard, what takes longer is tried again with all patience.
      try {
        return await attempt(connection.reused);
      } catch (error) {
        if (error instanceof Late) return attempt(false);
        throw error;
      }
    });
  }

  /**
   * With room for the locks, and with a connection. One that died while idle, or that leads to a server where the address led before, is
   * replaced: nothing was done on it yet.
   */
  async #admitted<T>(
    { locks, byNewConnection = false }: TransactionOptions,
    topic: string | null,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const takes: Take[] = [
      // Locks first, always: who holds a connection never waits for locks.
      ...(locks > 0 ? [() => this.#acquireLocks(locks)] : []),
      () => this.#connections.acquire(1),
      ...(this.#share === undefined ? [] : [this.#share.admit.bind(this.#share, this.#connector)]),
    ];
    try {
      return await holding(takes, () => this.#connected(topic, byNewConnection, use));
    } catch (error) {
      throw scrubError(error, this.#secrets);
    }
  }

  async #connected<T>(
    topic: string | null,
    isNew: boolean,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const releaseSlot = await this.#enter();
      let refused: ConnectionError;
      try {
        const connection = await this.#connect(topic, isNew);
        if (connection instanceof ConnectionError) refused = connection;
        else return await use(connection);
      } catch (error) {
        if (!(error instanceof DeadOnArrival)) throw error;
        this.#connector.renew();
        continue;
      } finally {
        releaseSlot();
      }
      // Where there is one of our own, it is waited for instead.
      if (tries >= triesToConnect || !(await this.#slots.refused())) throw refused;
    }
  }

  async #enter(): Promise<() => void> {
    try {
      return await this.#slots.enter(this.#connector);
    } catch (error) {
      throw new ConnectionError(this.side, this.address, 'cannot be reached', error);
    }
  }

  /** @returns the error where the server has no room for one connection more */
  async #connect(topic: string | null, isNew: boolean): Promise<Connection | ConnectionError> {
    const mayOpen = () => this.#slots.hasRoom() && (this.#share?.hasRoom() ?? true);
    try {
      return await this.#connector.connect({ topic, isNew, mayOpen });
    } catch (error) {
      const failure = new ConnectionError(this.side, this.address, 'cannot be reached', error);
      if (classify(error).sqlstate === tooManyConnections) return failure;
      throw failure;
    }
  }

  /** The first round trip on a connection, which tells whether there is still somebody at the other end. */
  async #opening(connection: Connection, session: Session, open: () => Promise<Opening>): Promise<Opening> {
    try {
      const opening = await open();
      this.#meet(opening.greeting);
      return opening;
    } catch (error) {
      if (session.isHurried && classify(error).sqlstate === queryCanceled) throw await this.#late(session);
      const isWrong = error instanceof WrongServerError;
      const useless = isWrong || endsConnection(error);
      await session.abandon(useless);
      if (!useless) throw error;
      if (connection.reused) throw new DeadOnArrival();
      throw isWrong ? error : new ConnectionError(this.side, this.address, 'was lost', error);
    }
  }

  /** Read once, and anew with every transaction: an address can lead to another server later. */
  #meet({ systemIdentifier, version, lockTable, connectionLimit }: Greeting): void {
    this.#slots.know(connectionLimit);
    const budget = lockBudget(lockTable);
    const known = this.#known;
    const isSame = known?.systemIdentifier === systemIdentifier && known.version === version;
    if (isSame && known.budget.total === budget.total) return;
    // The lock table is the server's, whichever of its databases a lock is in.
    const locks = this.#share?.locks(budget.total) ?? new FairSemaphore(budget.total);
    this.#known = { systemIdentifier, version, budget, locks };
  }

  async #late(session: Session): Promise<Error> {
    try {
      await session.rollBack();
      return new Late();
    } catch {
      await session.abandon(true);
      return new DeadOnArrival();
    }
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

const queryCanceled = '57014';
const tooManyConnections = '53300';

/** A connection had died while nobody used it, or leads elsewhere. */
class DeadOnArrival extends Error {}

/** The server is there, and needs more time. */
class Late extends Error {}
