import type { FleetEnding } from '../client/fleet-run.js';
import type { RunEnding } from '../client/failover-run.js';
import type { PromotionEnding } from '../client/promotion.js';
import type { PromotionFleetEnding } from '../client/promotion-fleet.js';

/** The exit code of a command: docs/reference/command.md. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** There is a block, or a sequence is behind. */
  notReady: 2,
  /** Somebody rejected, a hook vetoed, or nobody approved in time. */
  notApproved: 3,
  /** The command, or the input of the run, is wrong. */
  usage: 4,
  /** The time of `--timeout` is over, with the number of the command `timeout`. The workflow continues. */
  timedOut: 124,
  /** Ctrl+C, with the number that shells use. The watched workflow continues. */
  interrupted: 130,
} as const;

const byFailure: Readonly<Record<string, number>> = {
  NotReady: EXIT.notReady,
  NotAhead: EXIT.notReady,
  Rejected: EXIT.notApproved,
  Vetoed: EXIT.notApproved,
  ApprovalTimedOut: EXIT.notApproved,
  InvalidInput: EXIT.usage,
};

/** The exit code for the ending of a workflow. */
export function exitCodeOf(ending: RunEnding | PromotionEnding | FleetEnding | PromotionFleetEnding): number {
  if (ending.state === 'completed') return EXIT.done;
  return ending.state === 'failed' ? (byFailure[ending.type] ?? EXIT.failed) : EXIT.failed;
}

/** A mistake in the command. The message says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
