import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.js';
import { migrate } from '../../src/ledger/schema-version.js';
import { startPostgres, type PostgresServer } from '../../src/local/postgres-server.js';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { openEndpoint } from '../../src/postgres/session/open-endpoint.js';
import type { CloseInput } from '../../src/steps/page-steps.js';
import { readIdentity } from './postgres/read-identity.js';

const PRIMARY = { systemIdentifier: '7', databaseOid: '5', database: 'app' };
const DAY = 86_400_000;

let server: PostgresServer;
let client: Client;
let endpoint: Endpoint;
let identity: PairIdentity;
beforeAll(async () => {
  server = await startPostgres({ name: 'evidence' });
  client = new Client({ connectionString: server.url() });
  await client.connect();
  const standby = await readIdentity(
    async (statement) => (await client.query<Record<string, unknown>>(statement)).rows,
  );
  identity = { pair: 'orders', primary: PRIMARY, standby };
  endpoint = openEndpoint('standby', server.url());
  await endpoint.transaction({ access: 'read write', expected: standby, locks: 0 }, (query) =>
    migrate(query),
  );
});
afterAll(async () => {
  await endpoint.close();
  await client.end();
  await server.stop();
});

/** A run that ended so many days ago. */
async function run(id: string, daysAgo: number, mode = 'sync', standby = identity.standby): Promise<void> {
  await client.query(
    `INSERT INTO sequence_failover.runs (run_id, workflow_id, pair, mode, started_at, state, primary_server, standby_server)
     VALUES ($1, $1, 'orders', $2, now() - $3 * interval '1 day', 'completed', $4, $5)`,
    [id, mode, daysAgo, PRIMARY, standby],
  );
}

async function row(id: string, sequence: string, values: Record<string, unknown>): Promise<void> {
  const { next = null, after = null, daysAgo = null, outcome = 'applied', reason = null } = values;
  await client.query(
    `INSERT INTO sequence_failover.sequences (run_id, round, sequence, primary_next, standby_after, outcome, reason, primary_read_at)
     VALUES ($1, 1, $2, $3, $4, $5, $6, now() - $7::integer * interval '1 day')`,
    [id, sequence, next, after, outcome, reason, daysAgo],
  );
}

it('knows what the pair’s runs have read, however long ago, and where they have put the standby', async () => {
  const ledger = openLedger(endpoint);
  expect(await ledger.lastPrimary('orders', identity.standby)).toBeNull();
  expect(await ledger.recordedNames('orders', identity.standby)).toEqual([]);
  // Of another standby, such as the one before a failback.
  await run('other', 1, 'sync', { ...identity.standby, systemIdentifier: '9' });
  await row('other', 'public.a', { next: 1, after: 2, daysAgo: 1 });
  await run('first', 60);
  await row('first', 'public.a', { next: 100, after: 1_100, daysAgo: 60 });
  await run('second', 50);
  await row('second', 'public.a', { next: 200, after: 1_200, daysAgo: 50 });
  await row('second', 'public.own', { outcome: 'skipped', reason: 'only on the standby' });
  await row('second', 'public.later', {
    outcome: 'skipped',
    reason: 'created on the standby while the run waited; only on the standby',
  });
  // A run without the primary reads nothing.
  await run('lost', 40, 'failover');
  await row('lost', 'public.a', { next: 300, after: 1_300 });

  expect(await ledger.lastPrimary('orders', identity.standby)).toMatchObject({ identity: PRIMARY });
  expect(await ledger.recordedNames('orders', identity.standby)).toEqual([['public', 'a']]);
  const evidence = await ledger.evidence(identity, ['public.a', 'public.own', 'public.later', 'public.none']);
  expect(evidence.get('public.a')).toMatchObject({
    readings: [{ next: 1n }, { next: 200n }, { next: 100n }],
    own: { primaryNext: 300n, standbyNext: 1_300n },
    isStandbyOnly: false,
  });
  for (const name of ['public.own', 'public.later'])
    expect(evidence.get(name)).toEqual({ readings: [], own: null, isStandbyOnly: true });
  expect(evidence.get('public.none')).toEqual({ readings: [], own: null, isStandbyOnly: false });
});

it('takes the reading of the latest run, also if the clock of an earlier worker was ahead or its own is behind', async () => {
  await client.query('TRUNCATE sequence_failover.runs, sequence_failover.sequences');
  const ledger = openLedger(endpoint);
  await run('early', 5);
  await row('early', 'public.a', { next: 100, after: 1_100, daysAgo: 5 });
  await run('ahead', 4);
  await row('ahead', 'public.a', { next: 200, after: 1_200, daysAgo: -10 });
  await run('behind', 3);
  await row('behind', 'public.a', { next: 300, after: 1_300, daysAgo: 40 });
  const evidence = await ledger.evidence(identity, ['public.a']);
  expect(evidence.get('public.a')).toMatchObject({
    readings: [{ next: 300n }, { next: 200n }, { next: 100n }],
  });
  // A promotion that replaced the primary ended between the two last runs. The clocks of the workers do not count for that either.
  await client.query(
    `INSERT INTO sequence_failover.promotions (run_id, workflow_id, pair, started_at, finished_at, state, outcome, primary_server, standby_server)
     VALUES ('away', 'promote-orders', 'orders', now() - interval '4 days', now() - interval '84 hours', 'promoted', 'promoted', $1, '{}')`,
    [PRIMARY],
  );
  const since = await ledger.evidence(identity, ['public.a']);
  expect(since.get('public.a')).toMatchObject({ readings: [{ next: 300n }] });
  await client.query('TRUNCATE sequence_failover.promotions');
});

it('reads the names of a run once for all of its pages, and those of the next run anew', async () => {
  await client.query('TRUNCATE sequence_failover.runs, sequence_failover.sequences');
  const ledger = openLedger(endpoint);
  const names = () => ledger.recordedNames('orders', identity.standby);
  await run('first', 3);
  for (const sequence of ['public.b', 'public."B"', '"a.b".c', 'public."Zoë"'])
    await row('first', sequence, { next: 1, daysAgo: 3 });
  await row('first', 'public.skipped', { next: 1, daysAgo: 3, outcome: 'skipped' });
  const [one, two] = await Promise.all([names(), names()]);
  expect(one).toEqual([
    ['a.b', 'c'],
    ['public', 'B'],
    ['public', 'Zoë'],
    ['public', 'b'],
  ]);
  expect(two).toBe(one);
  expect(await names()).toBe(one);
  await run('second', 2);
  await row('second', 'public.c', { next: 1, daysAgo: 2 });
  expect(await names()).toEqual([['public', 'c']]);
});

it('drops the old runs of a watch, but the latest of them and every failover and promotion', async () => {
  await client.query('TRUNCATE sequence_failover.runs, sequence_failover.sequences');
  for (let index = 0; index < 30; index += 1) {
    await run(`sync-${index}`, 100 - index);
    await row(`sync-${index}`, 'public.a', { next: index, daysAgo: 100 - index });
  }
  await run('failover', 200, 'failover');
  // Of a pair of the same name in another installation, which shares the ledger.
  const elsewhere = [
    { ...PRIMARY, systemIdentifier: '8' },
    { ...identity.standby, systemIdentifier: '9' },
  ];
  await client.query(
    `INSERT INTO sequence_failover.runs (run_id, workflow_id, pair, mode, started_at, state, primary_server, standby_server)
     SELECT 'other-' || at, 'other', 'orders', 'sync', now() - interval '400 days', 'completed', $1, $2 FROM generate_series(1, 2) at`,
    elsewhere,
  );
  // A promotion sets sequences by a run in the mode sync.
  await run('promotion', 300);
  await client.query(
    `INSERT INTO sequence_failover.promotions (run_id, workflow_id, pair, started_at, state, outcome, primary_server, standby_server)
     VALUES ('promotion', 'promote-orders', 'orders', now(), 'promoted', 'promoted', '{}', '{}')`,
  );
  await run('fresh', 1);
  const ending: CloseInput = {
    ...{ identity, workflowId: 'fresh', runId: 'fresh', state: 'completed', outcome: 'synchronized' },
    approvals: [],
  };
  const close = (keepMs: number | null) => openLedger(endpoint, { keepMs }).close(ending);
  const left = async () => {
    const { rows } = await client.query<{ id: string }>(
      'SELECT run_id AS id FROM sequence_failover.runs ORDER BY started_at, run_id',
    );
    return rows.map(({ id }) => id);
  };
  await close(null);
  expect(await left()).toHaveLength(35);
  // A role that may not delete writes the ending, and says why the old runs stay.
  await client.query(
    `CREATE ROLE writer LOGIN PASSWORD 'w'; GRANT USAGE ON SCHEMA sequence_failover TO writer;
     GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sequence_failover TO writer`,
  );
  const writer = openEndpoint('standby', server.url('postgres', 'writer', 'w'));
  const told: unknown[] = [];
  const limited = openLedger(writer, { keepMs: 30 * DAY, onNotPruned: (error) => told.push(error) });
  expect(await limited.close(ending)).toEqual({ recorded: 0, unavailable: null });
  await writer.close();
  expect(told).toEqual([expect.objectContaining({ code: '42501' })]);
  expect(await left()).toHaveLength(35);
  await close(30 * DAY);
  const latest = Array.from({ length: 19 }, (_, index) => `sync-${index + 11}`);
  expect(await left()).toEqual(['other-1', 'other-2', 'promotion', 'failover', ...latest, 'fresh']);
  const { rows } = await client.query('SELECT DISTINCT run_id FROM sequence_failover.sequences');
  expect(rows).toHaveLength(latest.length);
});
