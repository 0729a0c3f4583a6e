import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildReport } from '../../src/report/build-report.js';
import { readRun } from '../../src/record/read-run.js';
import { toRecord } from '../../src/record/run-record.js';
import { fromBundle, parseBundle } from '../../src/record/source.js';
import { shortLived } from '../node-options.js';
import { decodePayload, json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { until } from '../../src/local/until.js';
import { hold } from './faults/hold.js';
import { completed, WorkflowRun } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

const TOTAL = 2_500;
const EXPORTED = 5_000;
const schemaOf = (total: number) =>
  `DO $$ BEGIN FOR i IN 1..${total} LOOP EXECUTE format('CREATE SEQUENCE s_%s', lpad(i::text, 4, '0')); END LOOP; END $$`;
const nameOf = (index: number) => `public.s_${String(index).padStart(4, '0')}`;
const names = Array.from({ length: EXPORTED }, (_, index) => nameOf(index + 1));

/** The output of the command `export`. */
async function exported({ workflowId }: WorkflowRun): Promise<string> {
  const program = path.resolve(import.meta.dirname, '../../dist/src/cli/main.js');
  const env = { HOME: '/nonexistent', PATH: process.env['PATH'], ...stage.workerSettings };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...shortLived, program, 'export', workflowId],
    {
      env,
      maxBuffer: 100_000_000,
    },
  );
  return stdout;
}

/** All rows of a workflow, a few at a time. */
async function readAll(run: WorkflowRun, limit: number): Promise<string[]> {
  const read: string[] = [];
  let after: string | null = null;
  do {
    const { rows, next } = await run.sequences({ after, limit });
    read.push(...rows.map(({ sequence }) => sequence));
    after = next;
  } while (after !== null);
  return read;
}

it('spreads them over pages that run, answer and plan by themselves, and one file has the rows of all', async () => {
  const pair = await stage.pair(schemaOf(EXPORTED));
  await pair.primary.sql(`SELECT setval('s_0001', 500), setval('s_5000', 700)`);

  const plan = await stage.start({ pair: pair.name, mode: 'plan' });
  const planned = await completed(plan);
  expect(planned).toMatchObject({ counts: { total: EXPORTED, applied: EXPORTED } });
  const planPages = (await plan.sequences({})).pages;
  const [guard = '', ...commands] = planned.statements ?? [];
  await expect(pair.standby.sql(guard)).rejects.toThrow('Nothing was set: the statements are too many');
  expect(commands).toEqual(
    planPages.map(
      ({ workflowId }) =>
        `-- temporal workflow query --type statements --workflow-id ${workflowId} --output json | jq -r '.queryResult[0][]'`,
    ),
  );
  const statements = await Promise.all(
    planPages.map(({ workflowId }) => new WorkflowRun(stage.cli, workflowId).query<string[]>('statements')),
  );
  expect(statements.flat()).toHaveLength(EXPORTED);

  const run = await stage.start({ pair: pair.name });
  expect(await run.atGate()).toMatchObject({
    counts: { total: EXPORTED, applied: EXPORTED, kept: 0, skipped: 0, failed: 0 },
    minimumHeadroom: { calls: '10000' },
    gate: { state: 'open' },
    findings: [{ code: 'NO_SUBSCRIPTION' }],
  });
  const { rows, next, pages } = await run.sequences({});
  expect({ rows, next }).toEqual({ rows: [], next: null });
  expect(pages.map(({ from, to }) => [from, to])).toEqual(
    pages.map((page, index) => [index === 0 ? null : pages[index - 1]?.to, page.to]),
  );
  expect(pages.at(-1)?.to).toBeNull();
  const pageRuns = pages.map(({ workflowId }) => new WorkflowRun(stage.cli, workflowId));
  const read: string[] = [];
  for (const page of pageRuns) read.push(...(await readAll(page, 400)));
  expect(read).toEqual(names);
  expect((await pageRuns[0]?.sequences({ limit: 1 }))?.rows).toEqual([
    {
      sequence: 'public.s_0001',
      primaryNext: '501',
      standbyBefore: '1',
      target: '10501',
      standbyNext: '10501',
      buffer: '10000',
      outcome: 'applied',
      reason: null,
    },
  ]);

  const firstRound = await run.status();
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  const secondOpen = await run.until(
    'a second round',
    ({ round, gate }) => round === 2 && gate?.state === 'open',
  );
  const [again] = (await run.sequences({})).pages;
  const secondRound = new WorkflowRun(stage.cli, again?.workflowId ?? '');
  expect((await secondRound.sequences({ limit: 1 })).rows).toMatchObject([
    {
      sequence: 'public.s_0001',
      outcome: 'applied',
      reason: 'set in an earlier round, and ahead in the last',
    },
  ]);
  // It set nothing.
  expect(await secondRound.query('statements')).toEqual([]);

  await run.signal('approve', ...json({ by: 'alice' }));
  await completed(run);

  // One file has every sequence of the run, without a worker or the ledger.
  const bundle = parseBundle(await exported(run));
  const record = toRecord(await readRun(fromBundle(bundle), bundle.workflowId));
  expect(record.missing).toEqual([]);
  const report = buildReport(await readRun(fromBundle(bundle), bundle.workflowId), '1.2.3');
  const [{ digest } = {}] = await pair.standby.sql<{ digest: string }>(
    'SELECT record_digest AS digest FROM sequence_failover.runs',
  );
  const records = 2 * pages.length;
  expect(report.proof.recordDigest).toEqual({ sha256: digest, records, covered: records, problems: [] });
  expect(
    report.decisions.map(({ decision, known }) => [decision, known?.counts, known?.minimumHeadroom]),
  ).toEqual([
    ['resynchronize', firstRound.counts, firstRound.minimumHeadroom],
    ['approve', secondOpen.counts, secondOpen.minimumHeadroom],
  ]);
  expect(record.rows.map(({ sequence }) => sequence).sort()).toEqual(names);
  expect(new Set(record.rows.map(({ outcome }) => outcome))).toEqual(new Set(['applied']));
  expect(record.settings.map(({ sequence }) => sequence).sort()).toEqual(names);
  expect(record.rows.find(({ sequence }) => sequence === names[0])).toMatchObject({
    ...{ primaryNext: '501', standbyBefore: '1', target: '10501', standbyNext: '10501', buffer: '10000' },
  });

  const positions = await pair.standby.sql<{ next: string; count: number }>(
    `SELECT (last_value + 1)::text AS next, count(*)::int FROM pg_sequences WHERE schemaname = 'public' GROUP BY 1 ORDER BY 1`,
  );
  expect(positions).toEqual([
    { next: '10001', count: EXPORTED - 2 },
    { next: '10501', count: 1 },
    { next: '10701', count: 1 },
  ]);
  const recorded = await pair.standby.sql(
    `SELECT round, outcome, count(*)::int FROM sequence_failover.sequences GROUP BY 1, 2 ORDER BY 1`,
  );
  expect(recorded).toEqual([
    { round: 1, outcome: 'applied', count: EXPORTED },
    { round: 2, outcome: 'kept', count: EXPORTED },
  ]);
});

it('tries a hundred of those that are locked alone, and the others together', async () => {
  const pair = await stage.pair(schemaOf(TOTAL));
  const alter = await hold(
    pair.standbyUrl,
    `DO $$ BEGIN FOR i IN 1..150 LOOP EXECUTE format('ALTER SEQUENCE s_%s CACHE 1', lpad(i::text, 4, '0')); END LOOP; END $$`,
  );
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  const page = new WorkflowRun(stage.cli, `${run.workflowId}/round-1/page-1`);
  const steps = async () => {
    const { events } = await page.history().catch(() => ({ events: [] }));
    return events.flatMap(({ userMetadata }) =>
      userMetadata?.summary === undefined ? [] : String(decodePayload(userMetadata.summary)),
    );
  };
  const alone = async () => (await steps()).filter((step) => step.startsWith('apply public.')).length === 100;
  await until(alone, { what: 'a hundred sequences to be tried alone' });
  await alter.commit();
  expect(await completed(run)).toMatchObject({ counts: { applied: TOTAL, failed: 0 } });
  expect(await steps()).toContain('apply 50 targets, again');
});
