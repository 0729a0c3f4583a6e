import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Status } from '../../src/contract/status.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { completed, failed } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

const watched = { buffer: { calls: '100' }, approval: { recheckEvery: '1 second' } };

/** Calls nextval on the primary. */
const consume = (sequence: string, calls: number) =>
  `SELECT count(nextval('${sequence}')) FROM generate_series(1, ${calls})`;

/** The ledger's rows, without the times. */
const recorded = `SELECT round, sequence, primary_next::text, standby_before::text, buffer::text, target::text,
    standby_after::text, outcome, reason, primary_read_at IS NOT NULL AS dated
  FROM sequence_failover.sequences ORDER BY round, sequence COLLATE "C"`;

it('tops up what falls below half of its buffer while it waits, and records that as a round', async () => {
  const pair = await stage.pair('CREATE SEQUENCE busy; CREATE SEQUENCE still; CREATE SEQUENCE slow');
  const run = await stage.start({ pair: pair.name, ...watched });
  await run.atGate();

  // 50 of 100 left are enough, 49 are not.
  await pair.primary.sql(consume('slow', 50));
  await pair.primary.sql(consume('busy', 51));
  expect(await run.toppedUp()).toMatchObject({
    phase: 'awaiting-approval',
    gate: { state: 'open' },
    counts: { total: 3, applied: 3, kept: 0, skipped: 0, failed: 0 },
    round: 2,
    minimumHeadroom: { sequence: 'public.slow', calls: '50' },
  });
  expect(await pair.standby.positions()).toEqual({
    'public.busy': ['151', true],
    'public.slow': ['100', true],
    'public.still': ['100', true],
  });
  expect(
    (await run.sequences({})).rows.map(({ sequence, reason, target }) => [sequence, reason, target]),
  ).toEqual([
    ['public.busy', 'topped up while waiting', '152'],
    ['public.slow', null, '101'],
    ['public.still', null, '101'],
  ]);
  const first = {
    round: 1,
    primary_next: '1',
    standby_before: '1',
    buffer: '100',
    target: '101',
    standby_after: '101',
  };
  const applied = { outcome: 'applied', dated: true };
  expect(await pair.standby.sql(recorded)).toEqual([
    ...['busy', 'slow', 'still'].map((name) => ({
      ...first,
      ...applied,
      sequence: `public.${name}`,
      reason: null,
    })),
    {
      ...{
        round: 2,
        sequence: 'public.busy',
        primary_next: '52',
        standby_before: '101',
        buffer: '100',
        target: '152',
      },
      ...{ standby_after: '152', ...applied, reason: 'topped up while waiting' },
    },
  ]);

  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', round: 2 });
});

it('says how long the headroom of the fastest-consumed sequence lasts, and nothing of idle sequences', async () => {
  const pair = await stage.pair('CREATE SEQUENCE fast; CREATE SEQUENCE slow; CREATE SEQUENCE still');
  const overrides = [{ match: 'public.slow', buffer: { calls: '500' } }];
  // The writer needs a minute for them: however late a look comes, the standby is ahead.
  const run = await stage.start({ ...watched, pair: pair.name, buffer: { calls: '100000000' }, overrides });
  await run.atGate();
  const about = ({ findings }: Status) => findings.filter(({ code }) => code === 'CONSUMPTION');
  expect(about(await run.nextLook())).toEqual([]);

  // The least headroom is that of slow, which lasts longer.
  const writing = new AbortController();
  const writer = (async () => {
    while (!writing.signal.aborted)
      await pair.primary.sql(`${consume('fast', 1_000_000)}; ${consume('slow', 1)}; SELECT pg_sleep(0.5)`);
  })();
  const status = await run
    // A recheck between two statements of the writer sees only the call of slow.
    .until('CONSUMPTION shows it', (each) => about(each)[0]?.sequence === 'public.fast')
    .finally(() => {
      writing.abort();
      return writer;
    });
  expect(about(status)).toEqual([
    {
      severity: 'info',
      code: 'CONSUMPTION',
      sequence: 'public.fast',
      count: 1,
      message: expect.stringMatching(
        /^public\.fast is \d+ calls ahead, and the primary makes \d+\.\d\d calls a second: the headroom lasts \d+ (second|minute)/,
      ) as string,
      remedy: expect.stringContaining('fence the primary') as string,
    },
  ]);
  expect(status.minimumHeadroom?.sequence).toBe('public.slow');
  await run.until('it is at rest again', (each) => about(each).length === 0);
});

it('finds sequences that are created while it waits: on both sides it tops up, on the primary alone it blocks', async () => {
  const pair = await stage.pair('CREATE SEQUENCE old');
  const run = await stage.start({ pair: pair.name, ...watched });
  await run.atGate();

  // No recheck looks at the pair between the two statements.
  await stage.stopWorker();
  for (const side of [pair.primary, pair.standby]) await side.sql('CREATE SEQUENCE "New"');
  await stage.restartWorker();
  await run.until('the new one is set', async () => {
    const { rows } = await run.sequences({});
    return rows.some(({ sequence, outcome }) => sequence === 'public."New"' && outcome === 'applied');
  });
  expect(await pair.standby.positions()).toEqual({
    'public."New"': ['100', true],
    'public.old': ['100', true],
  });
  expect((await run.sequences({})).rows.map(({ sequence, reason }) => [sequence, reason])).toEqual([
    ['public.old', null],
    ['public."New"', 'topped up while waiting'],
  ]);
  expect((await run.status()).counts).toEqual({ total: 2, applied: 2, kept: 0, skipped: 0, failed: 0 });

  await pair.primary.sql('CREATE SEQUENCE forgotten');
  expect(await run.until('it is blocked', ({ gate }) => gate?.state === 'blocked')).toMatchObject({
    gate: { blockedBy: [{ code: 'MISSING_ON_STANDBY', sequence: 'public.forgotten' }] },
  });
  expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({ stands: false });
  await pair.standby.sql('CREATE SEQUENCE forgotten');
  await run.until('it is open again', ({ gate }) => gate?.state === 'open');
  expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({ stands: true });
  await completed(run);
  expect(await pair.standby.position('public.forgotten')).toEqual(['100', true]);
});

it('records what is dropped, renamed or created ahead while it waits, each in a row with its reason', async () => {
  const pair = await stage.pair(
    'CREATE SEQUENCE dropped; CREATE SEQUENCE renamed; CREATE SEQUENCE half; CREATE SEQUENCE stays; CREATE SEQUENCE skipped',
  );
  const run = await stage.start({ pair: pair.name, ...watched, exclude: ['public.skipped'] });
  await run.atGate();
  // No recheck looks at the pair halfway.
  await stage.stopWorker();
  for (const side of [pair.primary, pair.standby]) {
    await side.sql('DROP SEQUENCE dropped, skipped; ALTER SEQUENCE renamed RENAME TO other');
  }
  await pair.primary.sql('DROP SEQUENCE half; CREATE SEQUENCE late');
  await pair.standby.sql("CREATE SEQUENCE late; SELECT setval('late', 5000)");
  await stage.restartWorker();
  const rowsOf = async () =>
    Object.fromEntries((await run.sequences({})).rows.map((row) => [row.sequence, row]));
  await run.until('the changes are recorded', async () => Object.keys(await rowsOf()).length === 7);
  const waiting = 'while the run waited';
  const isAhead = 'ahead of the primary when the run last read both sides';
  const expected = {
    'public.dropped': {
      ...{ outcome: 'skipped', target: '101', standbyNext: '101' },
      reason: `dropped on the primary and on the standby ${waiting}`,
    },
    'public.half': { outcome: 'skipped', reason: `dropped on the primary ${waiting}; only on the standby` },
    'public.renamed': {
      ...{ outcome: 'skipped', standbyNext: '101' },
      reason: `renamed to public.other on the primary and on the standby ${waiting}`,
    },
    'public.skipped': {
      outcome: 'skipped',
      reason: `dropped on the primary and on the standby ${waiting}`,
    },
    'public.stays': { outcome: 'applied', reason: null },
    'public.late': {
      ...{ outcome: 'kept', primaryNext: '1', standbyNext: '5001' },
      reason: `created on the primary and on the standby ${waiting}; ${isAhead}`,
    },
    'public.other': {
      ...{ outcome: 'kept', primaryNext: '1', standbyNext: '101' },
      reason: `renamed from public.renamed on the primary and on the standby ${waiting}; ${isAhead}`,
    },
  };
  expect(await rowsOf()).toMatchObject(expected);
  expect(await run.status()).toMatchObject({
    round: 2,
    gate: { state: 'open' },
    counts: { total: 7, applied: 1, kept: 2, skipped: 4, failed: 0 },
  });
  // Told once: the next looks find nothing new.
  await run.nextLook();
  await run.nextLook();
  await pair.standby.sql('DROP SEQUENCE stays');
  await run.signal('approve', ...json({ by: 'alice' }));
  await run.until('it is blocked', ({ gate }) => gate?.state === 'blocked');
  await run.signal('approve', ...json({ by: 'alice', accept: ['public.stays'] }));
  expect(await completed(run)).toMatchObject({
    round: 3,
    counts: { total: 7, applied: 0, kept: 2, skipped: 4, failed: 1 },
  });
  const stays = {
    ...{ outcome: 'failed', target: '101', primaryNext: '1' },
    reason: `dropped on the standby ${waiting}; public.stays exists on the primary but not on the standby`,
  };
  expect(await rowsOf()).toMatchObject({ ...expected, 'public.stays': stays });
  const outcomes = await pair.standby.sql<{ sequence: string; outcome: string }>(
    `SELECT DISTINCT ON (sequence) sequence, outcome FROM sequence_failover.sequences ORDER BY sequence, round DESC`,
  );
  expect(Object.fromEntries(outcomes.map(({ sequence, outcome }) => [sequence, outcome]))).toEqual(
    Object.fromEntries(Object.values(await rowsOf()).map(({ sequence, outcome }) => [sequence, outcome])),
  );
});

it('keeps its state over several continue-as-new while it waits', async () => {
  const pair = await stage.pair('CREATE SEQUENCE busy; CREATE SEQUENCE still');
  await pair.primary.sql('CREATE SEQUENCE missing');
  const run = await stage.start(
    {
      ...{ pair: pair.name, buffer: { calls: '100' }, ticket: 'CHG-7', requestedBy: 'alice' },
      approval: { recheckEvery: '1 second', required: 2 },
    },
    { flags: ['--memo', 'continueAsNewAfterEvents=50', '--memo', 'note="kept"'] },
  );
  await run.atGate();
  await run.signal('resynchronise', ...json({ by: 'mallory' }));
  await run.until('it is refused', ({ gate }) => gate?.refusedCount === 1);
  await run.signal('approve', ...json({ by: 'mallory' }));
  const decision = await run.decide(
    ...json({ decision: 'approve', by: 'bob', reason: 'ready', accept: ['public.missing'] }),
  );
  expect(decision).toEqual({ stands: true, answer: { state: 'blocked', approvals: 1, required: 2 } });
  await pair.primary.sql(consume('busy', 60));
  const before = await run.toppedUp();
  const rows = await run.sequences({});
  const memo = await run.memo();
  expect(memo).toEqual({
    continueAsNewAfterEvents: 50,
    note: 'kept',
    pair: pair.name,
    buffer: '100',
    ticket: 'CHG-7',
  });

  const seen = new Set(await run.runs());
  await run.until('three more runs', async () => {
    for (const id of await run.runs()) seen.add(id);
    return seen.size > 4;
  });
  const unchanged = ({ verifiedAt, primaryReadAt, findings, ...rest }: Status) => ({
    ...rest,
    runId: null,
    findings: findings.filter(({ code }) => code !== 'CONSUMPTION'),
    read: verifiedAt !== null && primaryReadAt !== null,
    minimumHeadroom: null,
    // Nothing is consumed any more.
    consumption: null,
  });
  const after = await run.status();
  expect(unchanged(after)).toEqual(unchanged(before));
  expect(after).toMatchObject({
    minimumHeadroom: { sequence: 'public.busy', calls: '100' },
    round: 2,
    ticket: 'CHG-7',
    requestedBy: 'alice',
    gate: {
      state: 'blocked',
      required: 2,
      approvals: [{ by: 'bob', reason: 'ready', accept: ['public.missing'] }],
      refused: [{ kind: 'resynchronise' }, { kind: 'approve', by: 'mallory' }],
      refusedCount: 2,
      blockedBy: [{ code: 'MISSING_ON_STANDBY', sequence: 'public.missing' }],
    },
  });
  expect(await run.sequences({})).toEqual(rows);
  expect(rows.rows.map(({ sequence, outcome }) => `${sequence} ${outcome}`)).toEqual([
    'public.busy applied',
    'public.missing failed',
    'public.still applied',
  ]);
  expect(await run.memo()).toEqual(memo);

  const second = await stage.start({ pair: pair.name, mode: 'sync' });
  const refusal = await failed(second);
  expect(refusal).toMatchObject({ type: 'NotReady' });
  expect(refusal.message).toContain(run.workflowId);

  await run.signal('approve', ...json({ by: 'carol', accept: ['public.missing'] }));
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    startedAt: before.startedAt,
    gate: { state: 'approved', approvals: [{ by: 'bob' }, { by: 'carol' }], deadline: before.gate?.deadline },
  });
  expect(
    await pair.standby.sql(
      'SELECT state, outcome, jsonb_array_length(approvals) AS approvals FROM sequence_failover.runs',
    ),
  ).toEqual([{ state: 'completed', outcome: 'handed-off', approvals: 2 }]);
  // And the pair is free again.
  await completed(await stage.start({ pair: pair.name, mode: 'sync', exclude: ['public.missing'] }));
});
