import type { Client } from '@temporalio/client';
import type { RunEnding } from '../client/failover-run.js';
import { MEMO } from '../contract/names.js';
import { UsageError } from './exit-codes.js';
import { newWorkflowId } from './new-workflow-id.js';
import type { Output } from './output.js';
import { tryToRead } from './run-to-read.js';

/** Seconds that the check of a pair may take before a command goes on without its answer. */
export const CHECKED_WITHIN_S = 20;

/**
 * Has the worker check a pair, since only the worker knows its pairs and their addresses: a run in the mode `check`. Nobody is notified of
 * its end.
 *
 * @returns null if it does not end in time
 * @throws UsageError if the worker has no such pair; it names those that there are
 */
export async function checkPair(output: Output, client: Client, pair: string): Promise<RunEnding | null> {
  const input = { mode: 'check', pair };
  const read = await tryToRead(output, client, {
    ...{ workflowId: newWorkflowId('check', input), input, seconds: CHECKED_WITHIN_S },
    memo: { [MEMO.unnotified]: true },
  });
  if (read === null) return null;
  const { ending } = read;
  if (ending.state === 'failed' && ending.type === 'InvalidInput') throw new UsageError(ending.message);
  return ending;
}
