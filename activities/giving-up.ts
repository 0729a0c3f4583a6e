import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { finalFailure, type StepFailureType, type TypedFailure } from '../src/steps/failures.js';

/** A side that cannot be reached for so long, in milliseconds, is not ready. */
const UNREACHABLE_FOR_MS = 60_000;

/** Temporal repeats the work until a side that cannot be reached has been so for long. */
export async function givingUp<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUnreachable(error) && waitedEnough()
      ? finalFailure(
          error.type,
          `${error.message.replace(/\.$/u, '')} (tried for ${UNREACHABLE_FOR_MS / 1000} s)`,
        )
      : error;
  }
}

function isUnreachable(error: unknown): error is TypedFailure<StepFailureType> {
  return error instanceof ApplicationFailure && error.nonRetryable !== true;
}

/** A first attempt may have waited for a worker rather than for a server. */
function waitedEnough(): boolean {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return attempt > 1 && Date.now() - scheduledTimestampMs >= UNREACHABLE_FOR_MS;
}
