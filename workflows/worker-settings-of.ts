import { ApplicationFailure } from '@temporalio/workflow';
import type { WorkerSettings } from '../src/steps/readiness.js';

/** The settings of the worker in the failure of a readiness check. */
export function workerSettingsOf(error: unknown): WorkerSettings {
  if (error instanceof ApplicationFailure) {
    const [detail] = (error.details ?? []) as (WorkerSettings | null | undefined)[];
    return detail ?? {};
  }
  return error instanceof Error ? workerSettingsOf(error.cause) : {};
}
