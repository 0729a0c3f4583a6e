import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { probeServer } from '../../src/postgres/server/probe-server.js';
import { finalFailure } from '../../src/steps/failures.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { pairOf } from './pair-of.js';

/** Between two attempts to reach the primary, in milliseconds. */
const PAUSE_MS = 1_000;

/** Returns as soon as the primary answers, or cannot be asked, and fails as `PrimaryUnreachable` if it does not answer for long enough. */
export function awaitPrimary(dependencies: Dependencies): PromotionActivities['awaitPrimary'] {
  return ({ identity, withinMs }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      const since = performance.now();
      for (let attempt = 1; ; attempt += 1) {
        const probe = await probeServer(primary);
        // A wrong configuration is no sign of a dead primary.
        if (probe.answers !== 'no') return;
        // The first attempt alone may have waited for a free connection of this worker.
        if (attempt > 1 && performance.now() - since >= withinMs)
          throw finalFailure(
            'PrimaryUnreachable',
            `${probe.why.replace(/\.$/u, '')} (no answer for ${withinMs / 1000} s)`,
          );
        Context.current().cancellationSignal.throwIfAborted();
        await delay(PAUSE_MS);
      }
    });
}
