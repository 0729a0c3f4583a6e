import {
  ActivityCancellationType,
  type ActivityOptions,
  isCancellation,
  patched,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { mapConcurrently } from '../../src/concurrency/map-concurrently.js';
import { foldFindings } from '../../src/findings/fold-findings.js';
import { findingsText } from '../../src/findings/findings-text.js';
import { largestBuffers } from '../../src/sequences/measured-buffer.js';
import { watchList, type WatchedSequence } from '../../src/sequences/watch-list.js';
import { childId } from '../../src/steps/child-id.js';
import { MEASURED_KEPT, PAGES_AT_ONCE, PROMOTION_HEARTBEAT_MS } from '../../src/steps/limits.js';
import type { PairIdentity, Policy } from '../../src/steps/identity.js';
import type { Chained, RecordInput } from '../../src/steps/page-steps.js';
import type { ReadinessReport } from '../../src/steps/readiness.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import type { Finding } from '../../src/contract/status.js';
import { readiness } from '../activities.js';
import { applySettings } from '../pages/apply-settings.js';
import { toSetting } from '../../src/planning/rows/settings.js';
import { Page } from '../pages/page.js';
import type { PageReport, PageTask } from '../pages/page-task.js';
import { assertDecoded, pageName, startPageWorkflow } from '../pages/page-child.js';
import { proceedSignal } from '../messages.js';
import { summary } from '../summary.js';
import { checking } from './activities.js';
import { promotionFailure } from './failure.js';
import { blocksOf, withPasteableRemedies, toPromotionFinding } from './findings.js';
import { policyFor, selectionFor } from './policy.js';
import type { Promotion } from './promotion.js';

/** Behind the fence nothing moves after the first pass, so a few passes are enough. */
const PASSES = 3;

/** How often, and how long each time, in milliseconds, the check behind the fence waits for a sequence that it could not read. */
const WAITS = 5;
const WAIT_MS = 500;

/** A worker keeps nothing of smaller pages, so reading them twice saves nothing. */
const READ_TWICE_FROM = 500;

/** The data for the check behind the fence. */
export interface Synchronized {
  /** The number of sequences. */
  total: number;
  policy: Policy;
  watched: WatchedSequence[];
}

/** Reads both servers as a run does. */
export function readPair(promotion: Promotion, pair: string): Promise<ReadinessReport> {
  const buffer = promotion.input.buffer ?? promotion.record?.buffer.policy ?? null;
  return readiness.checkReadiness.executeWithOptions({ summary: summary(`check that ${pair} is ready`) }, [
    {
      pair,
      mode: 'sync',
      policy: { ...selectionFor(promotion), buffer },
      expected: null,
    },
  ]);
}

/**
 * Moves every sequence ahead with the same pages as a run.
 *
 * @param ledger whether the rounds are written to the ledger of the standby
 */
export async function synchronizeAll(
  promotion: Promotion,
  { identity, primaryMaxConnections, pages, buffer, calls }: ReadinessReport,
  { round, ledger }: { round: number; ledger: boolean },
): Promise<Synchronized & { findings: Finding[] }> {
  const policy = policyFor(promotion, buffer);
  const run = originOf(promotion, buffer, calls);
  const tasks = pages.map((range): PageTask => ({
    ...{ identity, mode: 'sync', policy, primaryMaxConnections, range, individually: false, run, round },
    ...(ledger ? chainedOf(promotion) : { ledger: false }),
  }));
  const [only, ...others] = tasks;
  const reports =
    only !== undefined && others.length === 0 ? [await runInside(only)] : await runAsChildren(tasks, round);
  const digests = reports.flatMap(({ digest }) => digest ?? []);
  if (digests.length > 0) promotion.setFacts({ digests });
  const measured = reports.flatMap((report) => report.measured ?? []);
  return {
    total: reports.reduce((sum, { counts }) => sum + counts.total, 0),
    policy: measured.length === 0 ? policy : { ...policy, measured: largestBuffers(measured, MEASURED_KEPT) },
    watched: watchList(reports.flatMap(({ watched }) => watched)),
    findings: foldFindings(reports.flatMap(({ findings }) => findings)),
  };
}

/** The digests of the earlier records, which the next record of the promotion has to name. */
export function chainedOf({ known: { digests } }: Promotion): Chained {
  return digests.length === 0 ? {} : { previousDigests: digests };
}

async function runInside(task: PageTask): Promise<PageReport> {
  const page = new Page(task);
  await page.sample();
  await page.work();
  return page.report();
}

async function runAsChildren(tasks: readonly PageTask[], round: number): Promise<PageReport[]> {
  const { workflowId } = workflowInfo();
  const reports = await mapConcurrently(PAGES_AT_ONCE, tasks, async (task, index) => {
    const page = await startPageWorkflow(task, {
      workflowId: childId(workflowId, pageName(round, index)),
      ...{ index, total: tasks.length },
    });
    // A page that measures waits for this signal before it goes on.
    await page.signal(proceedSignal);
    return page.result();
  });
  assertDecoded(reports);
  return reports;
}

function originOf(
  { ticket, requestedBy }: Promotion,
  buffer: ReadinessReport['buffer'],
  calls: string | null,
): RecordInput['run'] {
  const { workflowId, firstExecutionRunId: runId, startTime } = workflowInfo();
  const startedAt = startTime.toISOString();
  return { workflowId, runId, mode: 'sync', requestedBy, ticket, startedAt, buffer, calls };
}

/**
 * The last verification: reads every sequence of both sides while the primary takes no writes. A sequence that has fallen behind, for
 * example by a replicated TRUNCATE … RESTART IDENTITY, is set, and all are read again.
 *
 * @throws ApplicationFailure `NotAhead`
 */
export async function verifyBehindTheFence(
  promotion: Promotion,
  synchronized: Synchronized,
): Promise<RecheckReport> {
  let least = Infinity;
  let waited = 0;
  for (let pass = 1; ; pass += 1) {
    const report = await readHeadroom(promotion, synchronized, {
      summary: 'read the headroom of every sequence',
    });
    const blocks = blocksOf(promotion, [...report.findings, ...(report.replication ?? [])]);
    if (blocks.length > 0 && waited < WAITS && mayPass(blocks)) {
      waited += 1;
      await sleep(WAIT_MS, { summary: 'wait before a sequence is read again' });
      continue;
    }
    if (blocks.length > 0)
      throw promotionFailure('NotAhead', findingsText(withPasteableRemedies(promotion, blocks)));
    const behind = blocksOf(promotion, report.notAhead);
    if (behind.length === 0) return report;
    // A rehearsal has no fence, so a busy primary may always be ahead of what was set. Earlier versions ended it.
    if (pass - waited > PASSES && promotion.input.rehearse && patched('rehearsed-behind')) {
      promotion.renewFindings(...withPasteableRemedies(promotion, behind).map(behindInRehearsal));
      return report;
    }
    // A pass sets a limited number of sequences. Earlier versions ended although each pass left fewer of them.
    const isProgress = report.behind < least && patched('passes-while-fewer-are-behind');
    if (pass - waited > PASSES && !isProgress)
      throw promotionFailure('NotAhead', findingsText(withPasteableRemedies(promotion, behind)));
    least = Math.min(least, report.behind);
    await setAhead(promotion.identity, report);
  }
}

/** Whether somebody may only lock the sequences for a moment. Earlier versions undid the promotion. */
function mayPass(blocks: readonly Finding[]): boolean {
  return blocks.every(({ code }) => code === 'READ_FAILED') && patched('waits-for-locked-sequences');
}

/** Only a warning: a rehearsal cannot know whether the sequence would stay ahead behind a fence. */
function behindInRehearsal(finding: Finding): PromotionFinding {
  const { message, ...others } = toPromotionFinding(finding);
  return {
    ...others,
    severity: 'warn',
    message: `${message}; a rehearsal has no fence, behind which the sequence would be set once more`,
  };
}

/**
 * Reads before the fence what is read again behind it. The way back has changed the catalogs of the standby, which the worker and the servers
 * keep in memory: reading them anew took a third of the outage with 10,000 tables. Its findings are ignored, since the primary still writes.
 */
export async function readBeforeTheFence(promotion: Promotion, synchronized: Synchronized): Promise<void> {
  if (synchronized.total < READ_TWICE_FROM) return;
  try {
    await readHeadroom(promotion, synchronized, {
      summary: 'read every sequence once before the fence',
      retry: { maximumAttempts: 1 },
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Only the outage is longer without it.
  }
}

function readHeadroom(
  { identity, known }: Promotion,
  { policy, watched }: Synchronized,
  options: ActivityOptions,
): Promise<RecheckReport> {
  const { readiness: checked, subscriptions } = known;
  const { primaryMaxConnections = 0, pages = [] } = checked ?? {};
  return checking.recheckHeadroom.executeWithOptions(options, [
    {
      ...{ identity, mode: 'sync', policy, primaryMaxConnections, watched, final: true, fenced: { pages } },
      confirmed: hasAllRows(checked, subscriptions),
    },
  ]);
}

/**
 * Whether the standby has every row of the primary: each of its subscriptions has confirmed the fence, and the readiness check has no finding about
 * replication.
 */
function hasAllRows(checked: ReadinessReport | null, confirmed: readonly { name: string }[]): boolean {
  const { present } = checked?.subscriptions ?? { present: [] };
  const names = new Set(confirmed.map(({ name }) => name));
  return present.length > 0 && present.every((name) => names.has(name)) && checked?.replication.length === 0;
}

async function setAhead(identity: PairIdentity, { topUps }: RecheckReport): Promise<void> {
  // An undo does not wait for a setval, which only moves ahead. Earlier versions waited.
  const options: ActivityOptions = patched('undo-beside-setval')
    ? { heartbeatTimeout: PROMOTION_HEARTBEAT_MS, cancellationType: ActivityCancellationType.TRY_CANCEL }
    : {};
  await applySettings({ identity, range: null }, topUps.map(toSetting), false, {
    label: ' behind the fence',
    ...options,
  });
}
