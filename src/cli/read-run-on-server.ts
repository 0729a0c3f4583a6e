import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { NoHistoryError, readRun, type RunHistories } from '../record/read-run.js';
import { fromServer } from '../record/source.js';
import { shellQuoted } from '../contract/shell.js';
import { UsageError } from './exit-codes.js';

/** Reads the histories of a workflow from Temporal. @throws UsageError with the commands that find the right ID, if there is none */
export async function readRunOnServer(
  client: Client,
  codecs: readonly PayloadCodec[],
  workflowId: string,
  runId?: string,
): Promise<RunHistories> {
  if (runId !== undefined && !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu.test(runId))
    throw new UsageError(
      `${runId} is no run ID. List those of the workflow: temporal workflow list --query ${shellQuoted(`WorkflowId="${workflowId}"`)}`,
    );
  return readRun(fromServer(client, codecs), workflowId, runId).catch((error: unknown) => {
    if (!(error instanceof NoHistoryError)) throw error;
    throw new UsageError(
      `${error.message}, in the namespace ${client.options.namespace}. List what has ended: sequence-failover list --closed; and what is open: sequence-failover list`,
      { cause: error },
    );
  });
}
