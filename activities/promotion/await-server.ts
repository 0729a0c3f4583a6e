import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { SideOfPair } from '../../src/contract/side.js';
import { probeServer } from '../../src/postgres/server/probe-server.js';
import { finalFailure, UNREACHABLE } from '../../src/steps/failures.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { pairOf } from './pair-of.js';

/** Between two attempts to reach the server, in milliseconds. */
const PAUSE_MS = 1_000;

/** Returns as soon as the server answers, or cannot be asked, and fails as unreachable if it does not answer for long enough. */
export function awaitServer(
  dependencies: Dependencies,
  side: SideOfPair,
): PromotionActivities['awaitPrimary' | 'awaitStandby'] {
  return ({ identity, withinMs }) =>
    withHeartbeat(async () => {
      const server = pairOf(dependencies, identity)[side];
      const since = performance.now();
      for (let attempt = 1; ; attempt += 1) {
        const probe = await probeServer(server);
        // A wrong configuration is no sign of a dead server.
        if (probe.answers !== 'no') return;
        // The first attempt alone may have waited for a free connection of this worker.
        if (attempt > 1 && performance.now() - since >= withinMs)
          throw finalFailure(
            UNREACHABLE[side],
            `${probe.why.replace(/\.$/u, '')} (no answer for ${withinMs / 1000} s)`,
          );
        Context.current().cancellationSignal.throwIfAborted();
        await delay(PAUSE_MS);
      }
    });
}
