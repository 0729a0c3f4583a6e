import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { withAdmin } from '../../../src/local/admin-connection.js';
import { createDatabase } from '../../../src/local/create-database.js';
import { dropDatabase } from '../../../src/local/drop-database.js';
import { startPostgres, type PostgresServer } from '../../../src/local/postgres-server.js';
import { until } from '../../../src/local/until.js';
import type { Identity } from '../../../src/steps/identity.js';
import type { Endpoint, Side } from '../../../src/postgres/endpoint.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { readIdentity } from './read-identity.js';

export { oldestAndNewest, versions } from './versions.js';

/** One PostgreSQL server for a test file, with a new database for each test. */
export class TestServer {
  static async start({
    binaries,
    settings = {},
  }: {
    binaries?: string;
    settings?: Record<string, string>;
  }): Promise<TestServer> {
    const server = await startPostgres({ name: 'sequences', settings, ...(binaries && { binaries }) });
    return new TestServer(server);
  }

  private constructor(private readonly server: PostgresServer) {}

  /** @param options of CREATE DATABASE */
  async database(options = ''): Promise<TestDatabase> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await withAdmin(this.server, (admin) => createDatabase(admin, name, options));
    const client = new Client(this.server.url(name));
    await client.connect();
    return new TestDatabase(this.server, name, client, () =>
      withAdmin(this.server, (admin) => dropDatabase(admin, name)),
    );
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

export class TestDatabase {
  readonly #opened: { close(): Promise<void> }[] = [];
  identity: Identity = { systemIdentifier: '', databaseOid: '', database: '' };

  constructor(
    private readonly server: PostgresServer,
    private readonly name: string,
    private readonly client: Client,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  /** Rows of a statement of the superuser. */
  async sql<R extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<R[]> {
    // PostgreSQL takes several statements at once only without parameters.
    const result = await (values.length > 0
      ? this.client.query<R>(text, values)
      : this.client.query<R>(text));
    return result.rows;
  }

  /** How many errors with this text the server has logged for this database. */
  errorsLogged(text: string): number {
    const lines = readFileSync(this.server.log, 'utf8').split('\n');
    return lines.filter((line) => line.includes(`${this.name} ERROR:`) && line.includes(text)).length;
  }

  /** For psql, or for an endpoint of the test's own. */
  url(role?: string): string {
    return role === undefined ? this.server.url(this.name) : this.server.url(this.name, role, 'secret');
  }

  /** A second session of the superuser, or of the role, ended with the database. */
  async session(role?: string): Promise<Client> {
    const client = new Client(this.url(role));
    await client.connect();
    this.#opened.push({ close: () => client.end() });
    return client;
  }

  async endpoint({ side = 'standby', role }: { side?: Side; role?: string } = {}): Promise<Endpoint> {
    const endpoint = openEndpoint(side, this.url(role), { env: {} });
    this.#opened.push(endpoint);
    this.identity = await readIdentity((statement) => this.sql(statement));
    return endpoint;
  }

  /** A role that may log in, with a name that has to be quoted. */
  async role(): Promise<string> {
    const name = `Role of ${this.name}`;
    await this.sql(`CREATE ROLE "${name}" LOGIN PASSWORD 'secret'`);
    return name;
  }

  async oid(relation: string): Promise<number> {
    const [row] = await this.sql<{ oid: number }>('SELECT $1::regclass::oid AS oid', [relation]);
    if (!row) throw new Error(`no ${relation}`);
    return row.oid;
  }

  /** Last value and is_called, as the relation itself says. */
  async position(sequence: string): Promise<[string, boolean] | undefined> {
    const [row] = await this.sql<{ last_value: string; is_called: boolean }>(
      `SELECT last_value, is_called FROM ${sequence}`,
    );
    return row && [row.last_value, row.is_called];
  }

  /** Waits until a session of the database waits for a lock on the relation. */
  async waitedFor(relation: string): Promise<void> {
    await until(
      async () => {
        const rows = await this.sql('SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass', [
          relation,
        ]);
        return rows.length > 0;
      },
      { what: `somebody to wait for ${relation}` },
    );
  }

  async drop(): Promise<void> {
    for (const opened of this.#opened.splice(0)) await opened.close();
    await this.client.end();
    await this.dropDatabase();
  }
}
