import { activityInfo } from '@temporalio/activity';
import { classify } from '../src/postgres/failures/classify.js';

/** The number of attempts to read what a step can do without. Rechecks at the gate have no more attempts. */
const TRIES = 4;

/** Whether the step should fail, so that Temporal tries again, before it goes on without what could not be read. */
export function isWorthARetry(error: unknown): boolean {
  return classify(error).retryable && activityInfo().attempt < TRIES;
}
