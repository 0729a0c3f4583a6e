import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Status } from '../../../src/contract/status.js';
import { until } from '../../../src/local/until.js';
import { paste } from '../../integration/postgres/paste.js';
import { json } from '../stage/payloads.js';
import { completed, failed, WorkflowRun } from '../stage/workflow-run.js';
import { FaultStage, type FaultyPair, RUNNER } from './fault-stage.js';
import { fence } from './fence.js';
import { hold } from './hold.js';
import { query } from './query.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

const buffer = { calls: '1000' };
const schema = `
  CREATE TABLE orders (id bigserial PRIMARY KEY);
  CREATE SEQUENCE down INCREMENT -1 MAXVALUE -1`;

const approve = (run: WorkflowRun, accept: string[], more: object = {}) =>
  run.decide(...json({ decision: 'approve', by: 'alice', accept, ...more }));

/** Two synchronizations are on record, of 20 and of 10 minutes ago, with 600 calls between them; then the primary is gone. */
async function lostPair(as: (pair: FaultyPair) => string = ({ name }) => name): Promise<FaultyPair> {
  const pair = await stage.pair(schema);
  const { primary, standby } = pair.databases;
  await primary.sql("SELECT setval('orders_id_seq', 5000), setval('down', -70)");
  await completed(await stage.start({ pair: as(pair), mode: 'sync', buffer }));
  await standby.sql(`${aged} interval '20 minutes'`);
  await primary.sql("SELECT setval('orders_id_seq', 5600)");
  await completed(await stage.start({ pair: as(pair), mode: 'sync', buffer }));
  // By one statement, so that there are 10 minutes between them, however long the second run took.
  await standby.sql(
    `${aged} CASE WHEN primary_read_at > now() - interval '15 minutes' THEN interval '10 minutes' ELSE interval '20 minutes' END`,
  );
  for (const side of [primary, standby]) await side.sql('CREATE SEQUENCE fresh');
  await pair.toPrimary.refuse();
  return pair;
}

const aged = 'UPDATE sequence_failover.sequences SET primary_read_at = now() -';

it('is refused as long as the primary answers', async () => {
  const pair = await stage.pair(schema);
  const run = await stage.start({ pair: pair.name, primary: 'lost' });
  expect(await failed(run)).toMatchObject({
    type: 'NotReady',
    message: expect.stringMatching(
      /^the primary of the pair \S+ answers, so it is not lost: .*start the run without "primary": "lost"/u,
    ) as string,
  });
});

it('moves every sequence by evidence, which each approver accepts by name', async () => {
  const pair = await lostPair();
  const witness = new Witness(pair.standbyUrl);
  await pair.databases.standby.sql("CREATE TABLE hidden (id bigint DEFAULT nextval('orders_id_seq'::text))");
  const plan = await completed(await stage.start({ pair: pair.name, primary: 'lost', mode: 'plan', buffer }));
  expect(plan.findings.map(({ code }) => code)).toEqual([
    ...['NO_EVIDENCE', 'PRIMARY_LOST', 'FEEDS_UNKNOWN', 'NO_SUBSCRIPTION'],
  ]);
  expect(plan.findings[2]?.remedy).toContain(', on the standby: SELECT max(id) FROM public.hidden;');
  expect(plan.statements).toHaveLength(1);
  const changing = await hold(pair.standbyUrl, 'ALTER SEQUENCE orders_id_seq CACHE 1');
  const disturbed = await completed(
    await stage.start({ pair: pair.name, primary: 'lost', mode: 'plan', buffer }),
  );
  expect(disturbed.findings.filter(({ code }) => code === 'READ_FAILED')).toMatchObject([
    { severity: 'block', sequence: 'public.orders_id_seq' },
  ]);
  await changing.commit();

  const input = {
    pair: pair.name,
    primary: 'lost',
    buffer,
    approval: { required: 2, recheckEvery: '1 second' },
  };
  const run = await stage.start(input);
  const status = await run.atGate();
  expect(status.gate?.blockedBy).toEqual([
    { code: 'NO_EVIDENCE', sequence: 'public.fresh' },
    { code: 'PRIMARY_LOST', sequence: null },
  ]);
  const { rows } = await run.sequences();
  const [down, fresh, orders] = rows;
  const presumed = BigInt(orders?.presumed ?? '0');
  // 600 calls in 10 minutes, twice, and more for the time that this test takes.
  const age = Number(orders?.evidenceAge);
  expect(age).toBeGreaterThanOrEqual(600);
  expect(presumed >= 1_150n && presumed < BigInt(2 * Math.ceil(age) + 100)).toBe(true);
  const next = 5_601n + presumed;
  expect(orders).toMatchObject({
    ...{ sequence: 'public.orders_id_seq', outcome: 'applied', evidence: 'ledger' },
    ...{ primaryNext: String(next), target: String(next + 1_000n), standbyNext: String(next + 1_000n) },
  });
  expect(down).toMatchObject({ outcome: 'kept', evidence: 'ledger', primaryNext: '-71', target: '-1071' });
  expect(fresh).toMatchObject({ outcome: 'failed', target: null });

  expect(await approve(run, ['public.fresh'])).toMatchObject({
    stands: false,
    error: expect.stringMatching(/PRIMARY_LOST/u) as string,
  });
  expect(await approve(run, ['public.fresh', 'PRIMARY_LOST'])).toMatchObject({ stands: true });
  expect(
    await run.decide(...json({ decision: 'approve', by: 'bob', accept: ['PRIMARY_LOST'] })),
  ).toMatchObject({
    stands: false,
  });
  const accept = ['public.fresh', 'PRIMARY_LOST'];
  expect(await run.decide(...json({ decision: 'approve', by: 'bob', accept }))).toMatchObject({
    stands: true,
  });
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', primaryReadAt: null });
  expect(await pair.databases.standby.nextval('orders_id_seq')).toBe(String(next + 1_000n));
  expect(await query(pair.standbyUrl, recordedEvidence)).toEqual([
    { sequence: 'public.down', evidence: 'ledger', read: false },
    { sequence: 'public.orders_id_seq', evidence: 'ledger', read: false },
  ]);
  expect(await witness.testify()).toMatchObject({ lowered: [] });
});

const recordedEvidence = `
  SELECT sequence, evidence, primary_read_at IS NOT NULL AS read FROM sequence_failover.sequences
  WHERE evidence IS NOT NULL ORDER BY sequence`;

it('proves it again by the same evidence, does as a person says about rows, and tells of a primary that is back', async () => {
  const pair = await lostPair();
  await pair.databases.standby.sql('DROP SEQUENCE fresh; INSERT INTO orders VALUES (90000000)');
  const run = await stage.start({
    ...{ pair: pair.name, primary: 'lost', buffer, approval: { recheckEvery: '1 second' } },
  });
  const { gate } = await run.atGate();
  expect(gate?.blockedBy).toEqual([
    { code: 'OUTLIER_DATA', sequence: 'public.orders_id_seq' },
    { code: 'PRIMARY_LOST', sequence: null },
  ]);
  await pair.databases.standby.sql("SELECT setval('down', -1)");
  await pair.toPrimary.accept();
  await run.until('the primary is back', (status) =>
    Boolean(status.gate?.blockedBy.some(({ code }) => code === 'PRIMARY_BACK')),
  );
  await pair.toPrimary.refuse();
  await run.until('it is away again', (status) =>
    Boolean(status.gate?.blockedBy.every(({ code }) => code !== 'PRIMARY_BACK')),
  );
  const ignoreRows = ['public.orders_id_seq'];
  expect(await approve(run, ['PRIMARY_LOST'], { ignoreRows })).toMatchObject({ stands: true });
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  const { standby } = pair.databases;
  expect(await standby.nextval('down')).toBe('-1071');
  expect(BigInt(await standby.nextval('orders_id_seq'))).toBeGreaterThanOrEqual(7_750n);
});

it('goes on in one round once the remedies are followed, and starts again with more buffer where the evidence is weak', async () => {
  const pair = await lostPair((one) => stage.asRunner(one));
  const { standby } = pair.databases;
  // The ledger now belongs to somebody else.
  await standby.sql(`
      GRANT SELECT, UPDATE ON SEQUENCE fresh TO ${RUNNER};
      DO $$ DECLARE t regclass; BEGIN
        ALTER SCHEMA sequence_failover OWNER TO CURRENT_USER;
        FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'sequence_failover'::regnamespace AND relkind = 'r'
        LOOP EXECUTE format('ALTER TABLE %s OWNER TO CURRENT_USER', t); END LOOP;
      END $$`);
  const input = { pair: stage.asRunner(pair), primary: 'lost', buffer };
  const run = await stage.start(input);
  const { gate, findings } = await run.atGate();
  expect(gate?.blockedBy).toEqual([
    { code: 'LEDGER_UNREADABLE', sequence: null },
    { code: 'NO_EVIDENCE', sequence: 'public.fresh' },
    { code: 'PRIMARY_LOST', sequence: null },
  ]);
  const remedyOf = (code: string) => findings.find((one) => one.code === code)?.remedy ?? '';
  const [grants = ''] = /GRANT .*;(?= or accept)/u.exec(remedyOf('LEDGER_UNREADABLE')) ?? [];
  await standby.sql(grants);
  const statements = await paste(
    remedyOf('NO_EVIDENCE'),
    { standby: (statement) => standby.sql(statement) },
    (text) => text.replace('<last value>', '500'),
  );
  expect(statements).toBe(1);
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  const after = await run.until('it is seen', (status) => status.gate?.blockedBy.length === 1);
  expect(after.gate?.blockedBy).toEqual([{ code: 'PRIMARY_LOST', sequence: null }]);
  const weak = after.findings.find(
    ({ code, sequence }) => code === 'WEAK_EVIDENCE' && sequence === 'public.fresh',
  );
  await run.terminate();

  const [more = ''] = /\{"overrides".*\}/u.exec(weak?.remedy ?? '') ?? [];
  const again = await stage.start({ ...input, ...(JSON.parse(more) as object) });
  await again.atGate();
  expect(await approve(again, ['PRIMARY_LOST'])).toMatchObject({ stands: true });
  expect(await completed(again)).toMatchObject({ outcome: 'handed-off', counts: { failed: 0 } });
  expect(BigInt(await standby.nextval('fresh'))).toBeGreaterThanOrEqual(1_000_501n);
});

it('is started by the command that a run prints which finds the primary dead', async () => {
  const pair = await lostPair();
  await pair.toPrimary.accept();
  // One that refuses is not tried for a minute.
  await fence(stage, pair);
  const run = await stage.start({ pair: pair.name, buffer, ticket: "it's CHG-1" });
  const { message } = await failed(run);
  await pair.toPrimary.refuse();
  const [, command = ''] = /: (temporal workflow start .*); otherwise fix the cause/u.exec(message) ?? [];
  expect(command).toContain(`--workflow-id ${run.workflowId}-lost --input '`);
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' }).split('\0');
  await stage.cli.json(...words.slice(1, -1));
  const lost = new WorkflowRun(stage.cli, `${run.workflowId}-lost`);
  onTestFinished(() => lost.terminate());
  expect(await lost.atGate()).toMatchObject({ ticket: "it's CHG-1", buffer: { calls: '1000' } });
});

it('records what only the ledger knows, and its remedy makes it again as it was', async () => {
  const made = `
      CREATE SEQUENCE "two
lines" AS smallint INCREMENT -3 MINVALUE -9000 MAXVALUE 7 START 5 CACHE 2 CYCLE;
      CREATE SCHEMA shop;
      CREATE TABLE shop.items (no integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT 10), PRIMARY KEY (no));
      CREATE SEQUENCE shop.labels; ALTER TABLE shop.items ADD label text DEFAULT 'It''s ' || nextval('shop.labels')`;
  const pair = await stage.pair(`${schema}; ${made}`);
  const { primary, standby } = pair.databases;
  await primary.sql(`SELECT setval('"two\nlines"', -70), setval('shop.items_no_seq', 4001)`);
  await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer: { calls: '100' } }));
  await pair.toPrimary.refuse();
  await standby.sql(
    `DROP SEQUENCE "two\nlines"; ALTER TABLE shop.items ALTER no DROP IDENTITY; DROP SEQUENCE shop.labels CASCADE`,
  );
  const run = await stage.start({
    pair: pair.name,
    primary: 'lost',
    buffer: { calls: '100' },
    exclude: ['public.down'],
  });
  const status = await run.atGate();
  const names = [`public."two\nlines"`, 'shop.items_no_seq', 'shop.labels'];
  expect(status.gate?.blockedBy).toEqual([
    ...names.map((sequence) => ({ code: 'MISSING_ON_STANDBY', sequence })),
    { code: 'PRIMARY_LOST', sequence: null },
  ]);
  expect(status.counts).toEqual({ total: 5, applied: 0, kept: 1, skipped: 1, failed: 3 });
  const { rows } = await run.sequences();
  expect(rows.map(({ sequence }) => sequence)).toEqual([
    ...['public.down', 'public.orders_id_seq'],
    ...names,
  ]);
  expect(rows.slice(2)).toMatchObject([
    { outcome: 'failed', primaryNext: '-73', target: null, evidence: 'ledger' },
    { outcome: 'failed', primaryNext: '4011', target: null, evidence: 'ledger' },
    { outcome: 'failed', primaryNext: '1', target: null, evidence: 'ledger' },
  ]);
  const remedies = status.findings
    .filter(({ code }) => code === 'MISSING_ON_STANDBY')
    .map(({ remedy }) => /CREATE SEQUENCE .*(?=; then signal resynchronize$)/u.exec(remedy)?.[0] ?? '');
  expect(remedies).toHaveLength(3);
  for (const remedy of remedies) await standby.sql(remedy);
  expect(
    await query(
      pair.standbyUrl,
      `SELECT seqincrement AS step, seqmin AS min, seqmax AS max, seqstart AS start, seqcache AS cache, seqcycle AS cycle
         FROM pg_sequence WHERE seqrelid IN ('"two\nlines"'::regclass, 'shop.items_no_seq'::regclass) ORDER BY 1`,
    ),
  ).toEqual([
    { step: '-3', min: '-9000', max: '7', start: '5', cache: '2', cycle: true },
    { step: '10', min: '1', max: '2147483647', start: '1', cache: '1', cycle: false },
  ]);
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  const after = await run.until('it is seen', ({ gate }) => gate?.blockedBy.length === 1);
  expect(after.gate?.blockedBy).toEqual([{ code: 'PRIMARY_LOST', sequence: null }]);
  expect(await approve(run, ['PRIMARY_LOST'])).toMatchObject({ stands: true });
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    counts: { total: 5, failed: 0, skipped: 1 },
  });
  expect(await query(pair.standbyUrl, 'INSERT INTO shop.items DEFAULT VALUES RETURNING no, label')).toEqual([
    { no: 5011, label: "It's 101" },
  ]);
  expect(BigInt(await standby.nextval('"two\nlines"'))).toBeLessThanOrEqual(-373n);
});

it('is blocked if a ledger that could be read at first cannot be read for the evidence', async () => {
  const pair = await lostPair();
  const rename = (from: string, to: string) =>
    query(pair.standbyUrl, `ALTER TABLE sequence_failover.sequences RENAME COLUMN ${from} TO ${to}`);
  await rename('standby_after', 'moved');
  const run = await stage.start({ pair: pair.name, primary: 'lost', buffer });
  const { findings } = await run.atGate();
  expect(findings.filter(({ code }) => code === 'LEDGER_UNREADABLE')).toMatchObject([
    {
      severity: 'block',
      message: expect.stringMatching(/^the ledger could not be read: .*standby_after/u) as string,
      remedy: expect.stringContaining('undo what has changed the tables') as string,
    },
  ]);
  await rename('moved', 'standby_after');
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('the ledger is read', (status) =>
    status.findings.every(({ code }) => code !== 'LEDGER_UNREADABLE'),
  );
  await run.terminate();
});

it('is blocked if a recheck cannot read the ledger, until it can; who accepted that for the round is not asked again', async () => {
  const pair = await lostPair();
  const rename = (from: string, to: string) =>
    query(pair.standbyUrl, `ALTER TABLE sequence_failover.sequences RENAME COLUMN ${from} TO ${to}`);
  const start = () =>
    stage.start({
      ...{ pair: pair.name, primary: 'lost', buffer, exclude: ['public.fresh'] },
      approval: { recheckEvery: '1 second' },
    });
  const blocks = ({ gate }: Status) => (gate?.blockedBy ?? []).map(({ code }) => code).sort();
  const run = await start();
  await run.atGate();
  await rename('definition', 'moved');
  const { findings } = await run.until('the ledger is missed', (status) =>
    blocks(status).includes('LEDGER_UNAVAILABLE'),
  );
  expect(findings.filter(({ code }) => code === 'LEDGER_UNAVAILABLE')).toMatchObject([
    {
      severity: 'block',
      message: expect.stringMatching(
        /^the ledger could not be read: .*definition.*; so increments and columns on the standby were not compared/u,
      ) as string,
    },
  ]);
  await rename('moved', 'definition');
  await run.until('the ledger is read', (status) => blocks(status).join() === 'PRIMARY_LOST');
  await run.terminate();
  await rename('definition', 'moved');
  const second = await start();
  expect(blocks(await second.atGate())).toEqual(['LEDGER_UNREADABLE', 'PRIMARY_LOST']);
  expect(await approve(second, ['PRIMARY_LOST', 'LEDGER_UNREADABLE'])).toMatchObject({ stands: true });
  expect(await completed(second)).toMatchObject({ outcome: 'handed-off' });
});

it('is blocked if a sequence is dropped on the standby while it waits', async () => {
  const pair = await lostPair();
  const { standby } = pair.databases;
  const run = await stage.start({
    ...{ pair: pair.name, primary: 'lost', buffer, exclude: ['public.fresh'] },
    approval: { recheckEvery: '1 second' },
  });
  await run.atGate();
  await standby.sql('DROP SEQUENCE down');
  const { findings } = await run.until('it is missed', ({ gate }) =>
    Boolean(gate?.blockedBy.some(({ code }) => code === 'MISSING_ON_STANDBY')),
  );
  expect(await approve(run, ['PRIMARY_LOST'])).toMatchObject({ stands: false });
  const remedy = findings.find(({ code }) => code === 'MISSING_ON_STANDBY')?.remedy ?? '';
  await paste(remedy, { standby: (statement) => standby.sql(statement) });
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('it is back', ({ gate }) => gate?.blockedBy.length === 1);
  expect(await approve(run, ['PRIMARY_LOST'])).toMatchObject({ stands: true });
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', counts: { failed: 0 } });
  expect(BigInt(await standby.nextval('down'))).toBeLessThanOrEqual(-1071n);
});

it('misses a sequence of which nothing is known, and none that only had another name for a while', async () => {
  const pair = await lostPair();
  const { standby } = pair.databases;
  const run = await stage.start({
    ...{ pair: pair.name, primary: 'lost', buffer },
    approval: { recheckEvery: '1 second' },
  });
  const missing = (which: string | undefined) =>
    run.until(`${which ?? 'nothing'} is missed`, ({ gate }) => {
      const missed = gate?.blockedBy.filter(({ code }) => code === 'MISSING_ON_STANDBY') ?? [];
      return gate?.state === 'blocked' && missed.map(({ sequence }) => sequence).join() === (which ?? '');
    });
  await run.atGate();
  await standby.sql('ALTER SEQUENCE down RENAME TO moved');
  await missing('public.down');
  await standby.sql('ALTER SEQUENCE moved RENAME TO down');
  await missing(undefined);
  await standby.sql('DROP SEQUENCE fresh');
  await missing('public.fresh');
  expect(await approve(run, ['PRIMARY_LOST', 'NO_EVIDENCE public.fresh'])).toMatchObject({
    stands: false,
    error: expect.stringMatching(/MISSING_ON_STANDBY on public\.fresh/u) as string,
  });
  await run.terminate();
});

/** Tables that take their values from a sequence each, by the names of the tables. */
const tables = ['capped', 'checked', 'cast', 'other', 'hidden', 'down', 'crash', 'none'];
const ofTables = [...tables, 'free']
  .map((table) => `CREATE TABLE "${table}" (id bigserial PRIMARY KEY);`)
  .join(' ');
/** Changes after which an insert on the standby would fail, or repeat a value. */
const changes = `
  ALTER SEQUENCE capped_id_seq MAXVALUE 2000;
  ALTER TABLE checked ADD CHECK (id < 1500);
  ALTER TABLE "cast" ALTER id SET DEFAULT nextval('cast_id_seq')::smallint;
  ALTER TABLE other ALTER id SET DEFAULT nextval('free_id_seq');
  CREATE FUNCTION next_id() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('hidden_id_seq') $$;
  ALTER TABLE hidden ALTER id SET DEFAULT next_id();
  ALTER SEQUENCE down_id_seq INCREMENT -1;
  ALTER SEQUENCE crash_id_seq SET UNLOGGED;
  ALTER TABLE none ALTER id DROP DEFAULT`;
const foundByChange = [
  ['DEFINITION_DIFFERS', 'down'],
  ['EXHAUSTED', 'capped'],
  ['EXHAUSTED', 'cast'],
  ['EXHAUSTED', 'checked'],
  ['FEEDS_DIFFER', 'hidden'],
  ['FEEDS_DIFFER', 'other'],
  ['NO_DEFAULT', 'none'],
  ['UNLOGGED', 'crash'],
].map(([code = '', table = '']) => `${code} public.${table}_id_seq`);

async function pairOfTables(): Promise<FaultyPair> {
  const pair = await stage.pair(ofTables);
  const { primary } = pair.databases;
  for (const table of tables) await primary.sql(`SELECT setval('${table}_id_seq', 1000)`);
  await primary.sql(`SELECT setval('cast_id_seq', 31900)`);
  await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
  return pair;
}

it.each([
  ['that was lost from the start', { primary: 'lost' }, 'PRIMARY_LOST'],
  ['that was lost at the gate', {}, 'PRIMARY_UNREACHABLE'],
])('a primary %s: what changes on the standby blocks, until it is as it was', async (_, lost, code) => {
  const pair = await pairOfTables();
  const { standby } = pair.databases;
  if ('primary' in lost) await pair.toPrimary.refuse();
  const run = await stage.start({
    ...{ pair: pair.name, ...lost, buffer, exclude: ['public.free_id_seq'] },
    approval: { recheckEvery: '1 second' },
  });
  await run.atGate();
  if (!('primary' in lost)) await pair.toPrimary.refuse();
  const blocks = async (wanted: readonly string[]) =>
    run.until(wanted.join(), ({ gate }) => {
      const found = gate?.blockedBy.filter((block) => block.code !== code) ?? [];
      const all = found.map((block) => `${block.code} ${String(block.sequence)}`).sort();
      return (
        gate?.state === 'blocked' && gate.blockedBy.length > found.length && all.join() === wanted.join()
      );
    });
  await blocks([]);
  await standby.sql(changes);
  // A primary that is lost at the gate may come back, so the standby alone is checked only after an approval.
  if (!('primary' in lost)) expect(await approve(run, [code])).toMatchObject({ stands: true });
  const { findings } = await blocks(foundByChange);
  expect(await approve(run, [code])).toMatchObject({ stands: false });
  expect(await query(pair.standbyUrl, 'SELECT last_value FROM down_id_seq')).toEqual([
    { last_value: '2000' },
  ]);

  const messageOf = (finding: string) => findings.find((one) => one.code === finding)?.message ?? '';
  for (const finding of ['DEFINITION_DIFFERS', 'NO_DEFAULT', 'FEEDS_DIFFER'])
    expect(messageOf(finding)).toContain('on the primary (as the ledger last recorded it)');
  const remedyOf = (finding: string) => findings.find((one) => one.code === finding)?.remedy ?? '';
  const onStandby = { standby: (statement: string) => standby.sql(statement) };
  for (const finding of ['DEFINITION_DIFFERS', 'NO_DEFAULT', 'UNLOGGED'])
    await paste(remedyOf(finding), onStandby);
  for (const finding of findings.filter((one) => one.code === 'FEEDS_DIFFER'))
    await paste(finding.remedy, onStandby);
  await standby.sql(`
    ALTER SEQUENCE capped_id_seq NO MAXVALUE; ALTER TABLE checked DROP CONSTRAINT checked_id_check;
    ALTER TABLE "cast" ALTER id SET DEFAULT nextval('cast_id_seq')`);
  await blocks([]);
  expect(await approve(run, [code])).toMatchObject({ stands: true });
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  for (const table of tables) {
    const [row] = await query<{ id: string }>(
      pair.standbyUrl,
      `INSERT INTO "${table}" DEFAULT VALUES RETURNING id`,
    );
    expect(BigInt(row?.id ?? 0)).toBeGreaterThan(table === 'cast' ? 31_900n : 1_000n);
  }
});

it('compares the standby with what the ledger has of the primary, and no recheck takes that back', async () => {
  const pair = await pairOfTables();
  const { standby } = pair.databases;
  await pair.toPrimary.refuse();
  await standby.sql(changes);
  const run = await stage.start({
    ...{ pair: pair.name, primary: 'lost', buffer, exclude: ['public.free_id_seq'] },
    approval: { recheckEvery: '1 second' },
  });
  const blocks = ({ gate }: Status) =>
    (gate?.blockedBy ?? []).map(({ code, sequence }) => `${code} ${String(sequence)}`).sort();
  const found = ['PRIMARY_LOST null', ...foundByChange.filter((one) => !one.startsWith('NO_DEFAULT'))];
  const status = await run.atGate();
  expect(blocks(status)).toEqual(found.sort());
  expect(status.findings.map(({ code }) => code)).toContain('NO_DEFAULT');
  expect(await query(pair.standbyUrl, 'SELECT last_value FROM down_id_seq')).toEqual([
    { last_value: '2000' },
  ]);
  await standby.sql('ALTER SEQUENCE cast_id_seq SET UNLOGGED');
  const marker = 'UNLOGGED public.cast_id_seq';
  const later = await run.until('a recheck', (one) => blocks(one).includes(marker));
  expect(blocks(later)).toEqual([...found, marker].sort());
  await run.terminate();
});

it('waits until the standby has applied what it has received', async () => {
  const pair = await stage.pair(schema);
  await pair.databases.subscribe();
  const { primary, standby } = pair.databases;
  await primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 100)');
  await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
  const lock = await hold(pair.standbyUrl, 'LOCK orders IN SHARE MODE');
  await primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 3000)');
  await until(
    async () => (await query(pair.standbyUrl, 'SELECT FROM pg_locks WHERE NOT granted')).length > 0,
    { what: 'the apply worker to wait' },
  );
  await pair.toPrimary.refuse();
  const run = await stage.start({
    ...{ pair: pair.name, primary: 'lost', buffer, approval: { recheckEvery: '1 second' } },
  });
  const applying = { code: 'STILL_APPLYING', sequence: null };
  const { findings } = await run.until(
    'the rows that are not applied are seen',
    (status) => status.gate?.blockedBy.some(({ code }) => code === applying.code) === true,
  );
  const { remedy = '' } = findings.find(({ code }) => code === applying.code) ?? {};
  const blocker = /SELECT pid, .*?\)\);/u.exec(remedy)?.[0] ?? '';
  expect(await query(pair.standbyUrl, blocker)).toMatchObject([{ query: 'LOCK orders IN SHARE MODE' }]);
  expect(await approve(run, ['PRIMARY_LOST'])).toMatchObject({
    stands: false,
    error: expect.stringContaining('STILL_APPLYING') as string,
  });
  await lock.commit();
  // Now they are seen: the sequence would hand out their ids again.
  const seen = await run.until(
    'the rows are applied',
    (status) => status.gate?.blockedBy.every(({ code }) => code !== applying.code) === true,
  );
  expect(seen.gate?.blockedBy).toContainEqual({ code: 'OUTLIER_DATA', sequence: 'public.orders_id_seq' });
  await approve(run, ['PRIMARY_LOST'], { raisePastRows: ['public.orders_id_seq'] });
  await completed(run);
  const [last] = await query<{ id: string }>(pair.standbyUrl, 'SELECT max(id)::text AS id FROM orders');
  expect(BigInt(await standby.nextval('orders_id_seq'))).toBeGreaterThan(BigInt(last?.id ?? '0'));
});
