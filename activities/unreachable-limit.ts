import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { finalFailure, type StepFailureType, type TypedFailure } from '../src/steps/failures.js';

/** A side that is unreachable for this long, in milliseconds, is not ready. */
const UNREACHABLE_FOR_MS = 60_000;

/** Lets Temporal retry a temporary failure, such as that of an unreachable side, for this long. After that the failure is final. */
export async function withUnreachableLimit<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isRetryable(error) && waitedEnough()
      ? finalFailure(
          error.type,
          `${error.message.replace(/\.$/u, '')} (tried for ${UNREACHABLE_FOR_MS / 1000} s)`,
        )
      : error;
  }
}

function isRetryable(error: unknown): error is TypedFailure<StepFailureType> {
  return error instanceof ApplicationFailure && error.nonRetryable !== true;
}

/** The first attempt may have waited for a worker, and not for a server. */
function waitedEnough(): boolean {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return attempt > 1 && Date.now() - scheduledTimestampMs >= UNREACHABLE_FOR_MS;
}
