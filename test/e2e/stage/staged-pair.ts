import pg from 'pg';
import {
  createDatabasePair,
  type DatabasePair,
  type PostgresPair,
} from '../../../src/local/postgres-pair.js';
import { chunksOf } from '../../../src/postgres/session/chunks.js';

/** The last_value and is_called of the sequence's relation. */
export type Position = [lastValue: string, isCalled: boolean];

/** Sequences that one statement reads. */
const READ_AT_ONCE = 200;

/** One database of a pair, with a connection as superuser. */
export class StagedDatabase {
  private constructor(
    private readonly client: pg.Client,
    /** As a superuser. */
    readonly url: string,
  ) {}

  static async connect(url: string): Promise<StagedDatabase> {
    const client = new pg.Client(url);
    await client.connect();
    // The connection ends when its database is dropped.
    client.on('error', () => undefined);
    return new StagedDatabase(client, url);
  }

  /** Returns the rows of the statement, or of the last of several. */
  async sql<R extends object = Record<string, unknown>>(text: string): Promise<R[]> {
    const results = (await this.client.query<R>(text)) as pg.QueryResult<R> | pg.QueryResult<R>[];
    return (Array.isArray(results) ? results.at(-1)?.rows : results.rows) ?? [];
  }

  /** @param sequence as the server quotes it */
  async position(sequence: string): Promise<Position> {
    const [row] = await this.sql<{ last: string; called: boolean }>(
      `SELECT last_value::text AS last, is_called AS called FROM ${sequence}`,
    );
    if (row === undefined) throw new Error(`${sequence} has no position`);
    return [row.last, row.called];
  }

  /** The positions by `sequence`, in all user schemas except the ledger's. */
  async positions(): Promise<Record<string, Position>> {
    const names = await this.sql<{ sequence: string }>(
      `SELECT format('%I.%I', nspname, relname) AS sequence FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
       WHERE relkind = 'S' AND nspname !~ '^pg_' AND nspname <> 'sequence_failover'
       ORDER BY convert_to(nspname, 'UTF8'), convert_to(relname, 'UTF8')`,
    );
    const positions: Record<string, Position> = {};
    for (const some of chunksOf(names, READ_AT_ONCE)) {
      const selects = some.map(
        ({ sequence: name }) =>
          `SELECT ${pg.escapeLiteral(name)} AS name, last_value, is_called FROM ${name}`,
      );
      const rows = await this.sql<{ name: string; last: string; called: boolean }>(
        `SELECT name, last_value::text AS last, is_called AS called FROM (${selects.join(' UNION ALL ')}) AS each`,
      );
      for (const { name, last, called } of rows) positions[name] = [last, called];
    }
    return positions;
  }

  async nextval(sequence: string): Promise<string> {
    const [row] = await this.sql<{ next: string }>(
      `SELECT nextval(${pg.escapeLiteral(sequence)}::regclass)::text AS next`,
    );
    return row?.next ?? '';
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** A database on each server, with the name by which the worker knows the pair. */
export class StagedPair {
  static async create(
    servers: Pick<PostgresPair, 'primary' | 'standby'>,
    name: string,
    schema: string,
  ): Promise<StagedPair> {
    const databases = await createDatabasePair(servers, { name });
    const [primary, standby] = await Promise.all(
      [databases.primaryUrl, databases.standbyUrl].map((url) => StagedDatabase.connect(url)),
    );
    if (primary === undefined || standby === undefined) throw new Error(`${name} could not be reached`);
    // By the connections of the test: each new one costs as much processor time as the database.
    await Promise.all([primary, standby].map((database) => database.sql(schema)));
    return new StagedPair(databases, primary, standby);
  }

  private constructor(
    private readonly databases: DatabasePair,
    readonly primary: StagedDatabase,
    readonly standby: StagedDatabase,
  ) {}

  get name(): string {
    return this.databases.name;
  }

  get primaryUrl(): string {
    return this.databases.primaryUrl;
  }

  get standbyUrl(): string {
    return this.databases.standbyUrl;
  }

  /** Starts the replication of the primary's rows to the standby. */
  subscribe(): Promise<void> {
    return this.databases.subscribe();
  }

  async drop(): Promise<void> {
    await Promise.all([this.primary.close(), this.standby.close()]);
    await this.databases.drop();
  }
}
