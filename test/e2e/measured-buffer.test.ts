import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pageLimits } from '../../activities/page-limits.js';
import type { PrimaryPage, PrimarySample } from '../../src/steps/rows.js';
import { until } from '../../src/local/until.js';
import { measuredBuffer } from '../../src/sequences/measured-buffer.js';
import { json, decodePayload, type EncodedPayload } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import type { StagedPair } from './stage/staged-pair.js';
import { completed, failed, WorkflowRun, type HistoryEvent } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

const measured = (sampleFor: string, minimum = '1000') => ({
  measure: { sampleFor },
  maxFailoverSeconds: 60,
  safetyFactor: 1.5,
  minimum,
});
const rule = { maxFailoverSeconds: 60, safetyFactor: 1.5, minimum: '1000' };

/** Calls nextval on the primary. */
const consume = (sequence: string, calls: number) =>
  `SELECT count(nextval('${sequence}')) FROM generate_series(1, ${calls})`;

/** What the activities of a type answered, in their order. */
function answers<T>(events: readonly HistoryEvent[], activityType: string): T[] {
  const scheduled = new Set(
    events
      .filter((event) => {
        const attributes = event['activityTaskScheduledEventAttributes'] as
          { activityType: { name: string } } | undefined;
        return attributes?.activityType.name === activityType;
      })
      .map(({ eventId }) => eventId),
  );
  return events.flatMap((event) => {
    const attributes = event['activityTaskCompletedEventAttributes'] as
      { scheduledEventId: string; result: { payloads: EncodedPayload[] } } | undefined;
    return attributes !== undefined && scheduled.has(attributes.scheduledEventId)
      ? [decodePayload(attributes.result.payloads[0]) as T]
      : [];
  });
}

const summaries = (events: readonly HistoryEvent[], eventType: string) =>
  events
    .filter((event) => event.eventType === eventType)
    .map(({ userMetadata }) => decodePayload(userMetadata?.summary) as string);

/** Until the first reads are done, and time passes. */
async function sampling(run: WorkflowRun) {
  await run.begun();
  return until(
    async () => {
      const history = await stage.cli.inProcess(run.workflowId)?.fetchHistory();
      return history?.events?.some(({ timerStartedEventAttributes: timer }) => timer != null);
    },
    { interval: 50, constant: true, what: `${run.workflowId} to measure` },
  );
}

/** Runs the statements on the primary between the first and the second read: without a worker, there is no second read. */
async function consumeBetweenReads(
  { primary }: StagedPair,
  statements: readonly string[],
  env: Record<string, string> = {},
) {
  await stage.stopWorker();
  for (const statement of statements) await primary.sql(statement);
  await stage.restartWorker(env);
}

/** When the two reads of a page were made, in milliseconds. */
async function reads(run: WorkflowRun) {
  const { events } = await run.history();
  const [sample] = answers<PrimarySample>(events, 'samplePrimary');
  const [page] = answers<PrimaryPage>(events, 'fetchPrimarySequences');
  if (sample === undefined || page === undefined) throw new Error(`${run.workflowId} has not measured`);
  return { from: Date.parse(sample.at), to: Date.parse(page.readAt) };
}

const buffers = async (run: WorkflowRun) =>
  Object.fromEntries((await run.sequences({})).rows.map(({ sequence, buffer }) => [sequence, buffer]));

it('gives each sequence its own buffer, by what the primary consumes during the sample', async () => {
  const pair = await stage.pair(
    'CREATE SEQUENCE busy; CREATE SEQUENCE down INCREMENT -10; CREATE SEQUENCE fixed; CREATE SEQUENCE slow; CREATE SEQUENCE undone',
  );
  await pair.primary.sql("SELECT setval('undone', 5000)");
  const buffer = measured('10 seconds');
  const run = await stage.start({
    ...{ pair: pair.name, mode: 'sync', buffer },
    overrides: [{ match: 'public.fixed', buffer: { calls: '77' } }],
  });
  await sampling(run);
  await consumeBetweenReads(pair, [
    consume('busy', 9_000),
    consume('down', 4_000),
    consume('fixed', 5_000),
    consume('slow', 1),
    "ALTER SEQUENCE undone RESTART WITH 1; SELECT setval('undone', 900)",
  ]);
  expect(await completed(run)).toMatchObject({
    outcome: 'synchronized',
    buffer: { policy: buffer, calls: null },
  });

  const { from, to } = await reads(run);
  expect(to - from).toBeGreaterThanOrEqual(10_000);
  const of = (calls: bigint) => String(measuredBuffer(rule, { calls, elapsedMs: BigInt(to - from) }));
  const expected = { busy: of(9_000n), down: of(4_000n), fixed: '77', slow: '1000', undone: '1000' };
  expect(BigInt(expected.busy) > 10_000n && BigInt(expected.down) > 4_000n).toBe(true);
  expect(await buffers(run)).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, calls]) => [`public.${name}`, calls])),
  );
  expect(await pair.standby.position('public.busy')).toEqual([String(9_000n + BigInt(expected.busy)), true]);
  expect(await pair.standby.position('public.down')).toEqual([
    String(-39_991n - 10n * BigInt(expected.down)),
    true,
  ]);

  const { events } = await run.history();
  expect(summaries(events, 'EVENT_TYPE_TIMER_STARTED')).toEqual([
    "measure the primary's consumption for 10 seconds",
  ]);
  expect(await run.memo()).toMatchObject({ buffer });
});

it('takes the faster of the sample and of the rounds on record', async () => {
  const pair = await stage.pair('CREATE SEQUENCE by_day; CREATE SEQUENCE by_night');
  const input = { pair: pair.name, mode: 'sync', buffer: measured('1 second') };
  await completed(await stage.start(input));
  await pair.primary.sql(consume('by_day', 100_000));
  const run = await stage.start({ ...input, mode: 'plan' });
  await completed(run);

  const [round] = await pair.standby.sql<{ at: Date }>(
    "SELECT primary_read_at AS at FROM sequence_failover.sequences WHERE sequence = 'public.by_day'",
  );
  const { to } = await reads(run);
  const elapsedMs = BigInt(to - (round?.at.getTime() ?? 0));
  expect(await buffers(run)).toEqual({
    'public.by_day': String(measuredBuffer(rule, { calls: 100_000n, elapsedMs })),
    'public.by_night': '1000',
  });
});

describe('without a ledger', () => {
  const off = { LEDGER: 'off' };
  beforeEach(async () => {
    await stage.restartWorker(off);
  });
  afterEach(async () => {
    await stage.restartWorker();
  });

  it('the measured buffer counts in the mode verify and at every recheck, which tops up a sequence below half of it', async () => {
    const pair = await stage.pair('CREATE SEQUENCE busy; CREATE SEQUENCE still');
    const buffer = measured('6 seconds', '100');
    await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer: { calls: '100' } }));
    const verify = await stage.start({ pair: pair.name, mode: 'verify', buffer });
    await sampling(verify);
    await consumeBetweenReads(pair, [consume('busy', 90)], off);
    expect(await failed(verify)).toMatchObject({
      type: 'NotAhead',
      message: /^NOT_AHEAD: public\.busy is 10 calls ahead/,
    });

    const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
    await sampling(run);
    await consumeBetweenReads(pair, [consume('busy', 20_000)], off);
    await run.atGate();
    const { 'public.busy': asked } = await buffers(run);
    const busy = BigInt(asked ?? '0');
    expect(busy > 10_000n).toBe(true);
    // Far more than the minimum is left, and less than half of what was measured.
    await pair.primary.sql(consume('busy', Number(busy / 2n) + 1));
    expect(await run.toppedUp()).toMatchObject({ round: 2, minimumHeadroom: { calls: '100' } });
    expect(await buffers(run)).toEqual({ 'public.busy': asked, 'public.still': '100' });
    const called = 20_090n + busy / 2n + 1n;
    expect(await pair.standby.position('public.busy')).toEqual([String(called + busy), true]);
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off', round: 2 });
  });
});

// One more than work at once.
const PAGES = 4;
const TOTAL = PAGES * pageLimits.sequences;
const nameOf = (index: number) => `s_${String(index).padStart(5, '0')}`;
// Each sequence that is created is locked until the transaction ends.
const many = `DO $$ BEGIN FOR i IN 1..${TOTAL} LOOP
  EXECUTE format('CREATE SEQUENCE s_%s', lpad(i::text, 5, '0')); IF i % 500 = 0 THEN COMMIT; END IF;
  END LOOP; END $$`;

/** Until all pages have made their first read. */
async function samplingPages(run: WorkflowRun): Promise<WorkflowRun[]> {
  const { pages } = await until(
    async () => {
      const answer = await run.sequences({});
      return answer.pages.length === PAGES && answer;
    },
    { what: 'all pages to be started' },
  );
  const children = pages.map(({ workflowId }) => new WorkflowRun(stage.cli, workflowId));
  await Promise.all(children.map(sampling));
  return children;
}

it('measures all pages during the same time', async () => {
  const pair = await stage.pair(many);
  const run = await stage.start({
    ...{ pair: pair.name, buffer: measured('30 seconds'), approval: { recheckEvery: '1 second' } },
  });
  const children = await samplingPages(run);
  const [first, last] = [nameOf(1), nameOf(TOTAL)];
  await consumeBetweenReads(pair, [consume(first, 3_000), consume(last, 6_000)]);
  expect(await run.atGate()).toMatchObject({
    counts: { total: TOTAL, applied: TOTAL, kept: 0, skipped: 0, failed: 0 },
    minimumHeadroom: { calls: '1000' },
  });
  const times = await Promise.all(children.map(reads));
  expect(Math.max(...times.map(({ from }) => from))).toBeLessThan(Math.min(...times.map(({ to }) => to)));
  const measuredOn = async (page: number, number: number) => {
    const after = number === 1 ? {} : { after: `public.${nameOf(number - 1)}` };
    const { rows } = await (children[page] ?? run).sequences({ limit: 1, ...after });
    expect(rows.map(({ sequence }) => sequence)).toEqual([`public.${nameOf(number)}`]);
    return rows[0]?.buffer;
  };
  const expected = ([page, calls]: [number, bigint]) => {
    const { from = 0, to = 0 } = times[page] ?? {};
    return String(measuredBuffer(rule, { calls, elapsedMs: BigInt(to - from) }));
  };
  const most = expected([PAGES - 1, 6_000n]);
  expect(await measuredOn(0, 1)).toBe(expected([0, 3_000n]));
  expect(await measuredOn(PAGES - 1, TOTAL)).toBe(most);
  expect(await measuredOn(0, 2)).toBe('1000');

  // The run knows it, too, when it looks again.
  await pair.primary.sql(consume(last, Number(BigInt(most) / 2n) + 1));
  await run.toppedUp();
  const record = await pair.standby.sql(
    'SELECT sequence, buffer::text FROM sequence_failover.sequences WHERE round = 2',
  );
  expect(record).toEqual([{ sequence: `public.${last}`, buffer: most }]);
  await run.cancel();
  expect(await run.ending()).toMatchObject({ status: 'CANCELED' });
});

it('leaves no page waiting when it ends during the sample', async () => {
  const pair = await stage.pair(many);
  const input = { pair: pair.name, buffer: measured('10 minutes') };
  const endings = (pages: readonly WorkflowRun[]) =>
    Promise.all(pages.map(async (page) => (await page.ending()).status));

  const cancelled = await stage.start(input);
  const pages = await samplingPages(cancelled);
  await cancelled.cancel();
  expect(await cancelled.ending()).toMatchObject({ status: 'CANCELED' });
  expect(await endings(pages)).toEqual(pages.map(() => 'CANCELED'));

  const failing = await stage.start(input);
  const [lost, ...others] = await samplingPages(failing);
  await lost?.terminate();
  expect(await failed(failing)).toMatchObject({ type: 'Internal' });
  expect(await endings(others)).toEqual(others.map(() => 'CANCELED'));

  const positions = Object.values(await pair.standby.positions());
  expect(new Set(positions.map(String))).toEqual(new Set(['1,false']));
});
