import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { runsOf } from '../client/runs-of.js';
import { shellQuoted } from '../contract/shell.js';
import type { Format } from '../report/formats.js';
import { NoHistoryError, readRun, type RunHistories } from '../record/read-run.js';
import { type Bundle, fromBundle, parseBundle } from '../record/source.js';
import { printable } from '../contract/printable.js';
import { UsageError } from './exit-codes.js';
import { readRunOnServer } from './read-run-on-server.js';
import { chooseWorkflow } from './listed/choose.js';
import type { Output } from './output.js';
import { withClient } from './temporal-client.js';
import { temporalCommand } from './temporal-command.js';

export interface HistoriesOptions {
  /** Exported histories; absent: Temporal is asked. */
  file?: string[];
  /** That of the report; kept in the commands that are named to the person. */
  format?: Format;
  showTemporal?: true;
}

/**
 * Reads the histories of a workflow from Temporal or from files.
 *
 * @param workflowId default: the first file's, or that of the only workflow that is open
 * @throws UsageError if neither names a workflow and not exactly one is open, or if the workflow ID is the name of a file; Error for a file
 * that cannot be read
 */
export async function readHistories(
  output: Output,
  { workflowId, runId }: { workflowId: string | undefined; runId: string | undefined },
  { file, format = 'md', showTemporal }: HistoriesOptions,
): Promise<RunHistories> {
  const inFormat = format === 'md' ? '' : ` --format ${format}`;
  if (file !== undefined) {
    const bundles = await Promise.all(file.map(readBundle));
    const histories = bundles.flatMap((bundle) => bundle.histories);
    const one = workflowId ?? bundles[0]?.workflowId ?? '';
    return readRun(fromBundle({ histories }), one, runId).catch((error: unknown) => {
      if (!(error instanceof NoHistoryError)) throw error;
      const held = [...new Set(bundles.flatMap((bundle) => namesIn(bundle, runId !== undefined)))];
      throw new Error(`${error.message} in ${file.join(', ')}, which has ${held.join('; ')}`, {
        cause: error,
      });
    });
  }
  if (workflowId?.endsWith('.json') === true && existsSync(workflowId))
    throw new UsageError(
      `${workflowId} is a file. Name it with --file: sequence-failover report --file ${shellQuoted(workflowId)}${inFormat}`,
    );
  return withClient(async (client, { codecs }) => {
    const one = await chooseWorkflow(output, client, { command: 'report', workflowId, showTemporal });
    if (showTemporal) output.command(temporalCommand.show(one));
    const histories = await readRunOnServer(client, codecs, one, runId);
    if (runId === undefined)
      await noteOtherRuns(output, client, one, { shown: histories.chain.at(-1)?.runId ?? null, inFormat });
    return histories;
  });
}

/** The workflow that a file is of, or each of its runs that the file has: a workflow ID can have several. */
function namesIn({ workflowId, histories }: Bundle, withRuns: boolean): string[] {
  if (!withRuns) return [workflowId];
  const runs = histories.filter((history) => history.workflowId === workflowId);
  return runs.map(({ runId }) => `${workflowId}, run ${runId}`);
}

/** The most other runs that a note names. */
const OTHERS_NAMED = 5;

/** An auditor may mean an earlier run with the same workflow ID. */
async function noteOtherRuns(
  output: Output,
  client: Client,
  workflowId: string,
  { shown, inFormat }: { shown: string | null; inFormat: string },
): Promise<void> {
  const runs = await runsOf(client, workflowId, OTHERS_NAMED + 2).catch(() => []);
  const others = runs.filter(({ runId }) => runId !== shown);
  if (others.length === 0) return;
  const more = others.length > OTHERS_NAMED ? ', and more' : '';
  output.note(`${printable(workflowId)} is the ID of several runs; this is the last. Earlier ones${more}:`);
  for (const { runId, startedAt } of others.slice(0, OTHERS_NAMED))
    output.note(
      `  started ${startedAt}: sequence-failover report ${printable(shellQuoted(workflowId))} ${runId}${inFormat}`,
    );
}

async function readBundle(file: string): Promise<Bundle> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--file: ${file} cannot be read: ${(error as Error).message}`);
  });
  try {
    return parseBundle(text);
  } catch (error) {
    throw new UsageError(`--file: ${file}: ${(error as Error).message}`);
  }
}
