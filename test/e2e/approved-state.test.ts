import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/contract/status.js';
import { FaultStage, type FaultyPair } from './faults/fault-stage.js';
import { hold } from './faults/hold.js';
import { buffer } from './faults/invariants.js';
import { json } from './stage/payloads.js';
import { completed, type WorkflowRun } from './stage/workflow-run.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

const often = { recheckEvery: '1 second' };
const orders = 'CREATE TABLE orders (id bigserial PRIMARY KEY)';

async function subscribedPair(schema = orders): Promise<FaultyPair> {
  const pair = await stage.pair(schema);
  await pair.databases.subscribe();
  return pair;
}

const approve = (run: WorkflowRun, ...accept: string[]) =>
  run.decide(...json({ decision: 'approve', by: 'alice', accept }));
const approved = { stands: true, answer: { state: 'approved' } };
const codes = (findings: readonly Finding[], severity: string) =>
  findings.filter((finding) => finding.severity === severity).map(({ code }) => code);
const blocked = (run: WorkflowRun) =>
  run.until('the gate is blocked', ({ gate }) => gate?.state === 'blocked');

describe('rows that could be read when the gate opened, and are locked when it is approved', () => {
  async function lockedRun(schema = orders) {
    const pair = await stage.pair(schema);
    await pair.databases.primary.sql("SELECT setval('orders_id_seq', 100)");
    const run = await stage.start({ pair: pair.name, buffer });
    const { findings } = await run.atGate();
    expect(codes(findings, 'warn')).toEqual(['NO_SUBSCRIPTION']);
    // Beyond the standby's next value of 1,101.
    await pair.databases.standby.sql('INSERT INTO orders VALUES (1101), (1102)');
    const lock = await hold(pair.standbyUrl, 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    expect(await approve(run)).toMatchObject(approved);
    return { pair, run, lock };
  }
  const isMissed = ({ findings }: { findings: readonly Finding[] }) =>
    codes(findings, 'block').includes('DATA_NOT_CHECKED');

  it.each([
    { of: 'a table', schema: orders },
    // A check cannot be read while its table is locked, so its limit is missed too.
    { of: 'a table with a check', schema: `${orders}; ALTER TABLE orders ADD CHECK (id > 0)` },
  ])('of $of are read again until they are there', async ({ schema }) => {
    const { pair, run, lock } = await lockedRun(schema);
    await run.until('they are missed', isMissed);
    await lock.commit();
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { refusedCount: 0 } });
    expect(await pair.databases.standby.nextval('orders_id_seq')).toBe('1103');
  });

  it('block when they stay locked, and can be accepted by name', async () => {
    const { pair, run, lock } = await lockedRun();
    const { gate, findings } = await blocked(run);
    expect(gate).toMatchObject({
      approvals: [],
      blockedBy: [{ code: 'DATA_NOT_CHECKED', sequence: 'public.orders_id_seq' }],
      refused: [{ reason: 'the verification after the approval found public.orders_id_seq' }],
    });
    expect(codes(findings, 'warn')).toEqual(['NO_SUBSCRIPTION']);
    expect(await approve(run)).toMatchObject({ stands: false });
    expect(await approve(run, 'public.orders_id_seq')).toMatchObject(approved);
    expect(await completed(run)).toMatchObject({
      gate: { approvals: [{ accept: ['public.orders_id_seq'] }] },
    });
    await lock.commit();
    expect(await pair.databases.standby.nextval('orders_id_seq')).toBe('1101');
  });
});

describe('a subscription that is dropped while the run waits', () => {
  const gone = [
    { code: 'NO_SUBSCRIPTION', sequence: null },
    { code: 'SUBSCRIPTION_GONE', sequence: null },
  ];

  it('blocks at the next recheck, and is only a warning after a resynchronization', async () => {
    const pair = await subscribedPair();
    const run = await stage.start({ pair: pair.name, buffer, approval: often });
    expect((await run.atGate()).gate).toMatchObject({ state: 'open' });
    await pair.databases.standby.sql(`DROP SUBSCRIPTION ${pair.name}`);
    // A recheck in the middle of the drop may see a worker or a slot that is missing.
    const lost = await run.until(
      'the loss is seen',
      ({ gate }) => gate?.blockedBy.some(({ code }) => code === 'SUBSCRIPTION_GONE') ?? false,
    );
    expect(lost.gate?.blockedBy).toEqual(gone);
    await run.signal('resynchronize', ...json({ by: 'alice' }));
    const again = await run.until('the round', ({ round, gate }) => round === 2 && gate?.state === 'blocked');
    expect(again.gate?.blockedBy).toEqual(gone.slice(1));
    expect(codes(again.findings, 'warn')).toEqual(['NO_SUBSCRIPTION']);
    expect(await approve(run, `SUBSCRIPTION_GONE ${pair.name}`)).toMatchObject(approved);
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  });

  it('blocks after the approval although it was created again, without the rows in between', async () => {
    const pair = await subscribedPair();
    const run = await stage.start({ pair: pair.name, buffer });
    expect((await run.atGate()).gate).toMatchObject({ state: 'open' });
    const [found] = await pair.databases.standby.sql<{ connection: string; publications: string }>(
      `SELECT subconninfo AS connection, array_to_string(subpublications, ', ') AS publications FROM pg_subscription WHERE subname = '${pair.name}'`,
    );
    if (found === undefined) throw new Error('the pair has no subscription');
    await pair.databases.standby.sql(`DROP SUBSCRIPTION ${pair.name}`);
    await pair.databases.primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 20)');
    await pair.databases.standby.sql(
      `CREATE SUBSCRIPTION ${pair.name} CONNECTION '${found.connection}' PUBLICATION ${found.publications} WITH (copy_data = false)`,
    );
    expect(await approve(run)).toMatchObject({ stands: true });
    const { gate, findings } = await blocked(run);
    expect(gate?.blockedBy).toEqual([{ code: 'SUBSCRIPTION_GONE', sequence: null }]);
    expect(findings.find(({ code }) => code === 'SUBSCRIPTION_GONE')?.message).toContain(
      'was dropped and created again without copying',
    );
    expect(await approve(run, `SUBSCRIPTION_GONE ${pair.name}`)).toMatchObject(approved);
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  });

  it('blocks although its slot was created again under its name between two rechecks', async (test) => {
    const pair = await subscribedPair();
    const { primary, standby } = pair.databases;
    const [server] = await primary.sql<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    test.skip((server?.version ?? 0) < 140000, 'PostgreSQL counts the transactions of a slot from 14 on');
    await primary.sql('INSERT INTO orders VALUES (DEFAULT)');
    await expect.poll(() => standby.sql('SELECT FROM orders')).toHaveLength(1);
    const run = await stage.start({ pair: pair.name, buffer });
    expect((await run.atGate()).gate).toMatchObject({ state: 'open' });
    await standby.sql(`ALTER SUBSCRIPTION ${pair.name} DISABLE`);
    const idle = `SELECT FROM pg_replication_slots WHERE slot_name = '${pair.name}' AND NOT active`;
    await expect.poll(() => primary.sql(idle)).toHaveLength(1);
    await primary.sql(`SELECT pg_drop_replication_slot('${pair.name}')`);
    await primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 20)');
    await primary.sql(`SELECT pg_create_logical_replication_slot('${pair.name}', 'pgoutput')`);
    await standby.sql(`ALTER SUBSCRIPTION ${pair.name} ENABLE`);
    expect(await approve(run)).toMatchObject({ stands: true });
    const { gate, findings } = await blocked(run);
    expect(gate?.blockedBy).toEqual([{ code: 'SUBSCRIPTION_GONE', sequence: null }]);
    expect(findings.find(({ code }) => code === 'SUBSCRIPTION_GONE')?.message).toContain(
      `since its slot ${pair.name} was dropped there and created again`,
    );
    expect(await approve(run, `SUBSCRIPTION_GONE ${pair.name}`)).toMatchObject(approved);
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  });

  it('blocks after the approval at the latest', async () => {
    const pair = await subscribedPair();
    const run = await stage.start({ pair: pair.name, buffer });
    await run.atGate();
    await pair.databases.standby.sql(`DROP SUBSCRIPTION ${pair.name}`);
    await pair.databases.primary.sql('INSERT INTO orders SELECT generate_series(1, 100)');
    expect(await approve(run)).toMatchObject(approved);
    expect((await blocked(run)).gate).toMatchObject({ approvals: [], blockedBy: gone });
  });
});

it('a trigger that begins to call nextval while the run waits blocks after the approval, until it is gone', async () => {
  const pair = await subscribedPair();
  const { standby } = pair.databases;
  const renumber = (statement: string) =>
    standby.sql(
      `CREATE OR REPLACE FUNCTION renumber() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ${statement} RETURN NEW; END$$`,
    );
  await renumber('');
  await standby.sql(
    'CREATE TRIGGER renumber BEFORE INSERT ON orders FOR EACH ROW EXECUTE PROCEDURE renumber(); CREATE SEQUENCE other',
  );
  const run = await stage.start({ pair: pair.name, buffer, approval: often });
  const { gate, findings } = await run.atGate();
  expect([gate?.state, codes(findings, 'warn')]).toEqual(['open', []]);
  await renumber("NEW.id := nextval('public.other');");
  expect(await approve(run)).toMatchObject(approved);
  expect((await blocked(run)).gate).toMatchObject({
    approvals: [],
    blockedBy: [{ code: 'FEEDS_UNKNOWN', sequence: null }],
  });
  await run.nextLook();
  expect((await run.status()).gate).toMatchObject({ state: 'blocked' });
  await standby.sql('DROP TRIGGER renumber ON orders');
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  expect(await approve(run)).toMatchObject(approved);
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
});

it('a trigger that begins to assign ids of its own while the run waits blocks after the approval, until it is disabled', async () => {
  const pair = await subscribedPair();
  const { standby } = pair.databases;
  const run = await stage.start({ pair: pair.name, buffer, approval: often });
  const { gate, findings } = await run.atGate();
  expect([gate?.state, codes(findings, 'warn')]).toEqual(['open', []]);
  await standby.sql(
    `CREATE FUNCTION renumber() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := 1; RETURN NEW; END$$;
     CREATE TRIGGER renumber BEFORE INSERT ON orders FOR EACH ROW EXECUTE PROCEDURE renumber()`,
  );
  expect(await approve(run)).toMatchObject(approved);
  expect((await blocked(run)).gate).toMatchObject({
    approvals: [],
    blockedBy: [{ code: 'FEEDS_UNKNOWN', sequence: null }],
  });
  await standby.sql('ALTER TABLE orders DISABLE TRIGGER renumber');
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  expect(await approve(run)).toMatchObject(approved);
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await standby.sql('INSERT INTO orders DEFAULT VALUES; INSERT INTO orders DEFAULT VALUES');
});

it('a table that takes the place of a subscribed one blocks after the approval, until it is subscribed', async () => {
  const pair = await subscribedPair();
  const { primary, standby } = pair.databases;
  await primary.sql('INSERT INTO orders SELECT generate_series(1, 10)');
  const run = await stage.start({ pair: pair.name, buffer, approval: often });
  const { gate, findings } = await run.atGate();
  expect([gate?.state, codes(findings, 'warn')]).toEqual(['open', []]);
  await standby.sql(
    'CREATE TABLE copied (LIKE orders INCLUDING ALL); ALTER TABLE orders RENAME TO replaced; ALTER TABLE copied RENAME TO orders',
  );
  expect(await approve(run)).toMatchObject(approved);
  expect((await blocked(run)).gate).toMatchObject({
    approvals: [],
    blockedBy: [{ code: 'NOT_SUBSCRIBED', sequence: null }],
  });
  await standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH PUBLICATION`);
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  expect(await approve(run)).toMatchObject(approved);
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  expect(await standby.sql('SELECT count(*)::int FROM orders')).toEqual([{ count: 10 }]);
});

it('a sequence that somebody moves to the end of its values blocks, until it is widened or accepted', async () => {
  const pair = await subscribedPair('CREATE TABLE orders (id serial PRIMARY KEY)');
  const { standby } = pair.databases;
  const run = await stage.start({ pair: pair.name, buffer });
  expect((await run.atGate()).gate).toMatchObject({ state: 'open' });
  await standby.sql("SELECT setval('orders_id_seq', 2147483640)");
  expect(await approve(run)).toMatchObject({ stands: true });
  const { gate, findings } = await blocked(run);
  const limit = { code: 'STANDBY_LIMIT', sequence: 'public.orders_id_seq' };
  expect(gate?.blockedBy).toEqual([limit]);
  const remedy = findings.find(({ code }) => code === 'STANDBY_LIMIT')?.remedy ?? '';
  for (const [statement] of remedy.matchAll(/ALTER [^;]*;/gu)) await standby.sql(statement);
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('the gate is open again', (status) => status.round === 2 && status.gate?.state === 'open');
  expect(await approve(run)).toMatchObject(approved);
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await standby.sql('INSERT INTO orders SELECT FROM generate_series(1, 20)');
});

it('a sequence that an approver raises past rows near the end of its values does not block', async () => {
  const pair = await subscribedPair('CREATE TABLE orders (id serial PRIMARY KEY)');
  const { primary, standby } = pair.databases;
  await primary.sql('INSERT INTO orders VALUES (DEFAULT), (2147483600)');
  await expect.poll(() => standby.sql('SELECT FROM orders')).toHaveLength(2);
  const run = await stage.start({ pair: pair.name, buffer });
  expect((await run.atGate()).gate?.blockedBy).toEqual([
    { code: 'OUTLIER_DATA', sequence: 'public.orders_id_seq' },
  ]);
  const raisePastRows = ['public.orders_id_seq'];
  expect(
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: [], raisePastRows })),
  ).toMatchObject(approved);
  const { outcome, findings } = await completed(run);
  expect([outcome, codes(findings, 'warn')]).toEqual(['handed-off', ['STANDBY_LIMIT']]);
  expect(await standby.nextval('orders_id_seq')).toBe('2147483601');
});

it('an apply worker that fails again and again blocks until its error is mended', async () => {
  const pair = await subscribedPair();
  const run = await stage.start({ pair: pair.name, buffer, approval: often });
  await run.atGate();
  await pair.databases.standby.sql('INSERT INTO orders VALUES (7)');
  await pair.databases.primary.sql('INSERT INTO orders VALUES (7)');
  const { gate, findings } = await blocked(run);
  expect(gate?.blockedBy).toEqual([{ code: 'APPLY_WORKER_DOWN', sequence: null }]);
  expect(findings[0]?.remedy).toMatch(/server log .*; then wait for the next recheck$/u);
  await pair.databases.standby.sql('DELETE FROM orders');
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  expect(await approve(run)).toMatchObject(approved);
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
});

it('an acceptance of one table that is not ready covers no other', async () => {
  const pair = await subscribedPair();
  const { primary, standby } = pair.databases;
  /** A copy that collides with a row, again and again. */
  const unready = async (table: string) => {
    for (const side of [primary, standby])
      await side.sql(`CREATE TABLE ${table} (id bigint PRIMARY KEY); INSERT INTO ${table} VALUES (1)`);
    await standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH PUBLICATION`);
  };
  await unready('late');
  const run = await stage.start({ pair: pair.name, buffer });
  const notReady = { code: 'TABLES_NOT_READY', sequence: null };
  expect((await run.atGate()).gate?.blockedBy).toEqual([notReady]);
  await unready('later');
  expect(await approve(run, 'TABLES_NOT_READY')).toMatchObject(approved);
  const back = await run.until('back at the gate', ({ gate }) => gate?.refusedCount === 1);
  expect(back.gate).toMatchObject({ state: 'blocked', approvals: [], blockedBy: [notReady] });
  expect(back.findings.find(({ code }) => code === 'TABLES_NOT_READY')).toMatchObject({ count: 2 });
  expect(await approve(run, 'TABLES_NOT_READY public.late')).toMatchObject({ stands: false });
  expect(await approve(run, 'TABLES_NOT_READY public.late', 'TABLES_NOT_READY public.later')).toMatchObject(
    approved,
  );
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await standby.sql(`ALTER SUBSCRIPTION ${pair.name} DISABLE`);
});
