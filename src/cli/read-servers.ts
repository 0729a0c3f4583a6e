import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { FailoverRun } from '../client/failover-run.js';
import type { ServersOfPair } from '../terminal/promotion-preview.js';
import { newWorkflowId } from './new-workflow-id.js';

/** Milliseconds between two queries. */
const pollIntervalMs = 100;

/**
 * The servers that the worker reaches as this pair. Only the worker has the addresses, so a run in the mode `check` reads them; it is cancelled
 * as soon as they are known, since nobody waits for the rest of it.
 */
export async function readServers(client: Client, pair: string): Promise<ServersOfPair> {
  const input = { mode: 'check', pair };
  const run = await FailoverRun.start(client, newWorkflowId('check', input), input);
  for (;;) {
    const { primary, standby, phase } = await run.status();
    if (phase === 'done') return { pair, primary, standby };
    if (primary !== null && standby !== null) {
      // It may have ended meanwhile.
      await client.workflow
        .getHandle(run.workflowId)
        .cancel()
        .catch(() => undefined);
      return { pair, primary, standby };
    }
    await delay(pollIntervalMs);
  }
}
