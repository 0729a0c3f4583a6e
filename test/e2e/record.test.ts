import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRun } from '../../src/record/read-run.js';
import { fromBundle, identified } from '../../src/record/source.js';
import { buildReport } from '../../src/report/build-report.js';
import { renderHtml } from '../../src/report/render-html.js';
import { renderMarkdown } from '../../src/report/render-markdown.js';
import { verifyReport } from '../../src/report/verify.js';
import { decodePayload, encoded, type EncodedPayload, json } from './stage/payloads.js';
import { PASSWORD, Stage } from './stage/stage.js';
import type { StagedDatabase } from './stage/staged-pair.js';
import { completed, failed, type History, type WorkflowRun } from './stage/workflow-run.js';
import { hold } from './faults/hold.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start({ variants: ['limited', 'elsewhere'] });
});
afterAll(async () => {
  await stage.stop();
});

const schema = 'CREATE SEQUENCE invoices; CREATE SEQUENCE orders INCREMENT -1';
const onePair = () => stage.pair(schema);

async function recordedRuns(database: StagedDatabase) {
  return database.sql(
    `SELECT run_id, workflow_id, pair, mode, requested_by, ticket, buffer, calls::text, state, outcome, approvals,
       finished_at IS NOT NULL AS finished FROM sequence_failover.runs ORDER BY started_at`,
  );
}

/** In the words of the query `sequences`. */
async function recordedSequences(database: StagedDatabase, round: number) {
  return database.sql(
    `SELECT sequence, primary_next::text AS "primaryNext", standby_before::text AS "standbyBefore",
       target::text, standby_after::text AS "standbyNext", buffer::text, outcome, reason
     FROM sequence_failover.sequences WHERE round = ${round} ORDER BY sequence COLLATE "C"`,
  );
}

/** Events with their summaries, for whoever reads history in the UI. */
function summaries({ events }: History): string[] {
  return events
    .filter(({ eventType }) => /_(ACTIVITY_TASK_SCHEDULED|TIMER_STARTED)$/.test(eventType))
    .map(({ userMetadata }) => String(decodePayload(userMetadata?.summary)));
}

/** A history as text, payloads decoded. */
function readable(history: History): string {
  return JSON.stringify(history, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
}

const spellings = [PASSWORD, encodeURIComponent(PASSWORD), JSON.stringify(PASSWORD).slice(1, -1)];

function expectNoSecret(text: string): void {
  for (const spelling of spellings) expect(text.includes(spelling), spelling).toBe(false);
  expect(text).not.toMatch(/postgres(ql)?:\/\//);
}

describe('the ledger', () => {
  it('on the standby says the same as the answer and the result, with every round', async () => {
    const pair = await onePair();
    const run = await stage.start(
      {
        pair: pair.name,
        ticket: 'CHG-9',
        requestedBy: 'zoë',
        buffer: { calls: '200' },
        approval: { recheckEvery: '1 second' },
      },
      { workflowId: 'it\'s "quoted"' },
    );
    await run.atGate();
    const [runId] = await run.runs();
    expect(await recordedRuns(pair.standby)).toEqual([
      {
        run_id: runId,
        workflow_id: 'it\'s "quoted"',
        pair: pair.name,
        mode: 'failover',
        requested_by: 'zoë',
        ticket: 'CHG-9',
        buffer: { calls: '200' },
        calls: '200',
        state: 'open',
        outcome: null,
        approvals: [],
        finished: false,
      },
    ]);
    const first = (await run.sequences({})).rows;
    expect(first).toHaveLength(2);
    expect(await recordedSequences(pair.standby, 1)).toEqual(first);

    await pair.primary.sql("SELECT setval('orders', -150)");
    expect(await run.toppedUp()).toMatchObject({ round: 2, minimumHeadroom: { calls: '200' } });
    const [, topped] = (await run.sequences({})).rows;
    expect(topped).toMatchObject({
      sequence: 'public.orders',
      standbyBefore: '-201',
      target: '-351',
      standbyNext: '-351',
    });
    expect(await recordedSequences(pair.standby, 1)).toEqual(first);
    expect(await recordedSequences(pair.standby, 2)).toEqual([topped]);

    await run.signal('approve', ...json({ by: 'alice', reason: 'fine' }));
    const result = await completed(run);
    expect(await recordedRuns(pair.standby)).toMatchObject([
      { state: 'completed', outcome: 'handed-off', approvals: result.gate?.approvals, finished: true },
    ]);
  });

  it('keeps how a run failed and how one was cancelled', async () => {
    const pair = await onePair();
    const rejected = await stage.start({ pair: pair.name });
    await rejected.atGate();
    await rejected.signal('reject', ...json({ by: 'bob', reason: 'no' }));
    const { message } = await failed(rejected);
    const cancelled = await stage.start({ pair: pair.name });
    await cancelled.atGate();
    await cancelled.cancel();
    await cancelled.ending();
    expect(await recordedRuns(pair.standby)).toMatchObject([
      { state: 'failed', outcome: `Rejected: ${message}`, finished: true },
      { state: 'cancelled', outcome: 'cancelled', finished: true },
    ]);
    expect(await rejected.status()).toMatchObject({
      phase: 'done',
      ending: { state: 'failed', message: `Rejected: ${message}` },
    });
    // Temporal's closing event of a cancellation says nothing: the last step of the history has the status.
    const { recordDigest, ...status } = await cancelled.status();
    expect(recordDigest).toMatch(/^[0-9a-f]{64}$/u);
    expect(status).toMatchObject({
      phase: 'done',
      workflowId: cancelled.workflowId,
      ending: {
        state: 'cancelled',
        message:
          'cancelled in the phase awaiting-approval; nothing was handed off; sequences that were set stay set',
      },
    });
    const history = await cancelled.history();
    expect(summaries(history).at(-1)).toBe('record that the run was cancelled');
    const closing = history.events.flatMap(
      ({ activityTaskScheduledEventAttributes }) =>
        (activityTaskScheduledEventAttributes as { input: { payloads: EncodedPayload[] } } | undefined)
          ?.input ?? [],
    );
    expect(decodePayload(closing.at(-1)?.payloads[0])).toMatchObject({ state: 'cancelled', status });
  });

  it('records that an earlier run was terminated, once the next run begins', async () => {
    const pair = await onePair();
    const terminated = await stage.start({ pair: pair.name });
    await terminated.atGate();
    await terminated.terminate();
    await completed(await stage.start({ pair: pair.name, mode: 'sync' }));
    expect(await recordedRuns(pair.standby)).toMatchObject([
      { workflow_id: terminated.workflowId, state: 'abandoned', finished: true },
      { mode: 'sync', state: 'completed' },
    ]);
  });

  it('can be kept elsewhere than on the standby', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: `${pair.name}-elsewhere`, mode: 'sync' });
    await completed(run);
    expect(await pair.standby.sql("SELECT FROM pg_namespace WHERE nspname = 'sequence_failover'")).toEqual(
      [],
    );
    const elsewhere = await stage.elsewhere();
    const recorded = await elsewhere.sql(
      `SELECT state, outcome, (SELECT count(*)::int FROM sequence_failover.sequences s WHERE s.run_id = r.run_id) AS sequences
       FROM sequence_failover.runs r WHERE workflow_id = '${run.workflowId}'`,
    );
    expect(recorded).toEqual([{ state: 'completed', outcome: 'synchronized', sequences: 2 }]);
  });

  it.each(['plan', 'verify'])('is not touched in the mode %s', async (mode) => {
    const pair = await onePair();
    await (await stage.start({ pair: pair.name, mode })).ending();
    expect(await pair.standby.sql("SELECT FROM pg_namespace WHERE nspname = 'sequence_failover'")).toEqual(
      [],
    );
  });
});

describe('the digest of the record', () => {
  const digestsIn = (database: StagedDatabase) =>
    database.sql<{ digest: string | null }>(
      'SELECT record_digest AS digest FROM sequence_failover.runs ORDER BY started_at',
    );
  const histories = async (run: WorkflowRun, change = (history: History) => history) =>
    readRun(fromBundle({ histories: [identified('', change(await run.history()))] }), run.workflowId);

  it('is the same in the ledger, the closing event and the report, and covers every round', async () => {
    const pair = await onePair();
    const input = { pair: pair.name, buffer: { calls: '200' }, approval: { recheckEvery: '1 second' } };
    const run = await stage.start(input);
    await run.atGate();
    await pair.primary.sql("SELECT setval('orders', -150)");
    await run.until('the top-up', ({ round }) => round === 2);
    await run.signal('resynchronize', ...json({ by: 'alice' }));
    await run.until('a third round', ({ round, gate }) => round === 3 && gate?.state === 'open');
    await run.signal('approve', ...json({ by: 'alice' }));
    const { recordDigest } = await completed(run);
    expect(recordDigest).toMatch(/^[0-9a-f]{64}$/u);
    expect((await run.status()).recordDigest).toBe(recordDigest);
    expect(await digestsIn(pair.standby)).toEqual([{ digest: recordDigest }]);
    const report = buildReport(await histories(run), '1.2.3');
    expect(report.proof.recordDigest).toEqual({ sha256: recordDigest, records: 3, covered: 3, problems: [] });
    expect(report.warnings.join()).not.toContain('record');
    expect(await verifyReport(renderMarkdown(report), await histories(run), '1.2.3')).toEqual([]);

    // Somebody lowers a target in the file, and writes a report from it.
    const changed = await histories(run, (history) => {
      const records = history.events.flatMap(
        ({ activityTaskScheduledEventAttributes }) =>
          (activityTaskScheduledEventAttributes as
            { activityType: { name: string }; input: { payloads: EncodedPayload[] } } | undefined) ?? [],
      );
      const [payload] =
        records.find(({ activityType }) => activityType.name === 'recordBuffer')?.input.payloads ?? [];
      const text = JSON.stringify(decodePayload(payload));
      expect(text).toContain('"201"');
      if (payload) payload.data = Buffer.from(text.replace('"201"', '"202"')).toString('base64');
      return history;
    });
    const forged = buildReport(changed, '1.2.3');
    expect(forged.contradictions.join()).toContain('The record was changed after it was written');
    expect(renderMarkdown(forged)).toContain('> **Do not trust this record:** The record was changed');
    expect(renderHtml(forged)).toContain('<strong>Do not trust this record.</strong> The record was changed');
    expect((await verifyReport(renderMarkdown(forged), changed, '1.2.3')).join()).toMatch(
      /^the input of the step recordBuffer of .* has the digest [0-9a-f]{64}, and the step returned /u,
    );
  });

  it('is in the failure of a run, and in the last step of a cancelled one', async () => {
    const pair = await onePair();
    const rejected = await stage.start({ pair: pair.name });
    await rejected.atGate();
    await rejected.signal('reject', ...json({ by: 'bob', reason: 'no' }));
    const { details } = await failed(rejected);
    const cancelled = await stage.start({ pair: pair.name });
    await cancelled.atGate();
    await cancelled.cancel();
    await cancelled.ending();
    const { recordDigest } = await cancelled.status();
    expect(await digestsIn(pair.standby)).toEqual([
      { digest: details.recordDigest },
      { digest: recordDigest },
    ]);
    for (const [run, sha256] of [
      [rejected, details.recordDigest],
      [cancelled, recordDigest],
    ] as const) {
      const { proof } = buildReport(await histories(run), '1.2.3');
      expect(proof.recordDigest).toEqual({ sha256, records: 1, covered: 1, problems: [] });
    }
  });
});

it('names each step in the history, and has the pair, the buffer and the ticket in the memo', async () => {
  const pair = await onePair();
  await pair.subscribe();
  await pair.primary.sql("SELECT setval('invoices', 10)");
  const run = await stage.start(
    { pair: pair.name, ticket: 'CHG-7' },
    { flags: ['--memo', 'team="storage"'] },
  );
  await run.atGate();
  await run.signal('approve', ...json({ by: 'alice' }));
  const result = await completed(run);
  expect(await run.memo()).toEqual({ pair: pair.name, buffer: '10000', ticket: 'CHG-7', team: 'storage' });
  const history = await run.history();
  expect(summaries(history)).toEqual([
    `lock the pair ${pair.name}`,
    `check that ${pair.name} is ready`,
    "fetch the primary's sequences",
    'compute targets',
    'apply public.invoices → 10010',
    'apply public.orders → -10000',
    'verify the standby',
    'record the buffer',
    expect.stringMatching(/^wait for approval until 20/),
    'wait until the standby has confirmed the primary’s writes',
    'read the headroom of every sequence',
    `check the lock of the pair ${pair.name}`,
    'record that the run completed',
  ]);
  expect(result).toMatchObject({ findings: [], gate: { approvals: [{ by: 'alice' }] } });
});

describe('no secret', () => {
  it('is in the history, the answers, the ledger or the log of a run', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: `${pair.name}-limited`, requestedBy: 'alice' });
    const status = await run.atGate();
    await run.signal(
      'approve',
      ...json({ by: 'alice', accept: status.gate?.blockedBy.map(({ code, sequence }) => sequence ?? code) }),
    );
    await run.ending();
    expectNoSecret(readable(await run.history()));
    expectNoSecret(JSON.stringify([await run.status(), await run.sequences()]));
    const full = await stage.start({ pair: pair.name, mode: 'sync' });
    await completed(full);
    expectNoSecret(readable(await full.history()));
    expectNoSecret(JSON.stringify(await pair.standby.sql('SELECT * FROM sequence_failover.runs')));
    expectNoSecret(stage.workerLog());
  });

  it('is in the failure of a login that is refused', async () => {
    const run = await stage.start({ pair: 'wrong-password', mode: 'sync' });
    const failure = await failed(run);
    expect(failure).toMatchObject({
      type: 'NotReady',
      message: expect.stringMatching(/password/i) as string,
    });
    expectNoSecret(JSON.stringify(failure));
    expectNoSecret(readable(await run.history()));
    expectNoSecret(stage.workerLog());
  });
});

describe('queries', () => {
  it('are answered in every phase, and after the end', async () => {
    const pair = await onePair();
    const holder = pair.standby;
    /** While the statement's lock is held, the run stands in the phase; both queries answer. */
    const heldIn = async (
      run: WorkflowRun,
      phase: string,
      release: () => Promise<unknown> = () => holder.sql('ROLLBACK'),
    ) => {
      await run.until(`the phase is ${phase}`, (status) => status.phase === phase);
      await run.sequences({});
      await release();
    };

    const subscriptions = await hold(pair.standbyUrl, 'LOCK TABLE pg_subscription_rel');
    const sequence = await hold(pair.standbyUrl, 'ALTER SEQUENCE invoices CACHE 1');
    const run = await stage.start({ pair: pair.name });
    await heldIn(run, 'checking', () => subscriptions.commit());
    await heldIn(run, 'synchronizing', () => sequence.commit());
    await run.atGate();
    await holder.sql('BEGIN; LOCK TABLE sequence_failover.sequences');
    await run.signal('resynchronize', ...json({ by: 'alice' }));
    await heldIn(run, 'recording');
    await run.atGate();
    await holder.sql('BEGIN; LOCK TABLE pg_subscription_rel');
    await run.signal('approve', ...json({ by: 'alice' }));
    await heldIn(run, 'verifying');
    const result = await completed(run);
    const { outcome, ...status } = result;
    expect(outcome).toBe('handed-off');
    expect(await run.status()).toEqual(status);
    expect((await run.sequences()).rows.map(({ sequence, standbyNext }) => [sequence, standbyNext])).toEqual([
      ['public.invoices', '10001'],
      ['public.orders', '-10001'],
    ]);
  });

  it('are read in parts, by outcome, in order', async () => {
    const pair = await stage.pair(
      'CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE c; CREATE SEQUENCE d; CREATE SEQUENCE "E"',
    );
    await pair.standby.sql("SELECT setval('b', 20000)");
    const run = await stage.start({ pair: pair.name, mode: 'sync', exclude: ['*.c'] });
    await completed(run);
    const read = async (query: object) => {
      const { rows, next } = await run.sequences(query);
      return { names: rows.map(({ sequence }) => sequence), next };
    };
    const all = ['public."E"', 'public.a', 'public.b', 'public.c', 'public.d'];
    expect(await read({})).toEqual({ names: all, next: null });
    expect(await read({ limit: 2 })).toEqual({ names: all.slice(0, 2), next: 'public.a' });
    expect(await read({ limit: 2, after: 'public.a' })).toEqual({ names: all.slice(2, 4), next: 'public.c' });
    expect(await read({ limit: 2, after: 'public.c' })).toEqual({ names: all.slice(4), next: null });
    expect(await read({ after: 'public.d' })).toEqual({ names: [], next: null });
    expect(await read({ after: null, limit: 1000 })).toEqual({ names: all, next: null });
    expect(await read({ outcome: 'applied', limit: 2 })).toEqual({
      names: all.slice(0, 2),
      next: 'public.a',
    });
    expect(await read({ outcome: 'applied', limit: 2, after: 'public.a' })).toEqual({
      names: ['public.d'],
      next: null,
    });
    expect(await read({ outcome: 'kept' })).toEqual({ names: ['public.b'], next: null });
    expect(await read({ outcome: 'skipped' })).toEqual({ names: ['public.c'], next: null });
    expect(await read({ outcome: 'failed' })).toEqual({ names: [], next: null });
  });

  it('with a bad argument are refused with a reason, and harm nothing', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    const refused: [string[], RegExp][] = [
      [json({ limit: 0 }), /limit: found 0; expected a whole number of rows, 1 to 1000/],
      [json({ limit: 1001 }), /limit: found 1001/],
      [json({ limit: '5' }), /limit: found "5"/],
      [json({ outcome: 'done' }), /outcome: found "done"; expected one of "applied"/],
      [json({ offset: 5 }), /offset: found an unknown field/],
      [json('public.orders'), /the argument: found "public.orders"/],
      [json({}, {}), /found 2 arguments/],
      [encoded('binary/encrypted', 'x'), /could not be decoded/],
      [json({ after: 'public.nowhere' }), /no sequence "public.nowhere" here/],
    ];
    for (const [input, reason] of refused) {
      await expect(run.query('sequences', ...input)).rejects.toThrow(reason);
    }
    await expect(run.query('nonsense')).rejects.toThrow(/nonsense/);
    expect((await run.status()).gate).toMatchObject({ state: 'open', refusedCount: 0 });
  });
});

it('continues as new with approvals, refusals, rounds, deadline and memo as they were', async () => {
  const pair = await onePair();
  const run = await stage.start(
    { pair: pair.name, ticket: 'CHG-8', approval: { required: 2, recheckEvery: '1 second' } },
    { flags: ['--memo', 'continueAsNewAfterEvents=70'] },
  );
  await run.signal('bogus');
  await run.atGate();
  await run.signal('approve', ...json({ by: 'alice', reason: 'go' }));
  const before = await run.until('one approval', ({ gate }) => gate?.approvals.length === 1);
  const rows = await run.sequences({});
  const after = await run.until('the next run', ({ runId }) => runId !== before.runId);
  expect(after).toEqual({
    ...before,
    verifiedAt: expect.any(String) as string,
    primaryReadAt: expect.any(String) as string,
    runId: after.runId,
  });
  const chain = await run.runs();
  // Further ones may have followed.
  expect(chain).toHaveLength(2);
  expect(after).toMatchObject({ workflowId: run.workflowId, firstRunId: chain[0] });
  expect(after.gate).toMatchObject({ refusedCount: 1, refused: [{ kind: 'bogus' }] });
  expect(await run.sequences({})).toEqual(rows);
  expect(await run.memo()).toEqual({
    pair: pair.name,
    buffer: '10000',
    ticket: 'CHG-8',
    continueAsNewAfterEvents: 70,
  });
  // The lock is still its own.
  expect(await failed(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatchObject({
    type: 'NotReady',
  });

  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({
    startedAt: before.startedAt,
    gate: { deadline: before.gate?.deadline, approvals: [{ by: 'alice' }, { by: 'bob' }], refusedCount: 1 },
  });
  const [firstRunId] = await run.runs();
  expect(await recordedRuns(pair.standby)).toMatchObject([{ run_id: firstRunId, state: 'completed' }]);
  expect(await completed(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatchObject({
    outcome: 'synchronized',
  });
});

// Last: it is the only one with another worker.
it('is kept by the history alone where the worker keeps no ledger', async () => {
  await stage.restartWorker({ LEDGER: 'off' });
  const pair = await onePair();
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  expect(await completed(run)).toMatchObject({
    outcome: 'synchronized',
    findings: [{ code: 'NO_SUBSCRIPTION' }],
    checklist: [{}, {}, { item: 'Record the buffer that was used', done: true }],
  });
  expect(await pair.standby.sql("SELECT FROM pg_namespace WHERE nspname = 'sequence_failover'")).toEqual([]);
});
