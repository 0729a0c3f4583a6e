import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import type { PairIdentity } from '../../src/steps/identity.js';
import type { CloseInput, RecordInput } from '../../src/steps/page-steps.js';
import type { SequenceRow } from '../../src/contract/status.js';
import { createDatabase } from '../../src/local/create-database.js';
import { startPostgres } from '../../src/local/postgres-server.js';
import type { PostgresServer } from '../../src/local/postgres-server.js';
import { openLedger } from '../../src/ledger/open-ledger.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { migrations, newestColumn } from '../../src/ledger/migrations.js';
import { LedgerTooNewError, migrate } from '../../src/ledger/schema-version.js';
import type { Endpoint, Side } from '../../src/postgres/endpoint.js';
import { ConnectionError, WrongServerError } from '../../src/postgres/failures/errors.js';
import { openEndpoint } from '../../src/postgres/session/open-endpoint.js';
import { readIdentity } from './postgres/read-identity.js';

let server: PostgresServer;
let admin: Client;
let database = 0;
let superuser: Client;
let identity: PairIdentity;
const endpoints: Endpoint[] = [];

beforeAll(async () => {
  server = await startPostgres({ name: 'ledger' });
  admin = new Client({ connectionString: server.url() });
  await admin.connect();
  await admin.query(`CREATE ROLE worker LOGIN PASSWORD 'w'`);
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});

beforeEach(async () => {
  database += 1;
  await createDatabase(admin, `ledger_${String(database)}`);
  superuser = new Client({ connectionString: server.url(name()) });
  await superuser.connect();
  const standby = await readIdentity(
    async (statement) => (await superuser.query<Record<string, unknown>>(statement)).rows,
  );
  identity = {
    pair: 'orders',
    primary: { systemIdentifier: '7', databaseOid: '5', database: 'app' },
    standby,
  };
});
afterEach(async () => {
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
  await superuser.end();
});

function name(): string {
  return `ledger_${String(database)}`;
}

function open(side: Side = 'standby', user?: string): Endpoint {
  const endpoint = openEndpoint(side, user ? server.url(name(), user, 'w') : server.url(name()));
  endpoints.push(endpoint);
  return endpoint;
}

function ledger(side?: Side, user?: string): Ledger {
  return openLedger(open(side, user));
}

const row: SequenceRow = {
  sequence: 'public.orders_id_seq',
  primaryNext: '10001',
  standbyBefore: '1',
  target: '20001',
  standbyNext: '20001',
  buffer: '10000',
  outcome: 'applied',
  reason: null,
};

const input = (changes: Partial<RecordInput> = {}): RecordInput => ({
  identity,
  run: {
    workflowId: 'failover-orders',
    runId: 'run-1',
    mode: 'failover',
    requestedBy: 'alice',
    ticket: 'CHG-1',
    startedAt: '2026-01-02T03:04:05.678Z',
    buffer: { preset: 'low' },
    bufferReason: 'twice the peak of May',
    calls: '10000',
  },
  round: 1,
  primaryReadAt: '2026-01-02T03:04:06.000Z',
  rows: [row],
  ...changes,
});

const closing = (changes: Partial<CloseInput> = {}): CloseInput => ({
  identity,
  workflowId: 'failover-orders',
  runId: 'run-1',
  state: 'completed',
  outcome: 'handed-off',
  approvals: [{ by: 'bob', at: '2026-01-02T04:00:00.000Z', reason: null, accept: [] }],
  ...changes,
});

async function read(table: 'runs' | 'sequences' | 'migrations', columns = '*'): Promise<unknown[]> {
  const { rows } = await superuser.query<Record<string, unknown>>(
    `SELECT ${columns} FROM sequence_failover.${table} s ORDER BY 1`,
  );
  return rows;
}

it('records a run, its rows and its ending', async () => {
  const book = ledger();
  const extremes: SequenceRow = {
    ...row,
    sequence: '"Größe; DROP"."a\'b"',
    primaryNext: '9223372036854775808',
    standbyBefore: null,
    target: null,
    standbyNext: '-9223372036854775809',
    buffer: null,
    outcome: 'failed',
    reason: 'it is full',
  };
  const recorded = {
    definition: 'AS integer',
    feeds: ['public.orders.id'],
    defaults: { 'public.orders."No"': "('ORD-'::text || nextval('public.orders_id_seq'::regclass))" },
  };
  const definitions = new Map([[row.sequence, recorded]]);
  expect(await book.record(input({ rows: [row, extremes] }), definitions)).toEqual({
    recorded: 2,
    unavailable: null,
  });
  expect(await book.close(closing(), 'ab12')).toEqual({ recorded: 1, unavailable: null });
  expect(await read('runs')).toEqual([
    {
      run_id: 'run-1',
      workflow_id: 'failover-orders',
      pair: 'orders',
      mode: 'failover',
      requested_by: 'alice',
      ticket: 'CHG-1',
      buffer: { preset: 'low' },
      calls: '10000',
      started_at: new Date('2026-01-02T03:04:05.678Z'),
      finished_at: expect.any(Date) as Date,
      state: 'completed',
      outcome: 'handed-off',
      approvals: [{ by: 'bob', at: '2026-01-02T04:00:00.000Z', reason: null, accept: [] }],
      primary_server: identity.primary,
      standby_server: identity.standby,
      buffer_reason: 'twice the peak of May',
      record_digest: 'ab12',
    },
  ]);
  expect(await read('sequences', 'sequence COLLATE "C", s.*')).toEqual([
    {
      run_id: 'run-1',
      round: 1,
      sequence: '"Größe; DROP"."a\'b"',
      primary_next: '9223372036854775808',
      standby_before: null,
      buffer: null,
      target: null,
      standby_after: '-9223372036854775809',
      outcome: 'failed',
      reason: 'it is full',
      primary_read_at: new Date('2026-01-02T03:04:06.000Z'),
      evidence: null,
      evidence_at: null,
      definition: null,
      feeds: null,
      defaults: null,
    },
    {
      run_id: 'run-1',
      round: 1,
      sequence: 'public.orders_id_seq',
      primary_next: '10001',
      standby_before: '1',
      buffer: '10000',
      target: '20001',
      standby_after: '20001',
      outcome: 'applied',
      reason: null,
      primary_read_at: new Date('2026-01-02T03:04:06.000Z'),
      evidence: null,
      evidence_at: null,
      definition: 'AS integer',
      feeds: ['public.orders.id'],
      defaults: recorded.defaults,
    },
  ]);
  const names = [row.sequence, extremes.sequence, 'public.none'];
  expect(await book.definitions(identity, names)).toEqual(definitions);
  // A later round that could not read them leaves the last ones.
  await book.record(input({ round: 2 }));
  expect(await book.definitions(identity, names)).toEqual(definitions);
});

it('tells definitions that an older version recorded, whose defaults are unknown, from those without any', async () => {
  const older = migrations.filter(({ version }) => version < 9);
  await open().transaction({ access: 'read write', expected: null, locks: 20 }, (query) =>
    migrate(query, older),
  );
  await superuser.query(
    `INSERT INTO sequence_failover.runs (run_id, workflow_id, pair, started_at, state, primary_server, standby_server)
     VALUES ('run-0', 'w', 'orders', '2020-01-01', 'completed', $1, $2)`,
    [identity.primary, identity.standby],
  );
  await superuser.query(
    `INSERT INTO sequence_failover.sequences (run_id, round, sequence, outcome, definition, feeds)
     VALUES ('run-0', 1, $1, 'applied', 'AS integer', '["public.orders.id"]')`,
    [row.sequence],
  );
  const before = { definition: 'AS integer', feeds: ['public.orders.id'], defaults: null };
  const known = () => ledger().definitions(identity, [row.sequence]);
  expect(await known()).toEqual(new Map([[row.sequence, before]]));
  const now = { ...before, defaults: {} };
  await ledger().record(input(), new Map([[row.sequence, now]]));
  expect(await known()).toEqual(new Map([[row.sequence, now]]));
});

it('writes nothing again when an activity is repeated, and each round beside the others', async () => {
  const book = ledger();
  const rows = Array.from({ length: 2000 }, (_, index) => ({ ...row, sequence: `public.s${String(index)}` }));
  await book.record(input({ rows }));
  await book.close(closing());
  const versions = async () => [
    await read('runs', 'run_id, xmin, ctid, finished_at'),
    await read('sequences', 'sequence, xmin, ctid'),
  ];
  const before = await versions();

  expect(await book.record(input({ rows }))).toEqual({ recorded: 2000, unavailable: null });
  expect(await book.close(closing())).toEqual({ recorded: 0, unavailable: null });
  expect(await versions()).toEqual(before);

  const [first, ...others] = rows;
  if (!first) throw new Error('no rows');
  await book.record(input({ rows: [{ ...first, standbyNext: '20005' }, ...others] }));
  await book.record(input({ round: 2, rows: [first] }));
  expect(await read('sequences', 'round, sequence, standby_after, count(*) OVER () AS all')).toHaveLength(
    2001,
  );
  const { rows: changed } = await superuser.query(
    `SELECT round, standby_after FROM sequence_failover.sequences WHERE sequence = 'public.s0' ORDER BY round`,
  );
  expect(changed).toEqual([
    { round: 1, standby_after: '20005' },
    { round: 2, standby_after: '20001' },
  ]);
});

it('records the ending of a run that recorded no round, and a round that comes late', async () => {
  const book = ledger();
  await book.close(closing({ state: 'cancelled', outcome: 'cancelled', approvals: [] }));
  await book.record(input());
  expect(await read('runs', 'run_id, mode, state, outcome, calls')).toEqual([
    { run_id: 'run-1', mode: 'failover', state: 'cancelled', outcome: 'cancelled', calls: '10000' },
  ]);
  expect(await read('sequences', 'sequence')).toEqual([{ sequence: row.sequence }]);
});

it('stores texts that PostgreSQL cannot hold as they are', async () => {
  const book = ledger();
  const { run } = input();
  await book.record(input({ run: { ...run, ticket: 'a\0b\ud800' }, rows: [{ ...row, reason: '\0\udfff' }] }));
  await book.close(closing({ approvals: [{ by: '\0', at: 'x', reason: '\ud800', accept: [] }] }));
  expect(await read('runs', 'ticket, approvals')).toEqual([
    { ticket: 'a\ufffdb\ufffd', approvals: [{ by: '\ufffd', at: 'x', reason: '\ufffd', accept: [] }] },
  ]);
  expect(await read('sequences', 'reason')).toEqual([{ reason: '\ufffd\ufffd' }]);
});

it('lets workers that find no ledger at the same time make one together', async () => {
  const books = Array.from({ length: 6 }, () => ledger());
  const reports = await Promise.all(
    books.map((book, index) =>
      book.record(input({ run: { ...input().run, runId: `run-${String(index)}` } })),
    ),
  );
  expect(reports).toEqual(books.map(() => ({ recorded: 1, unavailable: null })));
  expect(await read('migrations', 'version, least_writer')).toEqual(
    migrations.map(({ version, leastWriter }) => ({ version, least_writer: leastWriter })),
  );
  expect(await read('runs', 'run_id')).toHaveLength(6);
});

it('has no sequence of its own', async () => {
  await ledger().record(input());
  const { rows } = await superuser.query(`SELECT relname FROM pg_class WHERE relkind = 'S'`);
  expect(rows).toEqual([]);
});

it('marks the open runs of the same databases as abandoned with the first rows of another, and no others', async () => {
  const book = ledger('ledger');
  const { run } = input();
  const elsewhere = {
    primary: { systemIdentifier: '8', databaseOid: '5', database: 'app' },
    standby: { systemIdentifier: '9', databaseOid: '5', database: 'app' },
  };
  const swapped = { primary: identity.standby, standby: { ...elsewhere.standby, systemIdentifier: '10' } };
  const of = (runId: string, on: Partial<PairIdentity> = {}) =>
    input({ run: { ...run, runId }, identity: { ...identity, ...on } });
  await book.record(of('other pair', { pair: 'users' }));
  await book.record(of('other servers', elsewhere));
  await book.close(closing({ runId: 'completed' }));
  await book.record(of('terminated'));
  await book.record(of('terminated, roles swapped', swapped));
  await book.record(of('still open'));
  // Once a run: whoever comes later has the pair for itself.
  await superuser.query(`UPDATE sequence_failover.runs SET state = 'open' WHERE run_id = 'terminated'`);
  await book.record({ ...of('still open'), round: 2 });
  expect(await read('runs', 'run_id, state, finished_at IS NOT NULL AS finished')).toEqual([
    { run_id: 'completed', state: 'completed', finished: true },
    { run_id: 'other pair', state: 'open', finished: false },
    { run_id: 'other servers', state: 'open', finished: false },
    { run_id: 'still open', state: 'open', finished: false },
    { run_id: 'terminated', state: 'open', finished: true },
    { run_id: 'terminated, roles swapped', state: 'abandoned', finished: true },
  ]);
});

it('needs no right to create where the tables exist, and names the statements for each right it lacks', async () => {
  const book = ledger('standby', 'worker');
  const where = `The ledger on the standby at 127.0.0.1:${String(server.port)}/${name()} cannot be written: `;
  expect(await book.record(input())).toEqual({
    recorded: 0,
    unavailable:
      `${where}permission denied for database ${name()} (SQLSTATE 42501). ` +
      'As a superuser run: CREATE SCHEMA sequence_failover AUTHORIZATION worker;',
  });

  await ledger().close(closing({ runId: 'another' }));
  const refused = await book.record(input());
  const remedy =
    'As the owner of the schema run: GRANT USAGE ON SCHEMA sequence_failover TO worker; ' +
    'GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sequence_failover TO worker;';
  expect(refused).toEqual({
    recorded: 0,
    unavailable: `${where}permission denied for schema sequence_failover (SQLSTATE 42501). ${remedy}`,
  });

  await superuser.query(remedy.slice(remedy.indexOf('GRANT')));
  await superuser.query('REVOKE INSERT ON sequence_failover.sequences FROM worker');
  for (let time = 0; time < 2; time += 1) {
    expect(await book.record(input())).toEqual({
      recorded: 0,
      // Before PostgreSQL 11 it says `relation`.
      unavailable: expect.stringMatching(
        /permission denied for (?:table|relation) sequences \(SQLSTATE 42501\)\. As the/,
      ) as string,
    });
  }

  await superuser.query(remedy.slice(remedy.indexOf('GRANT')));
  expect(await book.record(input())).toEqual({ recorded: 1, unavailable: null });
  expect(await book.close(closing())).toEqual({ recorded: 1, unavailable: null });
});

it.each(
  migrations.slice(0, -1).flatMap(({ version }) => [
    { version, granted: 'may write' },
    { version, granted: 'may not read' },
  ]),
)(
  'lets a role that $granted a ledger of version $version bring it up to date, by one remedy',
  async ({ version, granted }) => {
    await open().transaction({ access: 'read write', expected: null, locks: 40 }, (query) =>
      migrate(query, migrations.slice(0, version)),
    );
    if (granted === 'may write')
      await superuser.query(`GRANT USAGE ON SCHEMA sequence_failover TO worker;
        GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sequence_failover TO worker`);
    const book = ledger('standby', 'worker');
    const { recorded, unavailable } = await book.record(input());
    expect({ recorded, unavailable }).toEqual({
      recorded: 0,
      unavailable: expect.stringMatching(
        /(?:must be owner of (?:table|relation|index)|permission denied for schema).*As a superuser run: ALTER SCHEMA/,
      ) as string,
    });
    await superuser.query(unavailable?.slice(unavailable.indexOf('ALTER SCHEMA')) ?? '');
    expect(await book.record(input())).toEqual({ recorded: 1, unavailable: null });
  },
);

it('is told from an older one by the newest column', () => {
  expect(migrations.at(-1)?.statements.join(' ')).toContain(`ADD COLUMN ${newestColumn.column} `);
});

it('says beforehand whether a role could write the ledger, and what it lacks', async () => {
  const latest = migrations.at(-1)?.version ?? 0;
  const asWorker = ledger('standby', 'worker');
  expect(await asWorker.inspect()).toMatchObject({
    usable: false,
    reason: expect.stringContaining('CREATE SCHEMA sequence_failover AUTHORIZATION worker;') as string,
  });
  await superuser.query('CREATE SCHEMA sequence_failover AUTHORIZATION worker');
  expect(await asWorker.inspect()).toEqual({ usable: true, version: null, latest });
  expect(await asWorker.record(input())).toEqual({ recorded: 1, unavailable: null });
  expect(await asWorker.inspect()).toEqual({ usable: true, version: latest, latest });
  await superuser.query('ALTER TABLE sequence_failover.runs OWNER TO postgres');
  await superuser.query('REVOKE ALL ON sequence_failover.runs FROM worker');
  expect(await asWorker.inspect()).toMatchObject({
    usable: false,
    reason: expect.stringContaining('GRANT SELECT, INSERT, UPDATE ON ALL TABLES') as string,
  });
  // A newer worker has migrated the ledger, and this one may still write rows.
  await superuser.query('GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sequence_failover TO worker');
  await superuser.query('INSERT INTO sequence_failover.migrations (version, least_writer) VALUES (999, 1)');
  expect(await asWorker.inspect()).toEqual({ usable: true, version: 999, latest });
  expect(await asWorker.record(input())).toMatchObject({ unavailable: null });
  await superuser.query(
    'INSERT INTO sequence_failover.migrations (version, least_writer) VALUES (1000, 1000)',
  );
  expect(await ledger().inspect()).toMatchObject({
    usable: false,
    reason: expect.stringContaining('upgrade the worker') as string,
  });
});

describe('readings of earlier rounds', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const at = (runId: string, round: number, minutes: number, rows: Partial<SequenceRow>[]) =>
    input({
      run: { ...input().run, runId, startedAt: minutesAgo(minutes + 1) },
      round,
      primaryReadAt: minutesAgo(minutes),
      rows: rows.map((changes) => ({ ...row, ...changes })),
    });
  const other = '"Größe; DROP"."a\'b"';

  it('come back by sequence, the latest first, exact at the ends of bigint', async () => {
    const book = ledger();
    await book.record(at('run-1', 1, 90, [{ primaryNext: '1' }, { sequence: other, primaryNext: null }]));
    await book.record(at('run-2', 1, 30, [{ primaryNext: '9223372036854775808' }]));
    await book.record(at('run-2', 2, 20, [{ sequence: other, primaryNext: '-9223372036854775809' }]));
    const readings = await book.readings(identity, [row.sequence, other, 'public.unknown']);
    const shown = [...readings].map(([sequence, of]) => [
      sequence,
      of.map(({ next, at: read }) => [next, Math.round((Date.now() - read) / 60_000)]),
    ]);
    expect(Object.fromEntries(shown)).toEqual({
      [row.sequence]: [
        [9223372036854775808n, 30],
        [1n, 90],
      ],
      [other]: [[-9223372036854775809n, 20]],
    });
  });

  it('are those of this primary on this pair, not too old, and not too many', async () => {
    const book = ledger();
    const elsewhere = { ...identity, primary: { ...identity.primary, databaseOid: '6' } };
    await book.record({ ...at('run-1', 1, 10, [{}]), identity: elsewhere });
    await book.record({ ...at('run-2', 1, 10, [{}]), identity: { ...identity, pair: 'users' } });
    await book.record(at('run-3', 1, 31 * 24 * 60, [{}]));
    expect(await book.readings(identity, [row.sequence])).toEqual(new Map());
    for (let round = 1; round <= 25; round += 1) {
      await book.record(at('run-4', round, 100 - round, [{ primaryNext: String(round) }]));
    }
    const readings = (await book.readings(identity, [row.sequence])).get(row.sequence) ?? [];
    expect(readings.map(({ next }) => next)).toEqual(
      Array.from({ length: 20 }, (_, index) => BigInt(25 - index)),
    );
  });

  it('leave out those from before the last promotion, which moved the sequences; a lost primary has them if it has no others', async () => {
    const book = ledger();
    await book.record(at('run-1', 1, 90, [{ primaryNext: '1' }]));
    await book.record(at('run-2', 1, 60, [{ primaryNext: '2' }]));
    const promotion = {
      ...{ identity, runId: 'promotion-1', workflowId: 'promote', ticket: null, requestedBy: null },
      ...{ startedAt: minutesAgo(46), state: 'promoted' as const, outcome: 'promoted' },
      ...{ approvals: [], certificate: null, fence: null },
    };
    await book.recordPromotion(promotion);
    await superuser.query(
      "UPDATE sequence_failover.promotions SET finished_at = now() - interval '45 minutes'",
    );
    const next = async () =>
      (await book.readings(identity, [row.sequence])).get(row.sequence)?.map((reading) => reading.next);
    const lastOfLost = async () =>
      (await book.evidence(identity, [row.sequence])).get(row.sequence)?.readings.map((one) => one.next);
    // Together with a reading of now they would give the rate of a promotion's own setval. A primary that is lost now has no later ones.
    expect(await next()).toEqual([]);
    expect(await lastOfLost()).toEqual([2n, 1n]);
    await book.record(at('run-3', 1, 30, [{ primaryNext: '20002' }]));
    await book.record(at('run-3', 2, 20, [{ primaryNext: '20003' }]));
    expect(await next()).toEqual([20_003n, 20_002n]);
    expect(await lastOfLost()).toEqual([20_003n, 20_002n]);
  });

  it('are none where there is no ledger, or an older one, and nothing is made for them', async () => {
    const book = ledger();
    expect(await book.readings(identity, [row.sequence])).toEqual(new Map());
    expect(
      await superuser.query(`SELECT FROM pg_namespace WHERE nspname = 'sequence_failover'`),
    ).toMatchObject({
      rowCount: 0,
    });
    await open().transaction({ access: 'read write', expected: null, locks: 20 }, (query) =>
      migrate(query, migrations.slice(0, 1)),
    );
    expect(await book.readings(identity, [row.sequence])).toEqual(new Map());
  });
});

it('is made by a role that owns nothing but the schema', async () => {
  await superuser.query('CREATE SCHEMA sequence_failover AUTHORIZATION worker');
  expect(await ledger('standby', 'worker').record(input())).toEqual({ recorded: 1, unavailable: null });
});

it('says so when the database cannot be written or logged in to', async () => {
  await superuser.query(`ALTER DATABASE ${name()} SET default_transaction_read_only = on`);
  expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });

  const wrong = openEndpoint('ledger', server.url(name(), 'worker', 'not-the-password'));
  endpoints.push(wrong);
  const report = await openLedger(wrong).record(input());
  expect(report).toEqual({
    recorded: 0,
    unavailable: expect.stringMatching(
      /^The ledger on the ledger .*password authentication failed/,
    ) as string,
  });
  expect(report.unavailable).not.toContain('not-the-password');
});

it('throws what a retry can heal, and another server than the run began with', async () => {
  const url = new URL(server.url(name()));
  url.port = '1';
  const unreachable = openEndpoint('ledger', url.href);
  endpoints.push(unreachable);
  await expect(openLedger(unreachable).record(input())).rejects.toThrow(ConnectionError);

  identity.standby = { ...identity.standby, databaseOid: '1' };
  await expect(ledger('standby').record(input())).rejects.toThrow(WrongServerError);
  expect(await ledger('ledger').record(input())).toEqual({ recorded: 1, unavailable: null });
});

it('writes to a newer ledger that allows it, and refuses one that does not', async () => {
  await ledger().record(input());
  await superuser.query('INSERT INTO sequence_failover.migrations (version, least_writer) VALUES (98, 1)');
  expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });

  await superuser.query('INSERT INTO sequence_failover.migrations (version, least_writer) VALUES (99, 99)');
  expect(await ledger().record(input())).toEqual({
    recorded: 0,
    unavailable: expect.stringMatching(
      /has version 99, and this worker knows only version \d+; upgrade the worker$/,
    ) as string,
  });
  await expect(
    open().transaction({ access: 'read write', expected: null, locks: 1 }, (query) => migrate(query)),
  ).rejects.toThrow(LedgerTooNewError);
});

it('is brought from an older version to the newest, all steps or none', async () => {
  await ledger().record(input());
  const newest = migrations.map(({ version }) => ({ version }));
  const second = {
    version: 98,
    leastWriter: 1,
    statements: ['ALTER TABLE sequence_failover.runs ADD COLUMN note text'],
  };
  const broken = {
    version: 99,
    leastWriter: 1,
    statements: ['ALTER TABLE sequence_failover.nothing ADD x text'],
  };
  const upgrade = (steps: typeof migrations) =>
    open().transaction({ access: 'read write', expected: null, locks: 20 }, (query) => migrate(query, steps));

  await expect(upgrade([...migrations, second, broken])).rejects.toThrow(/does not exist/);
  expect(await read('migrations', 'version')).toEqual(newest);
  await Promise.all([upgrade([...migrations, second]), upgrade([...migrations, second])]);
  expect(await read('migrations', 'version')).toEqual([...newest, { version: 98 }]);
  expect(await read('runs', 'run_id, note')).toEqual([{ run_id: 'run-1', note: null }]);
  expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });
});

it('that an event trigger keeps from being created is unavailable until the remedy is followed', async () => {
  await superuser.query(`
    CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no DDL here''; END';
    CREATE EVENT TRIGGER "No DDL" ON ddl_command_start EXECUTE PROCEDURE public.refuse(); ALTER EVENT TRIGGER "No DDL" ENABLE ALWAYS`);
  const { recorded, unavailable } = await ledger().record(input());
  expect(recorded).toBe(0);
  expect(unavailable).toMatch(/cannot be written: no DDL here .*which an event trigger may refuse/u);
  const [disable = '', enable = '', ...others] = unavailable?.match(/ALTER [^;]*;/gu) ?? [];
  expect(others).toEqual([]);
  await superuser.query(disable);
  expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });
  await superuser.query(enable);
  const { rows } = await superuser.query('SELECT evtenabled FROM pg_event_trigger');
  expect(rows).toEqual([{ evtenabled: 'A' }]);
  expect(await ledger().close(closing())).toEqual({ recorded: 1, unavailable: null });
  // Once the ledger is there, the event trigger is not the cause.
  await superuser.query(disable);
  await superuser.query('ALTER TABLE sequence_failover.sequences ADD CHECK (run_id IS NULL) NOT VALID');
  await superuser.query(enable);
  const later = await ledger().record(input({ run: { ...input().run, runId: 'run-2' } }));
  expect(later.unavailable).toContain('ALTER SCHEMA sequence_failover RENAME');
});

describe('a ledger that keeps no rows', () => {
  const taken = `CREATE FUNCTION public.take() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`;
  const trigger = (table: string) =>
    `${taken}; CREATE TRIGGER "take it" BEFORE INSERT ON sequence_failover.${table} FOR EACH ROW EXECUTE PROCEDURE public.take()`;

  it.each([
    ['runs', trigger('runs')],
    ['sequences', trigger('sequences')],
  ])('for a trigger on %s is unavailable until the remedy is followed', async (table, statement) => {
    await ledger().record(input({ run: { ...input().run, runId: 'run-0' } }));
    await superuser.query(statement);
    const remedy = `ALTER TABLE sequence_failover.${table} DISABLE TRIGGER "take it";`;
    const expected = {
      recorded: 0,
      unavailable: expect.stringContaining(`As the owner of the tables run: ${remedy}`) as string,
    };
    expect(await ledger().record(input())).toEqual(expected);
    // Once more, as an activity may be.
    expect(await ledger().record(input())).toEqual(expected);
    if (table === 'runs') expect(await ledger().close(closing())).toEqual(expected);
    await superuser.query(remedy);
    expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });
    expect(await ledger().close(closing())).toEqual({ recorded: 1, unavailable: null });
  });

  it.each([
    ['a rule', 'CREATE RULE nothing AS ON INSERT TO sequence_failover.sequences DO INSTEAD NOTHING'],
    ['a constraint', 'ALTER TABLE sequence_failover.sequences ADD CHECK (run_id IS NULL) NOT VALID'],
    [
      'a trigger that fails',
      `CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
       CREATE TRIGGER fail BEFORE INSERT ON sequence_failover.sequences FOR EACH ROW EXECUTE PROCEDURE public.fail()`,
    ],
    ['a column of its own', 'ALTER TABLE sequence_failover.sequences ADD COLUMN foreign_one text NOT NULL'],
    ['no column', 'ALTER TABLE sequence_failover.sequences DROP COLUMN primary_next'],
    ['another type', 'ALTER TABLE sequence_failover.sequences ALTER COLUMN buffer TYPE jsonb USING NULL'],
    [
      'no partition',
      `DROP TABLE sequence_failover.sequences;
       CREATE TABLE sequence_failover.sequences (run_id text, round integer, sequence text, primary_next numeric, standby_before numeric,
         buffer numeric, target numeric, standby_after numeric, outcome text, reason text, primary_read_at timestamptz,
         PRIMARY KEY (run_id, sequence, round)) PARTITION BY LIST (run_id)`,
    ],
    ['no table of migrations', 'DROP TABLE sequence_failover.migrations'],
    [
      'a sequence table that is a view',
      'ALTER TABLE sequence_failover.sequences RENAME TO s; CREATE VIEW sequence_failover.sequences AS SELECT run_id FROM sequence_failover.s',
    ],
  ])('for %s is unavailable until it is set aside', async (_, statement) => {
    const { rows } = await superuser.query<{ server_version_num: string }>('SHOW server_version_num');
    // Then a partitioned table has no primary key, and the statement fails.
    if (statement.includes('PARTITION BY') && Number(rows[0]?.server_version_num) < 110_000) return;
    await ledger().record(input({ run: { ...input().run, runId: 'run-0' }, rows: [] }));
    await superuser.query(statement);
    const report = await ledger().record(input());
    expect(report).toEqual({
      recorded: 0,
      unavailable: expect.stringMatching(/^The ledger on the standby at .* cannot be written: /) as string,
    });
    const [rename] = /ALTER SCHEMA .*;$/.exec(report.unavailable ?? '') ?? [];
    await superuser.query(rename ?? '');
    expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });
  });

  it('is not one whose database is read-only by default', async () => {
    await admin.query(`ALTER DATABASE ${name()} SET default_transaction_read_only TO on`);
    // What a transaction asks for goes before the default.
    expect(await ledger().record(input())).toEqual({ recorded: 1, unavailable: null });
  });

  it('of an encoding without a name is unavailable, and no new ledger would help', async () => {
    await admin.query(`DROP DATABASE IF EXISTS latin`);
    await admin.query(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    const endpoint = openEndpoint('ledger', server.url('latin'));
    endpoints.push(endpoint);
    const { recorded, unavailable } = await openLedger(endpoint).record(
      input({ rows: [{ ...row, sequence: 'public."順番"' }] }),
    );
    expect(recorded).toBe(0);
    expect(unavailable).toMatch(/encoding/u);
    expect(unavailable).not.toContain('RENAME');
  });
});
