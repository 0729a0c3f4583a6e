import { patched } from '@temporalio/workflow';
import { onlyPlans } from '../../src/contract/modes.js';
import { MEASURED_KEPT } from '../../src/steps/limits.js';
import type { ReadinessInput, ReadinessReport } from '../../src/steps/readiness.js';
import { earliest, leastHeadroom } from '../../src/contract/combine.js';
import { sumOfCounts } from '../../src/contract/counts.js';
import { withoutRepeated } from '../../src/planning/sequence/evidence-findings.js';
import { largestBuffers } from '../../src/sequences/measured-buffer.js';
import { watchList } from '../../src/sequences/watch-list.js';
import { readiness, watching } from '../activities.js';
import { allSettled } from '../all-settled.js';
import { ledgerFinding } from './ledger-finding.js';
import {
  forHandoff,
  operatorsAheadOf,
  promotionAheadOfRun,
  rolesExceptedFromFence,
} from './promotion-blocks.js';
import { runPages } from './run-pages.js';
import type { Run } from './run.js';
import type { RoundReading } from './run-memory.js';
import { summary } from '../summary.js';
import type { PageReport } from '../pages/page-task.js';
import { countSequences } from './telemetry.js';
import { workerSettingsOf } from '../worker-settings-of.js';

/** Reads the facts about both servers, and what blocks the run. The answer, and the details of a failure, also have the worker's settings. */
async function checkReadiness(run: Run): Promise<ReadinessReport> {
  try {
    const report = await askReadiness(run);
    run.useWorkerSettings(report);
    return report;
  } catch (error) {
    run.useWorkerSettings(workerSettingsOf(error));
    throw error;
  }
}

function askReadiness(run: Run): Promise<ReadinessReport> {
  const { pair, mode, include, exclude, overrides, buffer } = run.input;
  const input = {
    ...{ pair, mode, policy: { include, exclude, overrides, buffer } },
    expected: run.memory.readiness?.identity ?? null,
    ...fenceOf(run),
  };
  return run.isPrimaryLost
    ? readiness.checkLostPrimary.executeWithOptions(
        { summary: summary(`confirm that the primary of ${pair} cannot be reached`) },
        [input],
      )
    : readiness.checkReadiness.executeWithOptions({ summary: summary(`check that ${pair} is ready`) }, [
        input,
      ]);
}

/** What the check looks for, so that the promotion does not refuse it after the approval. */
function fenceOf(run: Run): Pick<ReadinessInput, 'fenceExcept' | 'promotion'> {
  const roles = rolesExceptedFromFence(run);
  const ahead = run.isPrimaryLost ? null : promotionAheadOfRun(run);
  return {
    ...(roles.length === 0 ? {} : { fenceExcept: roles }),
    ...(ahead === null ? {} : { promotion: ahead }),
  };
}

/**
 * Checks that a worker polls the promotion's task queue, those of its operators' workflows and that of the hook before it, and that the workflow
 * ID of the promotion is free.
 */
export async function checkHandoff(run: Run): Promise<void> {
  const { handoff } = run.memory;
  const hook = run.input.mode === 'failover' ? run.input.hooks?.beforeHandoff : undefined;
  const ahead = operatorsAheadOf(run);
  if (handoff === null && ahead.length === 0 && (hook === undefined || !patched('hook-worker'))) return;
  const taskQueue = handoff?.taskQueue ?? hook?.taskQueue;
  const workflowId = handoff?.workflowId;
  const queues = [...(taskQueue === undefined ? [] : [taskQueue]), ...ahead.map((one) => one.taskQueue)];
  const findings = await watching.checkHandoff.executeWithOptions(
    { summary: summary(`look for a worker on the task queue ${[...new Set(queues)].join(', ')}`) },
    [
      {
        ...(taskQueue === undefined ? {} : { taskQueue }),
        ...(workflowId === undefined ? {} : { workflowId }),
        ...(hook === undefined ? {} : { hookTaskQueue: hook.taskQueue }),
        ...(ahead.length === 0 ? {} : { ahead }),
      },
    ],
  );
  run.setFindings('handoff', findings);
}

/**
 * One round over every page of the pair: reads the primary, sets the standby, verifies and records.
 *
 * @param conditions these have to be fulfilled before anything is set, besides the readiness of the pair; their failures take precedence
 */
export async function synchronize(run: Run, conditions: readonly Promise<void>[] = []): Promise<string[]> {
  run.enter('checking');
  const checks = [checkReadiness(run), checkHandoff(run)] as const;
  await allSettled<unknown>([...conditions, ...checks]);
  const report = await checks[0];
  // Set only now: without a readiness report, the last steps of the run write nothing to the ledger.
  run.ready({ ...report, findings: forHandoff(run, report.findings) });
  run.beginRound();
  const { reports, statements } = await runPages(run, report.pages);
  const counts = sumOfCounts(reports.map((report) => report.counts));
  countSequences(run, counts);
  run.recorded.endRound(
    counts,
    reports.map(({ standings }) => standings),
  );
  run.clearFindings();
  const ofPages = reports.flatMap(({ findings }) => findings);
  run.setFindings('pages', withoutRepeated(ofPages, report.findings));
  run.setFindings(
    'ledger',
    reports.flatMap(({ ledgerUnavailable }) => ledgerFinding(ledgerUnavailable)).slice(0, 1),
  );
  run.readByRound(lastRead(run, reports));
  // The results of the previous round are kept until here, so that a round that fails halfway changes none of them.
  run.uncheck('verify', 'record');
  run.check('synchronize');
  run.checkVerified();
  if (reports.every(({ ledgerUnavailable }) => ledgerUnavailable === null)) run.check('record');
  return statements;
}

/** The results of the last verifications of all pages, combined. */
function lastRead(run: Run, reports: readonly PageReport[]): RoundReading {
  const measured = reports.flatMap((report) => report.measured ?? []);
  return {
    minimumHeadroom: leastHeadroom(reports.map(({ minimumHeadroom }) => minimumHeadroom)),
    watched: watchList(reports.flatMap(({ watched }) => watched)),
    measured: measured.length === 0 ? null : largestBuffers(measured, MEASURED_KEPT),
    readings: {
      parts: reports.flatMap(({ readings = [] }) => readings.map((data) => ({ digest: null, data }))),
    },
    primaryReadAt: earliest(reports.map(({ primaryReadAt }) => primaryReadAt)),
    verifiedAt: onlyPlans(run.input.mode) ? null : earliest(reports.map(({ verifiedAt }) => verifiedAt)),
  };
}
