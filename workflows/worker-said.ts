import { ApplicationFailure } from '@temporalio/workflow';
import type { WorkerSays } from '../src/steps/readiness.js';

/** The settings of the worker in the failure of a readiness check. */
export function workerSaid(error: unknown): WorkerSays {
  if (error instanceof ApplicationFailure) {
    const [detail] = (error.details ?? []) as (WorkerSays | null | undefined)[];
    return detail ?? {};
  }
  return error instanceof Error ? workerSaid(error.cause) : {};
}
