import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { parseInput } from '../../src/contract/input.js';
import { lockWorkflowId } from '../../src/contract/lock.js';
import { setsSequences } from '../../src/contract/modes.js';
import { failureText } from '../../src/contract/failure-text.js';
import type { FailureType } from '../../src/contract/failures.js';
import type { RunOutcome, RunResult } from '../../src/contract/status.js';
import type { RecordedState } from '../../src/steps/page-steps.js';
import { bookkeeping } from '../activities.js';
import { continuedMemory } from './continuation.js';
import { assertNothingBlocks } from './assert-nothing-blocks.js';
import { describeRun } from './details.js';
import { runFailure, toRunFailure, UndecodableError } from '../ending.js';
import { closingStatus, isFleetMember, reportToFleet, whetherToNotify } from './fleet-member.js';
import { ledgerFinding, notRecorded } from './ledger-finding.js';
import { lostPrimaryAdvice } from './lost-primary.js';
import { listen } from './gate-messages.js';
import { handOff } from './hand-off.js';
import { holder, lockIfFree, takeLock } from './lock.js';
import { recordedQuery, sequencesQuery, statementsQuery, statusQuery } from '../messages.js';
import { releaseSignal } from './pair-lock.js';
import { Notifications } from './notifications.js';
import { passGateAndHook } from './pass-gate.js';
import { unlessRejected } from './unless-rejected.js';
import { whereStatementsAre } from './run-pages.js';
import { synchronize } from './round.js';
import { Run } from './run.js';
import { answerSequences } from '../sequences-answer.js';
import { answerRecorded } from '../recorded-answer.js';
import { toRow } from '../../src/steps/sequence-row.js';
import { SearchAttributes } from './search-attributes.js';
import { Telemetry } from './telemetry.js';

/**
 * The runbook: moves the sequences of a logical standby ahead of its primary, proves it, waits for an
 * approval, proves it again and hands off to promotion. It reads like the checklist that it automates.
 */
export async function sequenceFailover(...args: unknown[]): Promise<RunResult> {
  const startedAt = workflowInfo().startTime.toISOString();
  const carried = continuedMemory(args);
  const parsed =
    carried === null ? parseInput(args, { now: Date.parse(startedAt), mayBePast: isFleetMember() }) : null;
  const { workflowId, runId, firstExecutionRunId: firstRunId } = workflowInfo();
  const execution = { workflowId, runId, firstRunId };
  const run =
    carried !== null
      ? Run.resume(carried, execution)
      : parsed?.ok === true
        ? Run.begin(parsed.input, startedAt, execution)
        : Run.unparsed(startedAt, execution);
  let statements: string[] = [];

  setHandler(statusQuery, () => run.status());
  setHandler(sequencesQuery, (...query) =>
    answerSequences(run.recorded.rows.map(toRow), run.recorded.pages, query),
  );
  setHandler(recordedQuery, () =>
    answerRecorded(run.recorded.rows, run.recorded.pagesToCompare, run.recorded.isLost),
  );
  setHandler(statementsQuery, () => statements);
  listen(run);
  const telemetry = new Telemetry(run);
  run.observe({
    changed: () => {
      describeRun(run);
    },
  });
  run.observe(telemetry);
  run.observe(new SearchAttributes(run));
  run.observe({
    changed: () => {
      reportToFleet(run);
    },
  });
  const notifications = isFleetMember() ? null : new Notifications(run);
  if (notifications !== null) run.observe(notifications);
  telemetry.changed();

  return concluded(run, notifications, async () => {
    if (parsed?.ok === false) throw runFailure('InvalidInput', parsed.message);
    const { mode } = run.input;
    if (run.input.ifLocked === 'skip' && !(await lockIfFree(run))) return finished(run, 'skipped');
    const round = async () => {
      if (carried !== null) return;
      describeInMemo(run);
      statements = await synchronize(run, setsSequences(mode) ? [takeLock(run)] : []);
      describeInMemo(run);
    };
    if (mode === 'failover') {
      await unlessRejected(run, async () => {
        await round();
        await passGateAndHook(run);
      });
      await handOff(run);
      return finished(run, 'handed-off');
    }
    await round();
    switch (mode) {
      case 'check':
        assertNothingBlocks(run, 'NotReady');
        return finished(run, 'ready');
      case 'plan':
        return finished(run, 'planned', bounded(statements));
      case 'verify':
        assertNothingBlocks(run, 'NotAhead');
        return finished(run, 'verified');
      case 'sync':
        assertNothingBlocks(run, 'NotAhead');
        return finished(run, 'synchronized');
    }
  });
}

/** A list of runs shows who asked for each run, without opening it. */
function describeInMemo(run: Run): void {
  const { pair, buffer, ticket } = run.input;
  upsertMemo({ ...workflowInfo().memo, pair, buffer: run.memory.readiness?.calls ?? buffer, ticket });
}

function finished(run: Run, outcome: RunOutcome, statements?: string[]): RunResult {
  run.end('completed', outcome);
  return { ...closingStatus(run.status()), outcome, ...(statements === undefined ? {} : { statements }) };
}

/** Temporal warns of a payload above 512 KiB, and fails the workflow task for ever above 2 MiB. */
const STATEMENTS_AT_MOST = 400_000;

function bounded(statements: string[]): string[] {
  const size = statements.reduce((sum, statement) => sum + statement.length, 0);
  return size <= STATEMENTS_AT_MOST ? statements : whereStatementsAre([workflowInfo()]);
}

/**
 * The outermost catch. Temporal retries any other exception in workflow code for ever instead of ending the run. Whatever the ending is,
 * the run is recorded, the pair's lock is released, and a failure has a documented type and contains the status.
 */
async function concluded(
  run: Run,
  notifications: Notifications | null,
  work: () => Promise<RunResult>,
): Promise<RunResult> {
  const conclude = (state: RecordedState, outcome: string) =>
    CancellationScope.nonCancellable(async () => {
      await Promise.allSettled([...closingTasks(run, state, outcome), notifications?.tellEnd()]);
    });
  try {
    const result = await work();
    await conclude('completed', result.outcome);
    const { findings, recordDigest } = closingStatus(run.status());
    return { ...result, findings, ...(recordDigest === undefined ? {} : { recordDigest }) };
  } catch (error) {
    if (error instanceof ContinueAsNew || error instanceof UndecodableError) throw error;
    // Even if the awaited step ended with another failure.
    if (CancellationScope.current().consideredCancelled) {
      run.end('cancelled', 'cancelled', whatACancellationLeft(run));
      await conclude('cancelled', 'cancelled');
      throw isCancellation(error) ? error : new CancelledFailure('the run was cancelled');
    }
    const failure = toRunFailure(error, lostPrimaryAdvice(run.memory.input));
    const type = failure.type ?? 'Internal';
    const text = failureText(type, failure.message);
    run.end('failed', type, text);
    await conclude('failed', text);
    const details = [closingStatus(run.status()), ...whetherToNotify(run)];
    throw runFailure(failure.type as FailureType, failure.message, ...details);
  }
}

function whatACancellationLeft({ memory: { phase } }: Run): string {
  return `cancelled in the phase ${phase}; nothing was handed off; sequences that were set stay set`;
}

/** The last steps of every run: release the lock and close the record. If one of them fails, the next run on the pair makes up for it. */
function closingTasks(run: Run, state: RecordedState, outcome: string): Promise<void>[] {
  const { input, readiness } = run.memory;
  if (input === null || !setsSequences(input.mode)) return [];
  const tasks = [getExternalWorkflowHandle(lockWorkflowId(input.pair)).signal(releaseSignal, holder())];
  if (readiness !== null) {
    const approvals = run.status().gate?.approvals ?? [];
    const { identity } = run;
    const { chained } = run.recorded;
    // Every other ending has the status in the closing event too. Here the digest of the record covers it.
    const hasStatus = state === 'cancelled' || chained.previousDigests !== undefined;
    const status = hasStatus ? { status: closingStatus(run.status()) } : {};
    const close = { identity, ...holder(), state, outcome, approvals, ...status, ...chained };
    tasks.push(
      bookkeeping.closeRecord
        .executeWithOptions(
          { summary: `record that the run ${state === 'cancelled' ? 'was cancelled' : state}` },
          [close],
        )
        .catch(notRecorded)
        .then(({ digest, unavailable }) => {
          run.recorded.close(digest);
          // A finding of the rounds says it already.
          if (run.findingsOf('ledger').length === 0) run.setFindings('closing', ledgerFinding(unavailable));
        }),
    );
  }
  return tasks;
}
