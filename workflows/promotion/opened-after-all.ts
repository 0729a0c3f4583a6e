import { type ActivityOptions, patched } from '@temporalio/workflow';
import { finishOpening } from '../../src/planning/remedies/undo-statements.js';
import { readOnlySessionsSince } from '../../src/steps/fence-statements.js';
import type { OpenedStandby, OpenStandbyInput } from '../../src/steps/promotion-steps.js';
import { UndecodableError } from '../ending.js';
import { acting, checking } from './activities.js';
import { lateChangeAfter } from './late-change.js';
import type { Promotion } from './promotion.js';

/** How long the standby may take to say whether it is open, and how long the rest of the opening is tried again, in milliseconds. */
const READ_WITHIN_MS = 5_000;
const FINISHED_WITHIN_MS = 30_000;

/** Opens the standby, and notes where the way back begins. */
export async function runOpening(
  promotion: Promotion,
  input: OpenStandbyInput,
  options: ActivityOptions,
): Promise<void> {
  // Earlier versions of the step returned nothing.
  const opened = (await acting.openStandby.executeWithOptions(options, [input])) as
    OpenedStandby | null | undefined;
  promotion.setFacts({ wayBackFrom: opened?.wayBackFrom ?? null });
}

/**
 * Whether the standby is open although the step that opens it has failed: the worker may have died right after the server committed. Applications
 * may have written there since, so it must not be closed again. What the step would have done after that is done here, or told to a person.
 *
 * @param cause why the step failed
 * @throws UndecodableError
 */
export async function isOpenAfterAll(
  promotion: Promotion,
  input: OpenStandbyInput,
  cause: unknown,
): Promise<boolean> {
  if (cause instanceof UndecodableError || !patched('read-before-closing')) return false;
  await lateChangeAfter(promotion, cause)?.();
  const { identity, subscriptions } = input;
  try {
    const isOpen = await checking.readOpened.executeWithOptions(
      {
        summary: 'see whether the standby is open although the step failed',
        startToCloseTimeout: READ_WITHIN_MS,
        scheduleToCloseTimeout: READ_WITHIN_MS,
      },
      [{ identity, subscriptions }],
    );
    if (!isOpen) return false;
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    // It cannot be reached. The undo closes it as soon as it can be.
    return false;
  }
  try {
    await runOpening(promotion, input, {
      summary: 'finish the opening of the standby',
      scheduleToCloseTimeout: FINISHED_WITHIN_MS,
    });
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    promotion.leave(finishOpening(identity.standby.database, readOnlySessionsSince(input)));
  }
  return true;
}
