import type { Client } from '@temporalio/client';
import type { ServersOfPair } from '../terminal/promotion-preview.js';
import { newWorkflowId } from './new-workflow-id.js';
import type { Output } from './output.js';
import { runToRead } from './run-to-read.js';

/** Seconds that a check of the pair may take before the start of a promotion goes on without its servers. */
const WITHIN = 60;

/** The servers that the worker reaches as this pair. Only the worker has the addresses, so a run in the mode `check` reads them. */
export async function readServers(output: Output, client: Client, pair: string): Promise<ServersOfPair> {
  const input = { mode: 'check', pair };
  const workflowId = newWorkflowId('check', input);
  const { ending } = await runToRead(output, client, { workflowId, input, seconds: WITHIN });
  const status =
    ending.state === 'completed' ? ending.result : ending.state === 'failed' ? ending.status : null;
  return { pair, primary: status?.primary ?? null, standby: status?.standby ?? null };
}
