/** Exports all histories of a run into one file: `npm run --silent export-record -- <workflow ID> [run ID] > record.json`. */
import { Client } from '@temporalio/client';
import { readEncryptionKeys } from '../config/encryption-keys.js';
import { Environment } from '../config/environment.js';
import { ConfigurationError, Problems } from '../config/problems.js';
import { readTemporal } from '../config/temporal.js';
import { encryptionCodec } from '../worker/encryption-codec.js';
import { connectToTemporal } from '../worker/temporal-connection.js';
import { readRun, toBundle } from '../record/read-run.js';
import { fromServer } from '../record/source.js';

const usage = 'Usage: npm run --silent export-record -- <workflow ID> [run ID] > record.json';

async function exportRecord(workflowId: string, runId: string | undefined): Promise<void> {
  const environment = new Environment(process.env);
  const problems = new Problems();
  const temporal = readTemporal(environment, problems);
  const codec = encryptionCodec(readEncryptionKeys(environment, problems));
  problems.throwIfAny();
  const warn = (details: object, message: string) =>
    void process.stderr.write(`${message}: ${JSON.stringify(details)}\n`);
  const connection = await connectToTemporal(
    temporal,
    { debug: () => undefined, info: warn, warn, error: warn },
    { total: 10_000, attempt: 10_000 },
  );
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    const histories = await readRun(fromServer(client, [codec]), workflowId, runId);
    process.stdout.write(`${JSON.stringify(toBundle(histories, new Date().toISOString()))}\n`);
    for (const { workflowId: id, runId: run } of histories.missing)
      process.stderr.write(`Temporal no longer has the run ${run} of ${id}: the record lacks it.\n`);
  } finally {
    await connection.close();
  }
}

const [workflowId, runId] = process.argv.slice(2);
try {
  if (workflowId === undefined) throw new Error(usage);
  await exportRecord(workflowId, runId);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigurationError ? 78 : 1;
}
