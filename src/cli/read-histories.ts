import { readFile } from 'node:fs/promises';
import { readRun, type RunHistories } from '../record/read-run.js';
import { type Bundle, fromBundle, fromServer, parseBundle } from '../record/source.js';
import { UsageError } from './exit-codes.js';
import type { Output } from './output.js';
import { withClient } from './temporal-client.js';
import { temporalCommand } from './temporal-command.js';

export interface HistoriesOptions {
  /** Exported histories; absent: they are read from Temporal. */
  file?: string[];
  showTemporal?: true;
}

/**
 * Reads the histories of a workflow from Temporal or from files.
 *
 * @param workflowId may be left out if there is a file: then it is that of the first file
 * @throws UsageError if there is neither; Error for a file that cannot be read
 */
export async function readHistories(
  output: Output,
  { workflowId, runId }: { workflowId: string | undefined; runId: string | undefined },
  { file, showTemporal }: HistoriesOptions,
): Promise<RunHistories> {
  if (file !== undefined) {
    const bundles = await Promise.all(file.map(readBundle));
    const histories = bundles.flatMap((bundle) => bundle.histories);
    return readRun(fromBundle({ histories }), workflowId ?? bundles[0]?.workflowId ?? '', runId);
  }
  if (workflowId === undefined)
    throw new UsageError('name the workflow, or a file that has its histories with --file');
  if (showTemporal) output.note(temporalCommand.show(workflowId));
  return withClient((client, { codecs }) => readRun(fromServer(client, codecs), workflowId, runId));
}

async function readBundle(file: string): Promise<Bundle> {
  try {
    return parseBundle(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
