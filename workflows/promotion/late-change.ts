import { ActivityFailure, patched, sleep, TimeoutFailure } from '@temporalio/workflow';
import { PROMOTION_HEARTBEAT_MS } from '../../src/steps/limits.js';
import type { Promotion } from './promotion.js';

/**
 * The last attempt of a step that timed out may still be running. Temporal ends it by its time limits, however recent its heartbeat is. A change
 * that it makes is committed in time, or not at all.
 *
 * @returns waits until no change can be committed any more; null if there is nothing to wait for
 */
export function lateChangeAfter(promotion: Promotion, cause: unknown): (() => Promise<void>) | null {
  const isTimedOut = cause instanceof ActivityFailure && cause.cause instanceof TimeoutFailure;
  if (!isTimedOut || promotion.waitedAfter === cause || !patched('waits-for-late-change')) return null;
  promotion.waitedAfter = cause;
  return () => sleep(PROMOTION_HEARTBEAT_MS, { summary: 'until a late change can no longer be committed' });
}
