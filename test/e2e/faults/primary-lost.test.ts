import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../stage/payloads.js';
import { completed, failed, type WorkflowRun } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { fence } from './fence.js';
import { usedPair } from './held-phases.js';
import { hold } from './hold.js';
import { paste } from '../../integration/postgres/paste.js';
import { buffer, expectAhead, recorded } from './invariants.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

const unreachable = { code: 'PRIMARY_UNREACHABLE', sequence: null };

it('lets an approver go on without a primary that died during the wait, by name alone', async () => {
  const pair = await usedPair(stage);
  await pair.databases.subscribe();
  const witness = new Witness(pair.standbyUrl);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  // A look at a primary that is still there.
  const { primaryReadAt: first } = await run.status();
  await run.until('it has looked again', ({ primaryReadAt }) => primaryReadAt !== first);
  await pair.toPrimary.refuse();
  const began = performance.now();
  const { gate, findings } = await run.until(
    'the gate is blocked',
    (status) => status.gate?.state === 'blocked',
  );
  console.info('primary lost: seen after', Math.round(performance.now() - began), 'ms');
  expect(gate).toMatchObject({ approvals: [], blockedBy: [unreachable] });
  expect(findings.find(({ code }) => code === 'PRIMARY_UNREACHABLE')).toMatchObject({
    severity: 'block',
    remedy: expect.stringContaining('{"accept": ["PRIMARY_UNREACHABLE"]}') as string,
  });
  const { primaryReadAt: last } = await run.status();

  expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({
    stands: false,
    error: expect.stringMatching(/blocked by PRIMARY_UNREACHABLE/) as string,
  });
  expect(
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['PRIMARY_UNREACHABLE'] })),
  ).toMatchObject({ stands: true, answer: { state: 'approved' } });
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    primaryReadAt: last,
    gate: {
      state: 'approved',
      approvals: [{ by: 'alice', accept: ['PRIMARY_UNREACHABLE'] }],
      refusedCount: 1,
    },
  });
  expect(await recorded(pair, run)).toMatchObject({ state: 'completed' });
  await expectAhead(pair);
  expect(await witness.testify()).toMatchObject({ lowered: [] });
});

describe('a sequence that is lowered on the standby while the primary is lost', () => {
  const approve = (run: WorkflowRun, ...accept: string[]) =>
    run.decide(...json({ decision: 'approve', by: 'alice', accept: ['PRIMARY_UNREACHABLE', ...accept] }));
  const lost = (run: WorkflowRun) =>
    run.until('the loss is seen', ({ gate }) =>
      Boolean(gate?.blockedBy.some(({ code }) => code === 'PRIMARY_UNREACHABLE')),
    );
  /** Where the primary was read at the gate, or at a recheck after it moved on. */
  const cases = [
    { when: 'before any recheck', recheckEvery: '1 hour', moved: null, next: '110001' },
    { when: 'after the primary moved on', recheckEvery: '1 second', moved: '103000', next: '113001' },
  ];

  it.each(cases)('is set anew by its last reading and the buffer, $when', async (each) => {
    const pair = await stage.pair('CREATE TABLE orders (id bigserial PRIMARY KEY)');
    await pair.databases.primary.sql("SELECT setval('orders_id_seq', 100000)");
    const { recheckEvery, moved, next } = each;
    const run = await stage.start({
      ...{ pair: pair.name, buffer: { calls: '10000' }, approval: { recheckEvery } },
    });
    await run.atGate();
    expect(await pair.databases.standby.position('orders_id_seq')).toEqual(['110000', true]);
    if (moved !== null) {
      await pair.databases.primary.sql(`SELECT setval('orders_id_seq', ${moved})`);
      await run.until('it is read', ({ minimumHeadroom }) => minimumHeadroom?.calls === '7000');
    }
    await pair.toPrimary.refuse();
    if (moved === null) await run.signal('approve', ...json({ by: 'bob' }));
    await lost(run);
    await pair.databases.standby.sql('TRUNCATE orders RESTART IDENTITY');
    expect(await approve(run)).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    expect(await pair.databases.standby.nextval('orders_id_seq')).toBe(next);
  });

  it('is set again, among thousands and also after a top-up', async () => {
    const count = 6_000;
    const all = Array.from({ length: count }, (_, index) => `s${index + 1}`);
    const pair = await stage.pair('SELECT 1');
    for (const side of [pair.databases.primary, pair.databases.standby])
      await side.sql(all.map((name) => `CREATE SEQUENCE ${name}`).join(';'));
    const run = await stage.start({
      ...{ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } },
    });
    await run.atGate();
    const first = await run.nextLook();
    await pair.databases.primary.sql("SELECT setval('s5', 700), setval('s6', 300)");
    await run.until('the top-up', ({ round }) => round > first.round);
    await run.until('s6 has the least', ({ minimumHeadroom }) => minimumHeadroom?.sequence === 'public.s6');
    await pair.toPrimary.refuse();
    await lost(run);
    await pair.databases.standby.sql(
      "SELECT setval(name, 1, false) FROM unnest(ARRAY['s5', 's6', 's7', 's6000']) AS name",
    );
    expect(await approve(run)).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    const positions = await pair.databases.standby.positions();
    // s6 was read last in the round, and was ahead of 301 with 1001.
    expect(positions).toMatchObject({
      'public.s5': ['1700', true],
      'public.s6': ['1000', true],
      'public.s7': ['1000', true],
      'public.s6000': ['1000', true],
    });
    expect(Object.values(positions).filter(([last]) => BigInt(last) < 1000n)).toEqual([]);
  });

  it('is left alone while it is far enough ahead', async () => {
    const pair = await usedPair(stage);
    const run = await stage.start({ pair: pair.name, buffer });
    await run.atGate();
    await pair.toPrimary.refuse();
    await run.signal('approve', ...json({ by: 'bob' }));
    await lost(run);
    // Of 1,000 calls 500 are enough.
    await pair.databases.standby.sql("SELECT setval('s_0001', 600), setval('s_0002', 699)");
    expect(await approve(run)).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off', round: 2 });
    expect(await pair.databases.standby.positions()).toMatchObject({
      'public.s_0001': ['600', true],
      'public.s_0002': ['1200', true],
    });
  });

  it('blocks if it was never compared, if it was dropped, or if it cycles', async () => {
    const pair = await usedPair(stage);
    await pair.databases.standby.sql('CREATE SEQUENCE own');
    const run = await stage.start({ pair: pair.name, buffer });
    await run.atGate();
    await pair.toPrimary.refuse();
    await run.signal('approve', ...json({ by: 'bob' }));
    await lost(run);
    // One with CYCLE begins again at its MAXVALUE, however far ahead it is.
    await pair.databases.standby.sql(
      'DROP SEQUENCE s_0001; DROP SEQUENCE s_0002; CREATE SEQUENCE s_0001; ALTER SEQUENCE s_0003 MAXVALUE 5000 CYCLE',
    );
    expect(await approve(run)).toMatchObject({ stands: true });
    const back = await run.until('back at the gate', ({ gate }) => gate?.refusedCount === 2);
    expect(back.gate).toMatchObject({
      state: 'blocked',
      blockedBy: [
        { code: 'CYCLES', sequence: 'public.s_0003' },
        { code: 'MISSING_ON_STANDBY', sequence: 'public.s_0002' },
        { code: 'NOT_AHEAD', sequence: 'public.s_0001' },
        unreachable,
      ],
    });
    expect(back.findings.find(({ code }) => code === 'MISSING_ON_STANDBY')?.remedy).toMatch(
      /: CREATE SEQUENCE public\.s_0002; SELECT setval\('public\.s_0002', \d+, false\); the next recheck/u,
    );
    expect(await approve(run, 'public.s_0001', 'public.s_0002', 'public.s_0003')).toMatchObject({
      stands: true,
    });
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      counts: { total: 5, applied: 2, kept: 0, skipped: 1, failed: 2 },
    });
    const { rows } = await run.sequences();
    expect(rows.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      {
        sequence: 'public.s_0001',
        reason: expect.stringMatching(
          /^dropped and created anew on the standby while the run waited; /,
        ) as string,
      },
      { sequence: 'public.s_0002', reason: 'dropped on the standby while the run waited' },
    ]);
  });

  it('is brought back in one round, if it was created anew or renamed to the name of another', async () => {
    const pair = await stage.pair(
      'CREATE TABLE orders (id bigserial PRIMARY KEY); CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE c; CREATE SCHEMA old; CREATE TABLE moved (id serial PRIMARY KEY)',
    );
    await pair.databases.primary.sql(
      "SELECT setval('orders_id_seq', 100000), setval('a', 500), setval('b', 70)",
    );
    const run = await stage.start({
      ...{ pair: pair.name, buffer: { calls: '10000' }, approval: { recheckEvery: '1 second' } },
    });
    await run.atGate();
    await pair.toPrimary.refuse();
    await lost(run);
    const { standby } = pair.databases;
    await standby.sql(`
      DROP SEQUENCE orders_id_seq CASCADE; CREATE SEQUENCE orders_id_seq; INSERT INTO orders VALUES (90);
      ALTER SEQUENCE a RENAME TO x; ALTER SEQUENCE b RENAME TO a; ALTER SEQUENCE x RENAME TO b;
      SELECT setval('a', 1), setval('b', 1); DROP SEQUENCE c;
      ALTER TABLE moved SET SCHEMA old`);
    expect(await approve(run)).toMatchObject({ stands: true });
    await run.until('all of it is seen', ({ gate }) => gate?.blockedBy.length === 6);
    // A later recheck says the same.
    const { verifiedAt } = await run.status();
    const { findings } = await run.until('a recheck', (status) => status.verifiedAt !== verifiedAt);
    const remedies = findings.filter(({ sequence, severity }) => sequence !== null && severity === 'block');
    expect(remedies.map(({ code, sequence }) => `${code} ${sequence ?? ''}`)).toEqual([
      ...['a', 'b', 'c', 'moved_id_seq'].map((name) => `MISSING_ON_STANDBY public.${name}`),
      'NOT_AHEAD public.orders_id_seq',
    ]);
    for (const { remedy } of remedies)
      await paste(remedy, { standby: (statement) => standby.sql(statement) });
    await run.until('the names are back', ({ gate }) => gate?.blockedBy.length === 3);
    expect(await approve(run, 'public.orders_id_seq', 'public.c')).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    expect(await standby.positions()).toEqual({
      'public.a': ['10500', true],
      'public.b': ['10070', true],
      'public.c': ['10001', false],
      'public.moved_id_seq': ['10000', true],
      'public.orders_id_seq': ['110000', true],
    });
  });

  it('blocks over several rechecks until the dropped sequence exists again', async () => {
    const pair = await usedPair(stage);
    const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
    await run.atGate();
    await pair.toPrimary.refuse();
    await lost(run);
    await pair.databases.standby.sql('ALTER SEQUENCE s_0002 RENAME TO other; CREATE SEQUENCE created');
    expect(await approve(run)).toMatchObject({ stands: true });
    const blocks = [
      { code: 'MISSING_ON_STANDBY', sequence: 'public.s_0002' },
      { code: 'NOT_AHEAD', sequence: 'public.created' },
      unreachable,
    ];
    const back = await run.until('back at the gate', ({ gate }) => gate?.blockedBy.length === 3);
    expect(back.gate?.blockedBy).toEqual(blocks);
    // A recheck that finds the primary lost once more forgets nothing of it.
    const { verifiedAt } = await run.status();
    const later = await run.until('a recheck', (status) => status.verifiedAt !== verifiedAt);
    expect(later.gate?.blockedBy).toEqual(blocks);
    expect(await approve(run)).toMatchObject({ stands: false });
    const missing = later.findings.find(({ code }) => code === 'MISSING_ON_STANDBY');
    expect(missing?.remedy).toBe(
      'on the standby, as the owner or a superuser: ALTER SEQUENCE public.other RENAME TO s_0002; then wait for the next recheck',
    );
    await pair.databases.standby.sql('ALTER SEQUENCE public.other RENAME TO s_0002; DROP SEQUENCE created');
    await run.until('it is seen', ({ gate }) => gate?.blockedBy.length === 1);
    expect(await approve(run)).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    const { rows } = await run.sequences();
    expect(rows.map(({ sequence, outcome }) => `${sequence} ${outcome}`)).toEqual([
      ...['public.s_0001 applied', 'public.s_0002 kept', 'public.s_0003 applied', 'public.s_0004 applied'],
      ...['public.created skipped', 'public.other skipped'],
    ]);
  });
});

it('opens the gate again by itself when the primary is back', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await pair.toPrimary.refuse();
  await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  // Meanwhile applications went on writing there.
  await pair.databases.primary.sql("SELECT setval('s_0001', 5000)");
  await pair.toPrimary.accept();
  const began = performance.now();
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  console.info('primary back: seen after', Math.round(performance.now() - began), 'ms');
  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await expectAhead(pair);
});

it('returns to the gate when the primary dies after the approval', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  await pair.toPrimary.refuse();
  await run.signal('approve', ...json({ by: 'alice' }));
  const { gate } = await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  expect(gate).toMatchObject({ approvals: [], blockedBy: [unreachable], refusedCount: 1 });
  await run.signal('approve', ...json({ by: 'bob', accept: ['PRIMARY_UNREACHABLE'] }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'bob' }] } });
  await expectAhead(pair);
});

/**
 * Each verification waits a minute for the locked sequence, and one that has begun ends before that of an approval: four of them, and the time until
 * the loss is seen, are more than the limit of the other tests.
 */
const FOUR_VERIFICATIONS_MS = 600_000;

it(
  'keeps in mind what was behind when the primary died before it could be topped up',
  { timeout: FOUR_VERIFICATIONS_MS },
  async () => {
    const pair = await usedPair(stage);
    const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
    await run.atGate();
    const alter = await hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
    await pair.databases.primary.sql("SELECT setval('s_0002', 5000)");
    await run.until('a top-up is tried', async () => (await stage.running(run)).includes('applyTargets'));
    await pair.toPrimary.refuse();
    const { gate } = await run.until(
      'the loss is seen',
      (status) => status.gate?.blockedBy.some(({ code }) => code === 'PRIMARY_UNREACHABLE') === true,
    );
    expect(gate?.blockedBy).toEqual([
      { code: 'NOT_AHEAD', sequence: 'public.s_0002' },
      unreachable,
      { code: 'SETVAL_FAILED', sequence: 'public.s_0002' },
    ]);
    const approve = (...accept: string[]) =>
      run.decide(...json({ decision: 'approve', by: 'alice', accept }));
    expect(await approve('PRIMARY_UNREACHABLE')).toMatchObject({
      stands: false,
      error: expect.stringMatching(/blocked by NOT_AHEAD on public\.s_0002/) as string,
    });
    // Looks at the standby alone do not make it forgotten either.
    expect(await approve('PRIMARY_UNREACHABLE', 'public.s_0002')).toMatchObject({ stands: true });
    // The verification after the approval also finds the open ALTER SEQUENCE.
    await run.until(
      'the open transaction is seen',
      (status) => status.gate?.blockedBy.some(({ code }) => code === 'READ_FAILED') === true,
    );
    // Later rechecks keep it in mind too, so that the next approval is the last one.
    expect(await approve('PRIMARY_UNREACHABLE', 'public.s_0002')).toMatchObject({ stands: true });
    const result = await completed(run);
    expect(result.gate?.blockedBy).toEqual(expect.arrayContaining(gate?.blockedBy ?? []));
    expect(result.checklist).toContainEqual({
      item: 'Verify that all sequences are ahead of the primary',
      done: false,
      at: null,
    });
    await alter.commit();
  },
);

it('waits for the writes of a primary that is back, though it was accepted to go on without', async () => {
  const pair = await usedPair(stage);
  await pair.databases.subscribe();
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  await pair.toPrimary.refuse();
  await run.signal('approve', ...json({ by: 'alice' }));
  const lost = await run.until('the loss is seen', (status) => status.gate?.state === 'blocked');
  expect(lost.gate?.blockedBy).toEqual([unreachable]);
  const lock = await hold(pair.standbyUrl, 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
  await pair.databases.primary.sql('INSERT INTO orders VALUES (1)');
  await pair.toPrimary.accept();
  await run.signal('approve', ...json({ by: 'bob', accept: ['PRIMARY_UNREACHABLE'] }));
  const back = await run.until('back at the gate', (status) => status.gate?.refusedCount === 2);
  expect(back.gate).toMatchObject({
    state: 'blocked',
    approvals: [],
    blockedBy: [{ code: 'NOT_CAUGHT_UP', sequence: null }],
  });
  await lock.commit();
  await run.signal('resynchronize', ...json({ by: 'bob' }));
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await expectAhead(pair);
});

it('takes a primary that was fenced for one that cannot be reached, once it waits', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  const unfence = await fence(stage, pair);
  const { gate, findings } = await run.until(
    'the gate is blocked',
    (status) => status.gate?.state === 'blocked',
  );
  expect(gate?.blockedBy).toEqual([unreachable]);
  expect(findings.find(({ code }) => code === 'PRIMARY_UNREACHABLE')?.message).toMatch(
    /^The connection to the primary at [^ ]+ cannot be made: database "\w+" is not currently accepting connections/,
  );
  expect(await failed(await stage.start({ pair: pair.name, mode: 'verify' }))).toMatchObject({
    type: 'NotReady',
    message: expect.stringMatching(
      /not currently accepting .*; otherwise fix the cause and start the run again$/,
    ) as string,
  });
  await run.signal('approve', ...json({ by: 'alice', accept: ['PRIMARY_UNREACHABLE'] }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await unfence();
  await expectAhead(pair);
});

it('waits for a standby that cannot be reached, which nobody can accept', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await pair.toStandby.refuse();
  const { gate } = await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  expect(gate?.blockedBy).toEqual([{ code: 'STANDBY_UNREACHABLE', sequence: null }]);
  expect(
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['STANDBY_UNREACHABLE'] })),
  ).toMatchObject({ stands: false, error: expect.stringMatching(/nobody can accept/) as string });
  await pair.toStandby.accept();
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'bob' }] } });
  await expectAhead(pair);
});

it('keeps waiting when a recheck fails because a catalog is locked', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  const lock = await hold(pair.standbyUrl, 'LOCK TABLE pg_sequence IN ACCESS EXCLUSIVE MODE');
  const began = performance.now();
  const { gate } = await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  console.info('a locked catalog: seen after', Math.round(performance.now() - began), 'ms');
  expect(gate?.blockedBy).toEqual([{ code: 'LOOK_FAILED', sequence: null }]);
  expect(
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['LOOK_FAILED'] })),
  ).toMatchObject({ stands: false });
  await lock.commit();
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'bob' }] } });
  await expectAhead(pair);
});
