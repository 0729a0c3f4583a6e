import { patched, rootCause } from '@temporalio/workflow';
import { reversedName } from '../../src/contract/pair-name.js';
import { type LastLook, newPrimaryNotOpen } from '../../src/planning/promotion/new-primary-findings.js';
import { isOfType } from '../../src/steps/failures.js';
import { UndecodableError } from '../ending.js';
import { checking } from './activities.js';
import { startWithoutPrimary } from './primary-gone.js';
import type { Promotion } from './promotion.js';

/** How long the new primary may take to answer, in milliseconds: a short absence is no reason to doubt it. */
const ANSWERED_WITHIN_MS = 30_000;

/** What was seen of the new primary at the end. */
export interface Seen {
  said: string;
  /** False also if it could not be read, which only a finding says. */
  isWrong: boolean;
}

const OPEN: Seen = { said: 'the standby is open and takes writes', isWrong: false };

/** Reads at the end whether the new primary is still open. It may have died after the opening, and somebody will rely on what the promotion says. */
export async function lookAtNewPrimary(promotion: Promotion): Promise<Seen> {
  if (!patched('look-at-new-primary')) return OPEN;
  const look = await lastLook(promotion);
  if (look === null) return OPEN;
  const { pair, identity, known, names } = promotion;
  // Of the old direction, the step drops a way back of an earlier promotion, and only disables other subscriptions.
  const dropped = promotion.stateOf('enableWayBack') === 'done' ? names.subscription : null;
  const finding = newPrimaryNotOpen(look, {
    database: identity.standby.database,
    openedAt: known.certificate?.openedAt ?? null,
    subscriptions: known.subscriptions.filter(({ name }) => name !== dropped),
    withoutIt: startWithoutPrimary(promotion, reversedName(pair)),
  });
  promotion.addFindings(finding);
  return { said: finding.message, isWrong: look.state !== 'unread' };
}

async function lastLook({ identity, known }: Promotion): Promise<LastLook | null> {
  try {
    const isOpen = await checking.readOpened.executeWithOptions(
      {
        summary: 'see whether the new primary still takes writes',
        startToCloseTimeout: '10 seconds',
        scheduleToCloseTimeout: ANSWERED_WITHIN_MS,
      },
      [{ identity, subscriptions: known.subscriptions }],
    );
    return isOpen ? null : { state: 'closed' };
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    return {
      state: isUnreachable(error) ? 'silent' : 'unread',
      why: rootCause(error) ?? String(error),
    };
  }
}

/** Whether the standby did not answer in the last attempt. An attempt that was still under way when the time was over has its reason further in. */
function isUnreachable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (isOfType(cause, ['StandbyUnreachable'])) return true;
  return false;
}
