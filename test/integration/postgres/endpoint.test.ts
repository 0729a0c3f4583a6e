import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../src/local/until.js';
import { startPostgres, type PostgresServer } from '../../../src/local/postgres-server.js';
import type { Endpoint, TransactionOptions } from '../../../src/postgres/endpoint.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { NotCommittedError, WrongServerError } from '../../../src/postgres/failures/errors.js';
import { openEndpoint, type EndpointOptions } from '../../../src/postgres/session/open-endpoint.js';
import { readSide } from '../../../src/postgres/server/read-side.js';
import { TcpProxy } from '../../e2e/stage/tcp-proxy.js';
import type { Identity } from '../../../src/steps/identity.js';
import { readIdentity } from './read-identity.js';

const reading: TransactionOptions = { access: 'read only', expected: null, locks: 0 };
const writing: TransactionOptions = { access: 'read write', expected: null, locks: 0 };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ name: 'endpoint', settings: { max_locks_per_transaction: '64' } });
});
afterAll(() => server.stop());

/** An endpoint that ends with its test. Without the environment of whoever runs the tests. */
function open(url = server.url(), options: EndpointOptions = {}): Endpoint {
  const endpoint = openEndpoint('standby', url, { env: {}, ...options });
  onTestFinished(() => endpoint.close());
  return endpoint;
}

async function value(endpoint: Endpoint, text: string, options = reading): Promise<unknown> {
  const [row] = await endpoint.transaction(options, (query) =>
    query<{ value: unknown }>(`SELECT ${text} AS value`),
  );
  return row?.value;
}

function identityOf(endpoint: Endpoint): Promise<Identity> {
  return endpoint.transaction(reading, (query) => readIdentity(query));
}

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It should have failed.');
}

describe('a transaction', () => {
  it('sets everything that it relies on for itself alone', async () => {
    const settings = `jsonb_object_agg(name, setting ORDER BY name) FILTER (WHERE name IN ('transaction_isolation',
      'transaction_read_only', 'synchronous_commit', 'lock_timeout', 'statement_timeout', 'search_path', 'application_name'))`;
    const endpoint = open();
    const read = (options: TransactionOptions) =>
      endpoint.transaction(options, (query) => query(`SELECT ${settings} AS value FROM pg_settings`));
    expect(await read({ ...writing, lockTimeoutMs: 1234, statementTimeoutMs: 5678 })).toEqual([
      {
        value: {
          application_name: 'sequence-failover',
          lock_timeout: '1234',
          search_path: 'pg_catalog, pg_temp',
          statement_timeout: '5678',
          synchronous_commit: 'on',
          transaction_isolation: 'read committed',
          transaction_read_only: 'off',
        },
      },
    ]);
    expect(await read(reading)).toEqual([
      {
        value: expect.objectContaining({
          lock_timeout: '3000',
          statement_timeout: '60000',
          transaction_read_only: 'on',
        }) as unknown,
      },
    ]);
  });

  it('takes nothing from a schema that shadows the catalog', async () => {
    const endpoint = open();
    await endpoint.transaction(writing, async (query) => {
      await query('CREATE SCHEMA hostile');
      await query(
        'CREATE FUNCTION hostile.pg_control_system(OUT system_identifier bigint) LANGUAGE sql AS $$SELECT 1::bigint$$',
      );
      await query('ALTER ROLE postgres SET search_path TO hostile, pg_catalog');
    });
    const other = open();
    onTestFinished(async () => {
      await other.transaction(writing, (query) =>
        query('ALTER ROLE postgres RESET search_path; DROP SCHEMA hostile CASCADE'),
      );
    });
    expect((await identityOf(other)).systemIdentifier).not.toBe('1');
  });

  it('returns bigint as decimal strings', async () => {
    expect(await value(open(), 'ARRAY[9223372036854775807, -9007199254740993]')).toEqual([
      '9223372036854775807',
      '-9007199254740993',
    ]);
    expect(await value(open(), '9223372036854775807')).toBe('9223372036854775807');
  });

  it('commits, and rolls back when the work fails', async () => {
    const endpoint = open();
    await endpoint.transaction(writing, (query) => query('CREATE TABLE public.kept (n integer)'));
    const error = await failure(
      endpoint.transaction(writing, async (query) => {
        await query('INSERT INTO public.kept VALUES ($1)', [1]);
        throw new Error('enough');
      }),
    );
    expect(error.message).toBe('enough');
    expect(await value(endpoint, '(SELECT count(*) FROM public.kept)')).toBe('0');
  });

  it('says so when the server rolled back instead of committing', async () => {
    const endpoint = open();
    const error = await failure(
      endpoint.transaction(writing, async (query) => {
        await query('SELECT 1/0').catch(() => undefined);
      }),
    );
    expect(error).toBeInstanceOf(NotCommittedError);
    expect(await value(endpoint, '1')).toBe(1);
  });

  it('refuses a query after its end', async () => {
    const endpoint = open();
    const query = await endpoint.transaction(reading, (inner) => Promise.resolve(inner));
    expect((await failure(query('SELECT 1'))).message).toContain('after the end of its transaction');
  });

  it('runs the queries of one work in their order, one at a time', async () => {
    const answers = await open().transaction(reading, (query) =>
      Promise.all([
        query('SELECT 1 AS n'),
        query('SELECT $1::int AS n', [2]),
        query('SELECT 3 AS n; SELECT 4 AS n'),
      ]),
    );
    expect(answers).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 4 }]]);
  });
});

describe('the identity', () => {
  it.each([
    ['systemIdentifier', '1'],
    ['databaseOid', '1'],
    ['database', 'other'],
  ] as const)('is asserted before anything else runs: %s', async (field, wrong) => {
    const endpoint = open();
    const expected = { ...(await identityOf(endpoint)), [field]: wrong };
    let worked = false;
    const error = await failure(
      endpoint.transaction({ ...writing, expected }, () => Promise.resolve((worked = true))),
    );
    expect(error).toBeInstanceOf(WrongServerError);
    expect(error.message).toContain('standby');
    expect(classify(error)).toMatchObject({ retryable: false, scope: 'connection' });
    expect(worked).toBe(false);
  });

  it('lets the right server through', async () => {
    const endpoint = open();
    expect(await value(endpoint, '1', { ...writing, expected: await identityOf(endpoint) })).toBe(1);
  });
});

describe('what is read at once', () => {
  it('is answered statement by statement, in a transaction of its own', async () => {
    const endpoint = open();
    const statements = [
      'SELECT 1 AS n',
      'SELECT n FROM generate_series(2, 3) n',
      'SELECT 4 AS n WHERE false',
    ];
    // On a new connection, and on one that has served a moment ago.
    for (let time = 0; time < 2; time += 1) {
      expect(await endpoint.read({ expected: null, locks: 0 }, statements)).toEqual([
        [{ n: 1 }],
        [{ n: 2 }, { n: 3 }],
        [],
      ]);
    }
    const error = await failure(
      endpoint.read({ expected: null, locks: 0 }, ['CREATE TABLE public.refused ()']),
    );
    expect(classify(error)).toMatchObject({ sqlstate: '25006' });
  });

  it('leaves the connection as it was when a statement fails', async () => {
    const endpoint = open();
    const pid = await value(endpoint, 'pg_backend_pid()');
    const error = await failure(
      endpoint.read({ expected: null, locks: 0 }, ['SELECT 1', 'SELECT 1/0', 'SELECT 2']),
    );
    expect(classify(error)).toMatchObject({ sqlstate: '22012' });
    expect(await value(endpoint, 'pg_backend_pid()')).toBe(pid);
  });

  it('is dropped if it comes from another database than the expected one', async () => {
    const endpoint = open();
    const expected = { ...(await identityOf(endpoint)), databaseOid: '1' };
    for (const statement of ['SELECT 1', 'SELECT FROM missing', 'SELECT 1/0']) {
      expect(await failure(endpoint.read({ expected, locks: 0 }, [statement]))).toBeInstanceOf(
        WrongServerError,
      );
    }
    const first = ['SELECT FROM missing'];
    const work = () => Promise.resolve();
    expect(await failure(endpoint.transaction({ ...reading, expected, first }, work))).toBeInstanceOf(
      WrongServerError,
    );
  });

  it('may take longer than BEGIN’s timeout, also on a connection that was used before', async () => {
    const endpoint = open();
    // The server is heard, so it is the same connection. If a process stands still for a second, it is not heard in time: then once more.
    await until(
      async () => {
        const pid = await value(endpoint, 'pg_backend_pid()');
        const [[row] = []] = await endpoint.read({ expected: null, locks: 0 }, [
          'SELECT pg_backend_pid() AS pid FROM pg_sleep(5.5)',
        ]);
        return row?.['pid'] === pid;
      },
      { what: 'the same connection to answer' },
    );
  });

  it('has time for all of its statements', async () => {
    const endpoint = open();
    // Together they need longer than one of them may take, and than the connection counts as alive after that.
    const options = { expected: null, locks: 0, statementTimeoutMs: 8_000 };
    const texts = Array.from({ length: 15 }, (_, n) => `SELECT ${n} AS n FROM pg_sleep(1.4)`);
    expect(await endpoint.read(options, texts)).toEqual(texts.map((__, n) => [{ n }]));
  });

  it('waits for a server that has been away while nobody used the connection', async () => {
    const endpoint = open();
    const read = () => endpoint.read({ expected: null, locks: 0 }, ['SELECT 1 AS n']);
    await read();
    await server.restart();
    expect(await read()).toEqual([[{ n: 1 }]]);
  });
});

describe('an affinity', () => {
  const pidOf = (endpoint: Endpoint) => value(endpoint, 'pg_backend_pid()');

  it('keeps the connection that it had, and another affinity has another', async () => {
    const endpoint = open();
    const [one, two] = [await pidOf(endpoint.withAffinity('one')), await pidOf(endpoint.withAffinity('two'))];
    expect(one).not.toBe(two);
    expect(await pidOf(endpoint.withAffinity('one'))).toBe(one);
    expect(await pidOf(endpoint.withAffinity('two'))).toBe(two);
    // A caller without an affinity takes one that is there.
    expect([one, two]).toContain(await pidOf(endpoint));
  });

  it('does not wait for its connection while that is busy, and comes back to it', async () => {
    const about = open().withAffinity('one');
    const one = await pidOf(about);
    await about.transaction(reading, async () => {
      expect(await pidOf(about)).not.toBe(one);
    });
    expect(await pidOf(about)).toBe(one);
  });
});

describe('an address that leads to another server by now', () => {
  it('is noticed when the identity is read again, although the old connections still work', async () => {
    const other = await startPostgres({ name: 'other', password: server.password });
    onTestFinished(() => other.stop());
    const proxy = await TcpProxy.start({ host: '127.0.0.1', port: server.port });
    onTestFinished(() => proxy.stop());
    const url = new URL(server.url());
    url.port = String(proxy.port);
    const endpoint = open(url.href);
    const before = (await readSide(endpoint, null)).facts.identity;

    proxy.leadTo({ host: '127.0.0.1', port: other.port }, { keepPresent: true });
    const now = (await readSide(endpoint, null)).facts.identity;
    expect(now.systemIdentifier).not.toBe(before.systemIdentifier);
    // Whatever connections there are, the one that is expected is found, where there is one.
    for (let time = 0; time < 4; time += 1)
      expect(await value(endpoint, '1', { ...reading, expected: now })).toBe(1);
    expect(await failure(value(endpoint, '1', { ...reading, expected: before }))).toBeInstanceOf(
      WrongServerError,
    );
  });
});

describe('the pool', () => {
  it('survives a session that is ended while idle, and tells of it', async () => {
    const lost: Error[] = [];
    const endpoint = open(server.url(), { onConnectionLost: (error) => lost.push(error) });
    const pid = await value(endpoint, 'pg_backend_pid()');
    await open().transaction(reading, (query) => query('SELECT pg_terminate_backend($1)', [pid]));
    await expect.poll(() => lost.length).toBe(1);
    expect(await value(endpoint, 'pg_backend_pid()')).not.toBe(pid);
  });

  it('survives a session that is ended while in use', async () => {
    const endpoint = open();
    const error = await failure(
      endpoint.transaction(reading, (query) => query('SELECT pg_terminate_backend(pg_backend_pid())')),
    );
    expect(classify(error)).toMatchObject({ retryable: true, scope: 'connection', sqlstate: '57P01' });
    expect(error.message).toContain('connection to the standby');
    expect(await value(endpoint, '1')).toBe(1);
  });

  it('survives a restart and a crash of the server, without an error for the next transactions', async () => {
    const endpoint = open();
    const four = () =>
      Promise.all([1, 2, 3, 4].map((n) => value(endpoint, `(SELECT ${n} FROM pg_sleep(0.3))`)));
    expect(await four()).toEqual([1, 2, 3, 4]);
    await server.restart();
    expect(await four()).toEqual([1, 2, 3, 4]);
    await server.kill();
    expect(classify(await failure(four()))).toMatchObject({ retryable: true, scope: 'connection' });
    await server.start();
    expect(await four()).toEqual([1, 2, 3, 4]);
  });

  it('never has more than four connections, and lets the others wait', async () => {
    const url = server.url() + '?application_name=crowd';
    const endpoint = open(url);
    const counts = await Promise.all(
      Array.from({ length: 12 }, () =>
        value(
          endpoint,
          "(SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd' AND pg_sleep(0.3) IS NOT NULL)",
        ),
      ),
    );
    expect(Math.max(...counts.map(Number))).toBe(4);
  });

  it('ends on close, though the server does not answer', async () => {
    const endpoint = openEndpoint('standby', server.url(), { env: {} });
    await value(endpoint, '1');
    server.suspend();
    onTestFinished(() => {
      server.resume();
    });
    await endpoint.close();
  });
});

describe('a server that cannot be used', () => {
  it('is reported with side, address and reason when nobody listens', async () => {
    const error = await failure(value(open('postgresql://u:planted-secret@127.0.0.1:1/db'), '1'));
    expect(error.message).toBe(
      'The connection to the standby at 127.0.0.1:1/db cannot be made: connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(classify(error)).toMatchObject({ retryable: true, scope: 'connection', sqlstate: null });
  });

  it('can be tried again when its name does not resolve', async () => {
    const error = await failure(value(open('postgresql://u@no-such-host.invalid/db'), '1'));
    expect(classify(error)).toMatchObject({ retryable: true, scope: 'connection', sqlstate: null });
  });

  it('refuses a wrong password for good, without showing it', async () => {
    const error = await failure(value(open(server.url('postgres', 'postgres', 'pl@nted/secret')), '1'));
    expect(classify(error)).toMatchObject({ retryable: false, scope: 'connection', sqlstate: '28P01' });
    expect(inspect(error)).not.toMatch(/pl@nted|pl%40nted/i);
  });

  it('refuses a database that does not exist for good', async () => {
    expect(classify(await failure(value(open(server.url('nowhere')), '1')))).toMatchObject({
      retryable: false,
      scope: 'connection',
      sqlstate: '3D000',
    });
  });

  it('without TLS is refused for good where TLS is required', async () => {
    const error = await failure(value(open(server.url() + '?sslmode=require'), '1'));
    expect(error.message).toContain('does not support SSL');
    expect(classify(error)).toMatchObject({ retryable: false, scope: 'connection' });
  });

  it('gives up in time on a server that accepts and never answers', async () => {
    server.suspend();
    onTestFinished(() => {
      server.resume();
    });
    const error = await failure(value(open(server.url() + '?connect_timeout=1'), '1'));
    expect(error.message).toContain('timeout');
    expect(classify(error)).toMatchObject({ retryable: true, scope: 'connection' });
  });
});

it('reports a server that no longer answers on an open connection', async () => {
  const endpoint = open(server.url() + '?connect_timeout=7');
  await value(endpoint, '1');
  server.suspend();
  onTestFinished(() => {
    server.resume();
  });
  const error = await failure(value(endpoint, '1'));
  expect(classify(error)).toMatchObject({ retryable: true, scope: 'connection', sqlstate: null });
  server.resume();
  expect(await value(endpoint, '1')).toBe(1);
});

describe('a failed statement', () => {
  it('that waits too long for a lock can be tried again', async () => {
    const endpoint = open();
    await endpoint.transaction(writing, (query) => query('CREATE TABLE public.locked ()'));
    await endpoint.transaction(writing, async (query) => {
      await query('LOCK TABLE public.locked');
      const error = await failure(
        endpoint.transaction({ ...writing, lockTimeoutMs: 50 }, (inner) => inner('LOCK TABLE public.locked')),
      );
      expect(classify(error)).toMatchObject({ retryable: true, scope: 'statement', sqlstate: '55P03' });
    });
  });

  it('that takes too long can be tried again, on the same connection', async () => {
    const endpoint = open();
    const pid = await value(endpoint, 'pg_backend_pid()');
    const error = await failure(value(endpoint, 'pg_sleep(60)', { ...reading, statementTimeoutMs: 50 }));
    expect(classify(error)).toMatchObject({ retryable: true, scope: 'statement', sqlstate: '57014' });
    expect(await value(endpoint, 'pg_backend_pid()')).toBe(pid);
  });

  it.each([
    ['SELECT * FROM public.nothing', '42P01', 'statement'],
    ['SELECT * FROM nowhere.nothing', '42P01', 'statement'],
    ["SELECT nextval('public.nothing')", '42P01', 'statement'],
    ['SELECT pg_sequence_last_value(0::oid::regclass)', 'XX000', 'statement'],
    ['CREATE TABLE public.refused ()', '25006', 'connection'],
    ['SELECT 9223372036854775807 + 1', '22003', 'statement'],
  ] as const)('is not tried again where that cannot help: %s', async (text, sqlstate, scope) => {
    const error = await failure(open().transaction(reading, (query) => query(text)));
    expect(classify(error)).toMatchObject({ retryable: false, scope, sqlstate });
  });

  it('leaves no password in the error that quotes it', async () => {
    const url = server.url() + '?application_name=quoting';
    const error = await failure(
      open(url).transaction(reading, (query) =>
        query(`SELECT '${server.password}'::integer, 'host=h password=other'`),
      ),
    );
    expect(inspect(error)).not.toContain(server.password);
    expect(error.message).toContain('invalid input syntax for type integer');
  });
});

describe('a password file', () => {
  function passfile(line: string, mode = 0o600): string {
    const folder = mkdtempSync(join(tmpdir(), 'passfile-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const path = join(folder, 'pgpass');
    writeFileSync(path, line);
    chmodSync(path, mode);
    return path;
  }
  const bare = () => `postgresql://postgres@127.0.0.1:${server.port}/postgres`;

  it('gives the password that the URL leaves out', async () => {
    const path = passfile(
      `# comment\nelsewhere:*:*:*:wrong\n127.0.0.1:${server.port}:*:postgres:${server.password}\n`,
    );
    expect(await value(open(bare(), { env: { PGPASSFILE: path } }), '1')).toBe(1);
    expect(await value(open(`${bare()}?passfile=${encodeURIComponent(path)}`), '1')).toBe(1);
  });

  it('that other users can read is ignored, and the error says so', async () => {
    const path = passfile(`*:*:*:*:${server.password}`, 0o644);
    const error = await failure(value(open(bare(), { env: { PGPASSFILE: path } }), '1'));
    expect(error.message).toContain('chmod 0600');
    expect(classify(error)).toMatchObject({ retryable: false, scope: 'connection' });
  });

  it('that has no line for the server is named in the error', async () => {
    const path = passfile('elsewhere:*:*:*:wrong');
    const error = await failure(value(open(bare(), { env: { PGPASSFILE: path } }), '1'));
    expect(error.message).toContain(`no line of ${path} matches 127.0.0.1:${server.port}:postgres`);
  });

  it('keeps its password out of errors', async () => {
    const path = passfile('*:*:*:*:wrong-and-secret');
    const error = await failure(value(open(bare(), { env: { PGPASSFILE: path } }), '1'));
    expect(classify(error)).toMatchObject({ sqlstate: '28P01', retryable: false });
    expect(inspect(error)).not.toContain('wrong-and-secret');
  });
});

describe('the lock budget', () => {
  it('is a tenth of the lock table, half of it for one transaction', async () => {
    const small = await startPostgres({
      name: 'small',
      settings: { max_locks_per_transaction: '10', max_connections: '30', max_wal_senders: '2' },
    });
    onTestFinished(() => small.stop());
    expect(await open(small.url()).locksPerTransaction()).toBe(15);
    expect(await open().locksPerTransaction()).toBe(320);
  });

  it('makes transactions wait that together would exceed it', async () => {
    const endpoint = open();
    const each = await endpoint.locksPerTransaction();
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 6 }, () =>
        endpoint.transaction({ ...reading, locks: each }, async (query) => {
          most = Math.max(most, ++running);
          // Long enough for the others to begin on a busy machine.
          await query('SELECT pg_sleep(2)');
          running--;
        }),
      ),
    );
    expect(most).toBe(2);
  });
});
