import { basename } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Worker, type ReplayHistoriesIterable } from '@temporalio/worker';
import { expect } from 'vitest';
import { INTERNAL_WORKFLOW_TYPES, TASK_QUEUE, WORKFLOW_TYPES } from '../../../src/contract/names.js';
import { fetchHistory } from '../../../src/record/fetch-history.js';
import { historyToJson } from '../../../src/record/history-json.js';
import { artifacts } from '../../../src/worker/artifacts.js';
import '../../quiet-runtime.js';
import { keepFile } from '../../run-folder.js';
import { notReplayed } from './not-replayed.js';

/** Histories of other workflows, which a test ran for its promotion, are not ours to replay. */
const ourTypes = new Set<string>([
  ...Object.values(WORKFLOW_TYPES),
  ...Object.values(INTERNAL_WORKFLOW_TYPES),
]);

/**
 * Replays every run that the tests of a file have started, each run of a continue-as-new chain, with the code that a worker would run.
 *
 * @throws Error that names those that do not replay
 */
export async function replayAll(address: string): Promise<void> {
  const { testPath = '' } = expect.getState();
  const exceptions = notReplayed.filter(({ file }) => file === basename(testPath));
  const isException = (workflowId: string) => exceptions.some(({ workflows }) => workflows.test(workflowId));
  const connection = await Connection.connect({ address });
  // A memo may be encrypted: the product's converter reads it all the same.
  const dataConverter = { payloadConverterPath: artifacts.payloadConverter };
  const client = new Client({ connection, dataConverter });
  try {
    const failures: string[] = [];
    let count = 0;
    const replayed = Worker.runReplayHistories(
      {
        workflowBundle: { codePath: artifacts.workflowBundle },
        dataConverter,
      },
      historiesOf(client, isException),
    );
    for await (const { workflowId, runId, error } of replayed) {
      count += 1;
      if (error === undefined) continue;
      const file = await keep(client, workflowId, runId);
      failures.push(`${workflowId} (run ${runId}, kept in ${file}): ${error.message}`);
    }
    if (failures.length > 0) {
      throw new Error(`of ${count} runs ${failures.length} do not replay:\n${failures.join('\n')}`);
    }
  } finally {
    await connection.close();
  }
}

/** Saves a history that does not replay, so that the reason can be found. @returns the path of the file */
async function keep(client: Client, workflowId: string, runId: string): Promise<string> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return keepFile('not-replayed.json', JSON.stringify(historyToJson(history)));
}

async function* historiesOf(
  client: Client,
  isException: (workflowId: string) => boolean,
): ReplayHistoriesIterable {
  for await (const { workflowId, runId, type, taskQueue } of client.workflow.list()) {
    if (taskQueue !== TASK_QUEUE || !ourTypes.has(type) || isException(workflowId)) continue;
    const history = await fetchHistory(client, workflowId, runId);
    // A closed lock was deleted after it was listed, or no worker has taken the run: there is nothing to replay.
    if (!history?.events?.some((event) => event.workflowTaskCompletedEventAttributes != null)) continue;
    yield { workflowId, history };
  }
}
