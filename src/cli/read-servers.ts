import type { Client } from '@temporalio/client';
import type { ServersOfPair } from '../terminal/promotion-preview.js';
import { checkPair, CHECKED_WITHIN_S } from './check-pair.js';
import type { Output } from './output.js';

/** The servers that the worker reaches as this pair. @throws UsageError if the worker has no such pair */
export async function readServers(output: Output, client: Client, pair: string): Promise<ServersOfPair> {
  const ending = await checkPair(output, client, pair);
  if (ending === null)
    output.note(
      `A check of the pair ${pair} did not end within ${CHECKED_WITHIN_S} seconds: a server may not be reachable, or no worker runs. To find out which: sequence-failover doctor`,
    );
  const status =
    ending?.state === 'completed' ? ending.result : ending?.state === 'failed' ? ending.status : null;
  return { pair, primary: status?.primary ?? null, standby: status?.standby ?? null };
}
