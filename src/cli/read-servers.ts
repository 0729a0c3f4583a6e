import type { Client } from '@temporalio/client';
import { MEMO } from '../contract/names.js';
import type { ServersOfPair } from '../terminal/promotion-preview.js';
import { newWorkflowId } from './new-workflow-id.js';
import type { Output } from './output.js';
import { tryToRead } from './run-to-read.js';

/** Seconds that a check of the pair may take before the start of a promotion goes on without its servers. */
const ANSWERS_WITHIN_S = 20;

/**
 * The servers that the worker reaches as this pair. Only the worker has the addresses, so a run in the mode `check` reads them. Nobody is
 * notified of its end.
 */
export async function readServers(output: Output, client: Client, pair: string): Promise<ServersOfPair> {
  const input = { mode: 'check', pair };
  const workflowId = newWorkflowId('check', input);
  const memo = { [MEMO.unnotified]: true };
  const read = await tryToRead(output, client, { workflowId, input, seconds: ANSWERS_WITHIN_S, memo });
  if (read === null) {
    output.note(
      `A check of the pair ${pair} did not end within ${ANSWERS_WITHIN_S} seconds: a server may not be reachable, or no worker runs. To find out which: sequence-failover doctor`,
    );
    return { pair, primary: null, standby: null };
  }
  const { ending } = read;
  const status =
    ending.state === 'completed' ? ending.result : ending.state === 'failed' ? ending.status : null;
  return { pair, primary: status?.primary ?? null, standby: status?.standby ?? null };
}
