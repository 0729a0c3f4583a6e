import { patched, sleep, workflowInfo } from '@temporalio/workflow';
import { ActivityFailure, ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import type { Finding } from '../../src/contract/status.js';
import { operatorsOf } from '../../src/contract/promotion-input.js';
import { databaseLockId, earlierDatabaseLockId } from '../../src/contract/lock.js';
import { findingsText } from '../../src/findings/findings-text.js';
import type { OpeningMemory, PromotionCheckInput } from '../../src/steps/promotion-steps.js';
import type { ReadinessReport } from '../../src/steps/readiness.js';
import { noSubscription } from '../../src/planning/promotion/no-subscription.js';
import { locking } from '../activities.js';
import { holder } from '../failover/lock.js';
import { promotionBlocks } from '../failover/promotion-blocks.js';
import { workerSettingsOf } from '../worker-settings-of.js';
import { summary } from '../summary.js';
import { checking, lockingDatabases, OPENED_WITH_THE_FLEET } from './activities.js';
import type { BeforeTheSwitch } from './before-the-switch.js';
import { promotionFailure } from './failure.js';
import { blocksOf, withPasteableRemedies, toPromotionFinding } from './findings.js';
import { approvedRun } from './fleet-link.js';
import { askOperator, lookForWorkers, whyItFailed } from './operator.js';
import { selectionFor } from './policy.js';
import { recordFence } from './record-fence.js';
import type { Promotion } from './promotion.js';
import { readPair, synchronizeAll, type Synchronized, verifyBehindTheFence } from './sequences.js';
import type { Switcher } from './switcher.js';

/** How long the run that handed off may take to release the pair's lock, in milliseconds. */
const LOCK_RELEASED_WITHIN_MS = 60_000;
const LOCK_PAUSE_MS = 200;
/** The largest number of rounds before the fence. */
export const ROUNDS = 3;
/** The opening may take what is left of the budget, but at least this time in milliseconds. */
const OPENED_WITHIN_AT_LEAST_MS = 2_000;

/** Takes the pair's lock. A run that has handed off is about to release it. */
export async function lockPair({ pair, fleet, record }: Promotion): Promise<void> {
  const { parent } = workflowInfo();
  const mayBeHeld = fleet === null ? parent !== undefined : record !== null;
  const deadline = Date.now() + (mayBeHeld ? LOCK_RELEASED_WITHIN_MS : 0);
  for (;;) {
    try {
      await locking.lockPair.executeWithOptions({ summary: summary(`lock the pair ${pair}`) }, [
        { pair, holder: holder(), ifPassing: 'wait' },
      ]);
      return;
    } catch (error) {
      const isHeld =
        error instanceof ActivityFailure &&
        error.cause instanceof ApplicationFailure &&
        error.cause.type === 'NotReady';
      if (!isHeld || Date.now() >= deadline) throw error;
      await sleep(LOCK_PAUSE_MS, { summary: 'wait for the lock of the run that handed off' });
    }
  }
}

/**
 * Other pairs may have the same primary or the same standby. An undo of their promotion would lift the fence of this one, or make its standby
 * read-only again, after it was opened.
 */
async function lockDatabases(promotion: Promotion): Promise<void> {
  if (!patched('lock-databases')) return;
  const { identity, known } = promotion;
  const staysAfterRestart = patched('database-locks-by-name');
  const databases = new Map(
    (['primary', 'standby'] as const).map((side) => {
      const startedAt = known.readiness?.startedAt?.[side] ?? null;
      const { systemIdentifier, databaseOid, database } = identity[side];
      const acceptedAt = known.readiness?.acceptedAt?.[side] ?? null;
      const locked = { systemIdentifier, databaseOid, startedAt, database, acceptedAt };
      const earlier = earlierDatabaseLockId(locked, startedAt);
      return [staysAfterRestart ? databaseLockId(locked) : earlier, locked];
    }),
  );
  // Before the first is taken: a step that is cancelled may have taken its lock. All promotions take them in the same order.
  const locks = [...databases].sort(([one], [other]) => (one < other ? -1 : 1));
  promotion.setFacts({ databaseLocks: locks.map(([lock]) => lock) });
  for (const [lockId, database] of locks)
    await lockingDatabases.lockDatabase.executeWithOptions(
      { summary: summary(`lock the database ${database.database} for this promotion`) },
      [{ database, ...(staysAfterRestart && { lockId }), holder: holder() }],
    );
}

/** Checks the guardrails and privileges that the later steps need. It changes nothing. */
export async function check(promotion: Promotion, before: BeforeTheSwitch): Promise<void> {
  const run = approvedRun();
  if (run !== null)
    promotion.adopt(
      await checking.readApprovedRun.executeWithOptions({ summary: 'read the record of the approved run' }, [
        { run },
      ]),
    );
  await lockPair(promotion);
  const report = await readPair(promotion, promotion.pair).catch((error: unknown) => {
    promotion.setFacts({ notifies: workerSettingsOf(error).notifies === true });
    throw error;
  });
  promotion.setFacts({ notifies: report.notifies === true });
  promotion.setFacts({ readiness: report });
  assertSamePair(promotion);
  before.watchPrimary();
  await lockDatabases(promotion);
  const { identity, primary, replication } = report;
  const { fence, failback } = promotion.input;
  const [checked, predicted, missing] = await Promise.all([
    checking.checkPromotion.executeWithOptions({ summary: 'check the privileges for all that follows' }, [
      { identity, fence, failback, ...selectionOf(promotion) },
    ]),
    checking.readPrediction.executeWithOptions({ summary: 'read the last rehearsal' }, [{ identity }]),
    lookForWorkers(operatorsOf(promotion.input)),
  ]);
  promotion.setFacts({ subscriptions: checked.subscriptions, predictedOutageMs: predicted });
  const ofRuns = [...promotionBlocks(report.findings), ...replication, ...missing];
  const own = checked.subscriptions.length === 0 ? [noSubscription(primary, replication)] : [];
  const findings = withPasteableRemedies(promotion, [...ofRuns, ...checked.findings, ...own]);
  promotion.addFindings(...findings.map(toPromotionFinding));
  assertNoBlock(promotion, findings);
}

function selectionOf(promotion: Promotion): Pick<PromotionCheckInput, 'selection'> {
  const { include, exclude } = selectionFor(promotion);
  return include.length + exclude.length === 0 ? {} : { selection: { include, exclude } };
}

/** @throws ApplicationFailure `NotReady` naming every block */
function assertNoBlock(promotion: Promotion, findings: readonly (Finding | PromotionFinding)[]): void {
  const blocks = blocksOf(promotion, findings);
  if (blocks.length > 0) throw promotionFailure('NotReady', findingsText(blocks));
}

/** The addresses may lead to other servers than those that were approved. @throws ApplicationFailure `NotReady` */
function assertSamePair({ record, known: { readiness } }: Promotion): void {
  for (const side of ['primary', 'standby'] as const) {
    const [approved, present] = [record?.[side], readiness?.[side]];
    if (approved == null || present == null) continue;
    const same =
      approved.systemIdentifier === present.systemIdentifier && approved.database === present.database;
    if (same) continue;
    throw promotionFailure(
      'NotReady',
      `the ${side} is not the one that was approved: its address leads to ${present.host}:${present.port}/${present.database}, the system ${present.systemIdentifier}, and not ${approved.systemIdentifier}; point the address at the approved server again, or start a new run`,
    );
  }
}

/** Moves every sequence ahead and waits until the standby has caught up, so that little is left to do behind the fence. */
export async function synchronize(promotion: Promotion): Promise<Synchronized> {
  const { identity, known } = promotion;
  const { readiness } = known;
  if (readiness === null) throw new Error('the pair was not read');
  const { findings: found, ...synchronized } = await untilAhead(promotion, readiness);
  const report = await checking.awaitReplication.executeWithOptions(
    { summary: 'wait until the standby has confirmed the primary’s writes' },
    [{ identity, withoutPrimary: false }],
  );
  const [findings, late] = [
    withPasteableRemedies(promotion, found),
    withPasteableRemedies(promotion, report.findings),
  ];
  const blocks = blocksOf(promotion, [...findings, ...late]);
  promotion.addFindings(...findings.map(toPromotionFinding));
  if (blocks.length === 0) return synchronized;
  promotion.addFindings(...late.filter((one) => blocks.includes(one)).map(toPromotionFinding));
  throw promotionFailure('NotReady', findingsText(blocks));
}

/**
 * Repeats the round if only NOT_AHEAD stands: a busy primary may use up a buffer between reading and verification. If it still does so at the last
 * round, the promotion goes on, since the check behind the fence sets what is behind.
 */
async function untilAhead(promotion: Promotion, readiness: ReadinessReport) {
  for (let round = 1; ; round += 1) {
    const synchronized = await synchronizeAll(promotion, readiness, { round, ledger: true });
    const blocks = blocksOf(promotion, synchronized.findings);
    const isOnlyBehind = blocks.length > 0 && blocks.every(({ code }) => code === 'NOT_AHEAD');
    if (!isOnlyBehind) return synchronized;
    if (round < ROUNDS) continue;
    // Earlier versions ended here.
    if (!patched('behind-before-fence')) return synchronized;
    return { ...synchronized, findings: synchronized.findings.filter(({ code }) => code !== 'NOT_AHEAD') };
  }
}

/** Reads what opening the standby will change. It changes nothing. */
export async function readOpening(promotion: Promotion): Promise<OpeningMemory> {
  const { findings = [], ...memory } = await checking.readOpening.executeWithOptions(
    { summary: 'read what opening the standby will change' },
    [{ identity: promotion.identity }],
  );
  const blocks = blocksOf(promotion, withPasteableRemedies(promotion, findings));
  if (blocks.length === 0) return memory;
  promotion.addFindings(...blocks);
  throw promotionFailure('NotReady', findingsText(blocks));
}

/** Makes the standby read-only, raises the fence and ends the writers. Until the fence is lifted, nobody can write to the primary. */
export async function fence(
  promotion: Promotion,
  before: BeforeTheSwitch,
  switcher: Switcher,
  opening: OpeningMemory,
): Promise<string> {
  const { identity, input } = promotion;
  // An application that is refused by the fence may try the standby at once.
  if (patched('standby-read-only')) await switcher.makeStandbyReadOnly(opening);
  const memory = await checking.readFence.executeWithOptions({ summary: 'read what the fence will change' }, [
    { identity, fence: input.fence },
  ]);
  if (input.fence.kind !== 'workflow' && !input.rehearse && patched('fence-recorded-first'))
    await recordFence(promotion, memory);
  promotion.beginOutage(input.outageBudgetMs);
  before.startClock(input.outageBudgetMs, input.outageBudget);
  await switcher.raiseFence(memory);
  const { lsn, fencedAt } = await switcher.endWriters(before.leftMs);
  promotion.setProof({ fenceLsn: lsn });
  return fencedAt;
}

export async function verify(promotion: Promotion, synchronized: Synchronized): Promise<void> {
  const report = await verifyBehindTheFence(promotion, synchronized);
  promotion.setProof({ sequences: report.total, minimumHeadroom: report.minimumHeadroom });
}

/** Runs the workflow `beforeSwitch`, which may veto the switch. @throws ApplicationFailure `Vetoed` */
export async function askBeforeSwitch(promotion: Promotion): Promise<void> {
  const { beforeSwitch } = promotion.input;
  if (beforeSwitch === null) return;
  try {
    await askOperator(promotion, 'before-switch', beforeSwitch);
  } catch (error) {
    const reason = whyItFailed(error);
    if (reason === null) throw error;
    throw promotionFailure(
      'Vetoed',
      `${beforeSwitch.workflowType} (beforeSwitch) vetoed the switch: ${reason}`,
    );
  }
}

/** Opens the standby. From here on a cancellation or a rejection comes too late. */
export async function openStandby(
  promotion: Promotion,
  before: BeforeTheSwitch,
  switcher: Switcher,
  memory: OpeningMemory,
): Promise<void> {
  const limits =
    promotion.fleet === null
      ? { scheduleToCloseTimeout: Math.max(before.leftMs, OPENED_WITHIN_AT_LEAST_MS) }
      : OPENED_WITH_THE_FLEET;
  before.throwIfEnded();
  before.close();
  await CancellationScope.nonCancellable(() => switcher.openStandby(memory, limits));
  promotion.opened();
}
