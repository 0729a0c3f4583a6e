import { ApplicationFailure } from '@temporalio/activity';
import type { WorkerSettings } from '../src/steps/readiness.js';
import type { Dependencies } from './dependencies.js';

/**
 * Adds the worker's settings to the answer, or to the failure, of a readiness check: whether the worker notifies, and which search
 * attributes runs may set.
 */
export function withWorkerSettings<I, R extends object>(
  { notifier, searchAttributes }: Dependencies,
  check: (input: I) => Promise<R>,
): (input: I) => Promise<R> {
  if (!notifier && searchAttributes === undefined) return check;
  const says = async (): Promise<WorkerSettings> => {
    const searchable = (await searchAttributes?.()) ?? [];
    return { ...(notifier && { notifies: true }), ...(searchable.length > 0 && { searchable }) };
  };
  return async (input) => {
    try {
      return { ...(await check(input)), ...(await says()) };
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      const { message, type, nonRetryable, cause } = error;
      throw ApplicationFailure.create({
        ...{ message, nonRetryable: nonRetryable === true, details: [await says()] },
        ...(type != null && { type }),
        ...(cause instanceof Error && { cause }),
      });
    }
  };
}
