import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../src/local/free-port.js';
import { postgresUser } from '../../../src/local/os-user.js';
import { until } from '../../../src/local/until.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { probeServer } from '../../../src/postgres/server/probe-server.js';
import { type TestDatabase, TestServer } from './database.js';

/** Database, user and password. */
type Login = readonly [string, string?, string?];

const isInstalled = spawnSync('pgbouncer', ['--version']).status === 0;

describe.skipIf(!isInstalled)('PgBouncer before a server', () => {
  let server: TestServer;
  let database: TestDatabase;
  let folder: string;
  let port: number;
  let stop: () => void = () => undefined;

  beforeAll(async () => {
    server = await TestServer.start({});
    database = await server.database();
    const role = await database.role();
    const { hostname, port: behind, pathname } = new URL(database.url());
    port = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
    chmodSync(folder, 0o755);
    const at = `host=${hostname} port=${behind} dbname=${pathname.slice(1)}`;
    const line = `user='${role}' password`;
    writeFileSync(join(folder, 'users'), '"alice" "secret"\n');
    writeFileSync(
      join(folder, 'ini'),
      `[databases]
good = ${at} ${line}=secret
one = ${at} ${line}=secret pool_size=1
wrong = ${at} ${line}=wrong
statements = ${at} ${line}=secret pool_mode=statement
nobody = ${at} user=nobody password=secret
elsewhere = host=${hostname} port=${behind} dbname=elsewhere ${line}=secret
dead = host=127.0.0.1 port=1 ${line}=secret
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(folder, 'users')}
admin_users = alice
server_login_retry = 1
`,
    );
    const user = process.getuid?.() === 0 ? await postgresUser() : undefined;
    const child = spawn('pgbouncer', [join(folder, 'ini')], {
      stdio: 'ignore',
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    stop = () => child.kill('SIGINT');
    await until(async () => (await failureOf('good')) === null, { what: 'PgBouncer to accept connections' });
  });

  afterAll(async () => {
    stop();
    await database.drop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const urlOf = (name: string, user = 'alice', password = 'secret') =>
    `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`;

  const withEndpoint = async <T>(
    url: string,
    work: (endpoint: ReturnType<typeof openEndpoint>) => Promise<T>,
  ) => {
    const endpoint = openEndpoint('primary', url, { env: {} });
    return work(endpoint).finally(() => endpoint.close());
  };

  const failureOf = (...url: Login) =>
    withEndpoint(urlOf(...url), (endpoint) =>
      endpoint
        .transaction({ access: 'read only', expected: null, locks: 0 }, (query) => query('SELECT 1'))
        .then(() => null, classify),
    );

  it.each([
    ['a database that it does not know', ['missing'], /: no such database/u],
    ['a wrong password', ['good', 'alice', 'wrong'], /authentication failed/u],
    ['a user that it does not know', ['good', 'mallory'], /authentication failed|no such user/u],
    ['its own wrong password for the server', ['wrong'], /password authentication failed/u],
    ['statements that it pools one by one', ['statements'], /statement pooling mode/u],
    ['its own wrong database on the server', ['elsewhere'], /does not exist/u],
  ] satisfies [string, Login, RegExp][])(
    'fails at once because of %s, and says nothing about the server',
    async (_, login, reason) => {
      // The first error may be the server's own; the second is the one that PgBouncer remembers.
      for (let attempt = 0; attempt < 2; attempt++) {
        const failure = await failureOf(...(login as Login));
        expect(failure).toMatchObject({
          ...{ retryable: false, scope: 'connection' },
          reason: expect.stringMatching(reason) as string,
        });
      }
      const probe = await withEndpoint(urlOf(...(login as Login)), probeServer);
      if (probe.answers !== 'yes') expect(probe.answers).toBe('unknown');
    },
  );

  /** Sets a parameter of PgBouncer for the rest of the test. */
  async function setForTest(parameter: string, value: string, usual: string): Promise<void> {
    const admin = new pg.Client(urlOf('pgbouncer'));
    await admin.connect();
    onTestFinished(async () => {
      await admin.query(`SET ${parameter} = ${usual}`);
      await admin.end();
    });
    await admin.query(`SET ${parameter} = ${value}`);
  }

  it('is retried while it has no room for another client, which says nothing about the server', async () => {
    await setForTest('max_client_conn', '1', '100');
    expect(await failureOf('good')).toMatchObject({
      ...{ retryable: true, scope: 'connection' },
      reason: expect.stringContaining('(max_client_conn)') as string,
    });
    expect(await withEndpoint(urlOf('good'), probeServer)).toMatchObject({ answers: 'unknown' });
  });

  it('is retried while all connections to the server are in use, which says nothing about the server', async () => {
    const user = new pg.Client(urlOf('one'));
    await user.connect();
    onTestFinished(() => user.end());
    await user.query('BEGIN');
    await setForTest('query_wait_timeout', '2', '120');
    // If PgBouncer is slow to say so, the endpoint has given up before.
    await expect
      .poll(() => failureOf('one'))
      .toMatchObject({
        ...{ retryable: true, scope: 'connection' },
        reason: expect.stringContaining('query_wait_timeout') as string,
      });
    expect(await withEndpoint(urlOf('one'), probeServer)).toMatchObject({ answers: 'unknown' });
  });

  it('is retried while the server behind it is dead, which is no answer of the server', async () => {
    expect(await failureOf('dead')).toMatchObject({ retryable: true, scope: 'connection' });
    // Before PgBouncer says that it cannot connect, it may let the query wait for too long, as it does while all connections are in use.
    expect(['no', 'unknown']).toContain((await withEndpoint(urlOf('dead'), probeServer)).answers);
    expect(await withEndpoint(urlOf('good'), probeServer)).toMatchObject({ answers: 'yes' });
  });
});
