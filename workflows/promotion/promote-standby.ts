import { CancellationScope, getExternalWorkflowHandle, patched, workflowInfo } from '@temporalio/workflow';
import { failureText } from '../../src/contract/failure-text.js';
import { lockWorkflowId } from '../../src/contract/lock.js';
import { cut } from '../../src/contract/parsing/text.js';
import { connectStatements } from '../../src/steps/fence-statements.js';
import { trafficNotMoved } from '../../src/planning/promotion/after-switch-findings.js';
import { dropOldDirection } from '../../src/planning/promotion/left-to-finish.js';
import type { PromotionFailureType, PromotionResult } from '../../src/contract/promotion.js';
import type { PromotionRecord } from '../../src/steps/promotion-steps.js';
import { WRITABLE } from '../../src/planning/remedies/writable-session.js';
import { holder } from '../failover/lock.js';
import { releaseSignal } from '../failover/pair-lock.js';
import { bookkeeping } from '../activities.js';
import { UndecodableError } from '../ending.js';
import { notRecorded } from '../failover/ledger-finding.js';
import { recording } from './activities.js';
import { parseArguments } from './arguments.js';
import { BeforeTheSwitch } from './before-the-switch.js';
import { confirm, confirmAgain } from './confirm.js';
import { failureOf, isPromotionFailure, promotionFailure } from './failure.js';
import { tellOfLedger } from './findings.js';
import { FleetLink, startedByFleet } from './fleet-link.js';
import { lookAtNewPrimary } from './look-at-new-primary.js';
import { listen } from './messages.js';
import { afterUndo } from './not-undone.js';
import { Promotion } from './promotion.js';
import { askBeforeSwitch, check, fence, openStandby, readOpening, synchronize, verify } from './steps.js';
import { enableWayBack, moveTraffic, wayBackFinding } from './forward-steps.js';
import { notifyOfEnd, notifyOfStart } from './notifications.js';
import { chainedOf, readBeforeTheFence } from './sequences.js';
import { prepareWayBack } from './prepare-way-back.js';
import { RealSwitcher, RehearsingSwitcher } from './switcher.js';

/**
 * Makes the standby the primary: fences the old primary, proves that the standby has every row and that every sequence is ahead, opens the
 * standby, moves the traffic and reverses the replication. If anything fails before the standby is open, every step is undone.
 */
export async function promoteStandby(...args: unknown[]): Promise<PromotionResult> {
  const parsed = parseArguments(args);
  const promotion = new Promotion(parsed.ok ? parsed.input : null, parsed.ok ? parsed.record : null);
  const before = new BeforeTheSwitch(promotion);
  if (parsed.ok) joinFleet(promotion, before);
  listen(promotion, before);
  return concluded(promotion, async () => {
    if (!parsed.ok) throw promotionFailure('InvalidInput', parsed.message);
    const { fleet } = promotion;
    const { failback, rehearse, beforeSwitch, traffic } = promotion.input;
    const switcher = rehearse ? new RehearsingSwitcher(promotion) : new RealSwitcher(promotion);
    const skip = (name: 'wayBack' | 'beforeSwitch' | 'traffic' | 'enableWayBack', when: boolean) => {
      if (when) promotion.note(name, 'skipped');
    };
    skip('wayBack', !failback);
    skip('beforeSwitch', beforeSwitch === null);
    skip('traffic', traffic === null || rehearse);
    skip('enableWayBack', !failback || rehearse);

    await before.run(async () => {
      await promotion.step('check', () => check(promotion, before));
      notifyOfStart(promotion);
      const synchronized = await promotion.step('synchronize', () => synchronize(promotion));
      const known = patched('opening-before-way-back') ? await readOpening(promotion) : null;
      if (failback) await promotion.step('wayBack', () => prepareWayBack(promotion));
      const [opening] = await Promise.all([
        known ?? readOpening(promotion),
        ...(patched('read-before-fence') ? [readBeforeTheFence(promotion, synchronized)] : []),
      ]);
      if (fleet !== null) await fleet.awaitFence(promotion.status(), promotion.known.notifies);
      const fencedAt = await promotion.step('fence', () => fence(promotion, before, switcher, opening));
      await promotion.step('confirm', () => confirm(promotion, before, fencedAt));
      await promotion.step('verify', async () => {
        await verify(promotion, synchronized);
        if (beforeSwitch === null && fleet === null) await confirmAgain(promotion, before, fencedAt);
      });
      if (beforeSwitch !== null) await promotion.step('beforeSwitch', () => askBeforeSwitch(promotion));
      if (fleet !== null) await fleet.awaitConfirm(promotion.known.deadline ?? 0);
      // The operator's workflow, or the other pairs of the fleet, may have taken long.
      if (beforeSwitch !== null || fleet !== null) {
        // A person sees why nothing goes on, if the standby does not confirm.
        promotion.note('verify', 'running');
        await confirmAgain(promotion, before, fencedAt);
        // Rows of a session that got around the fence may have arrived meanwhile.
        if (patched('verified-after-the-last-word')) {
          await verify(promotion, synchronized);
          await confirmAgain(promotion, before, fencedAt);
        }
        promotion.note('verify', 'done');
      }
      if (fleet !== null) await fleet.awaitSwitch();
      await promotion.step('open', () => openStandby(promotion, before, switcher, opening));
    });
    promotion.certify();
    fleet?.tell({ state: 'open' });
    if (rehearse) return rehearsed(promotion);
    promotion.switched();
    // From here on a cancellation comes too late: half a promotion is worse than a whole one.
    await CancellationScope.nonCancellable(() => finishForward(promotion));
    return finished(promotion, 'promoted');
  });
}

/** If a fleet started the promotion, the promotion waits for its orders. */
function joinFleet(promotion: Promotion, before: BeforeTheSwitch): void {
  const fleet = startedByFleet();
  if (fleet === null) return;
  const link = new FleetLink(fleet, promotion.pair, ({ type, message }) => {
    before.abort(type, message);
  });
  promotion.join(link);
  before.obey(link);
}

/** Undoes everything, so that a rehearsal leaves nothing but its record. */
async function rehearsed(promotion: Promotion): Promise<PromotionResult> {
  await promotion.undoAll();
  if (promotion.undo.changes.length > 0)
    throw afterUndo(promotion, (what) => promotionFailure('StepFailed', `the rehearsal is over; ${what}`));
  return finished(promotion, 'rehearsed');
}

/** Does the steps after the switch, each even if the one before failed. @throws ApplicationFailure `Unfinished` if one failed */
async function finishForward(promotion: Promotion): Promise<void> {
  const { traffic, failback } = promotion.input;
  const troubles: string[] = [];
  const attempt = async (name: 'traffic' | 'enableWayBack', work: () => Promise<void>): Promise<void> => {
    try {
      await promotion.step(name, work);
    } catch (error) {
      if (error instanceof UndecodableError) throw error;
      const { message } = failureOf(error, 'the standby is open', true);
      troubles.push(message);
      promotion.addFindings(
        name === 'traffic' ? trafficNotMoved(message) : wayBackFinding(promotion, message, error),
      );
    }
  };
  if (traffic !== null) await attempt('traffic', () => moveTraffic(promotion));
  if (failback && promotion.fleet !== null) await promotion.fleet.awaitOthers();
  if (failback) await attempt('enableWayBack', () => enableWayBack(promotion));
  if (!failback || promotion.stateOf('enableWayBack') !== 'done') tellLeftovers(promotion);
  // Once more, since the first certificate has only the steps until the switch.
  promotion.certify();
  const { said, isWrong } = await lookAtNewPrimary(promotion);
  if (isWrong || troubles.length > 0) throw promotionFailure('Unfinished', [said, ...troubles].join('; '));
}

/** Without a way back a person has to drop the slots of the old direction, since a slot without a receiver keeps WAL for ever. */
function tellLeftovers(promotion: Promotion): void {
  promotion.leave(...promotion.known.subscriptions.flatMap(dropOldDirection));
}

/** Only without a ledger. With one, a promotion in the other direction reads there who could connect before the fence, and restores it. */
function tellWhoMayConnect(promotion: Promotion, database: string): void {
  const statements = connectStatements(database, promotion.known.fence?.connect ?? null);
  if (statements.length === 0) return;
  promotion.leave(
    `on the old primary: ${WRITABLE} ${statements.join('; ')}; -- before it takes over again: without a ledger, nothing else knows who could connect before the fence`,
  );
}

function finished(promotion: Promotion, outcome: PromotionResult['outcome']): PromotionResult {
  const certificate = promotion.known.certificate ?? promotion.certify();
  promotion.end('completed', outcome);
  return { ...promotion.status(), outcome, certificate };
}

/** The outermost catch. Temporal would retry any other exception in workflow code for ever instead of ending the promotion. */
async function concluded(
  promotion: Promotion,
  work: () => Promise<PromotionResult>,
): Promise<PromotionResult> {
  try {
    const result = await work();
    await conclude(promotion, result.outcome, result.outcome);
    const { findings, leftovers, recordDigest } = promotion.status();
    return { ...result, findings, leftovers, ...(recordDigest === undefined ? {} : { recordDigest }) };
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    const failure = isPromotionFailure(error)
      ? error
      : afterUndo(promotion, (whatBecame) => failureOf(error, whatBecame, true));
    const type = (failure.type ?? 'Internal') as PromotionFailureType;
    const message = failureText(type, failure.message);
    promotion.end('failed', message);
    const isLeft = type === 'Unfinished' || type === 'NotUndone';
    await conclude(promotion, isLeft ? 'unfinished' : 'undone', message);
    const details = promotion.fleet !== null && promotion.known.notifies ? [{ notifies: true }] : [];
    throw promotionFailure(type, failure.message, promotion.status(), ...details);
  }
}

/** Releases the lock and writes the ledger. It never fails, since the history has everything. */
async function conclude(
  promotion: Promotion,
  state: PromotionRecord['state'],
  outcome: string,
): Promise<void> {
  const { approvals, ticket, requestedBy } = promotion;
  const { readiness, certificate, fence: fenced, databaseLocks } = promotion.known;
  const { startTime } = workflowInfo();
  if (readiness === null && promotion.stateOf('check') === 'pending') return;
  const locks = [lockWorkflowId(promotion.pair), ...databaseLocks];
  await CancellationScope.nonCancellable(async () => {
    const tasks: Promise<unknown>[] = [
      ...locks.map((lock) => getExternalWorkflowHandle(lock).signal(releaseSignal, holder())),
      notifyOfEnd(promotion),
    ];
    if (readiness !== null) {
      const { identity } = readiness;
      tasks.push(
        recording.recordPromotion
          .executeWithOptions({ summary: `record that the promotion ended: ${state}` }, [
            {
              ...{ identity, ...holder(), ticket, requestedBy, startedAt: startTime.toISOString(), state },
              ...{ outcome: cut(outcome, 4_000), approvals, certificate, fence: fenced },
              ...chainedOf(promotion),
            },
          ])
          .catch(notRecorded)
          .then(({ unavailable, digest, recorded }) => {
            tellOfLedger(promotion, unavailable);
            if (recorded === 0 && promotion.isSwitched)
              tellWhoMayConnect(promotion, identity.primary.database);
            promotion.setFacts({ recordDigest: digest ?? null });
          }),
      );
      if (promotion.stateOf('synchronize') !== 'pending') {
        tasks.push(
          bookkeeping.closeRecord
            .executeWithOptions({ summary: 'record that the promotion ended' }, [
              {
                ...{
                  identity,
                  ...holder(),
                  outcome: cut(outcome, 4_000),
                  approvals,
                  ...chainedOf(promotion),
                },
                state: state === 'promoted' || state === 'rehearsed' ? 'completed' : 'failed',
              },
            ])
            .catch(notRecorded)
            .then(({ unavailable }) => {
              tellOfLedger(promotion, unavailable);
            }),
        );
      }
    }
    await Promise.allSettled(tasks);
  });
}
