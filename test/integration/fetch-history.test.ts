import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';
import { fetchHistory } from '../../src/record/fetch-history.js';
import '../quiet-runtime.js';

let temporal: TemporalServer;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(async () => {
  await temporal.stop();
});

// The activities of a worker read histories by the worker's connection, whose errors are of another class.
it.each([
  ['a client', Connection],
  ['a worker', NativeConnection],
])('reads a history, or null where there is none, by the connection of %s', async (_, kind) => {
  const connection = await kind.connect({ address: temporal.address });
  try {
    const client = new Client({ connection });
    expect(await fetchHistory(client, 'never-started')).toBeNull();
    const { workflowId, firstExecutionRunId: runId } = await client.workflow.start('noWorkerHasIt', {
      taskQueue: 'nobody',
      workflowId: `read-by-${kind.name}`,
    });
    const history = await fetchHistory(client, workflowId, runId);
    expect(history?.events?.[0]).toHaveProperty('workflowExecutionStartedEventAttributes');
    expect(await fetchHistory(client, 'never-started', runId)).toBeNull();
  } finally {
    await connection.close();
  }
});
