import type { FailoverRun, RunEnding } from '../client/failover-run.js';
import type { InputOptions } from './input-options.js';
import { newWorkflowId } from './new-workflow-id.js';
import { noteMissingWorker } from './note-missing-worker.js';
import type { Output } from './output.js';
import { toInput } from './run-input.js';
import { runToRead } from './run-to-read.js';
import { withClient } from './temporal-client.js';
import { temporalCommand } from './temporal-command.js';
import { timeoutMs } from './time-limit.js';

export type RunToReadOptions = InputOptions & { timeout: string; showTemporal?: true };

interface Read {
  workflowId: string;
  run: FailoverRun;
  ending: RunEnding;
}

/**
 * Starts a run in a mode that only reads, and waits for its end.
 *
 * @param reading the `temporal` command that reads what is shown; the option --show-temporal prints it
 * @param show shows what the run has read, while the connection is open
 * @returns the exit code that `show` has chosen
 */
export async function readWithRun(
  output: Output,
  mode: 'check' | 'plan',
  options: RunToReadOptions,
  reading: (workflowId: string) => string,
  show: (read: Read) => number | Promise<number>,
): Promise<number> {
  const input = toInput(mode, options);
  const workflowId = newWorkflowId(mode, input);
  if (options.showTemporal) {
    output.command(temporalCommand.start(workflowId, input));
    output.command(reading(workflowId));
  }
  const seconds = Math.ceil(timeoutMs(options.timeout) / 1000);
  return withClient(async (client) => {
    await noteMissingWorker(client, output, seconds);
    return show({ workflowId, ...(await runToRead(output, client, { workflowId, input, seconds })) });
  });
}
