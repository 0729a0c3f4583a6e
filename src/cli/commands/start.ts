import type { Command } from 'commander';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { FailoverRun, isAtGate } from '../../client/failover-run.js';
import type { Mode } from '../../contract/input.js';
import { MODES } from '../../contract/modes.js';
import { action, collect, commonOptions } from '../action.js';
import { UsageError } from '../exit-codes.js';
import { follow, showEndingOf } from '../follow/follow.js';
import { followedRun } from '../follow/followed.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import type { Output } from '../output.js';
import { inputOptions, pairOf, toInput, type InputOptions } from '../run-input.js';
import { showGate } from '../show-gate.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

interface StartOptions extends InputOptions {
  mode: string;
  workflowId?: string;
  wait?: true;
  showTemporal?: true;
}

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description('starts a run: sets the sequences, proves that they are ahead, and waits for the approval')
    .option('-m, --mode <mode>', MODES.join(', '), 'failover')
    .option('-w, --workflow-id <id>', 'of the run (default: <mode>-<pair>)')
    .option('--approver <name>', 'who may approve, * for any characters; may be repeated', collect)
    .option('--not-before <instant>', 'approve earlier, hand off then: 2027-01-31T02:00:00Z')
    .option('--wait', 'until it has ended, not only until its gate');
  commonOptions(inputOptions(command))
    .addHelpText(
      'after',
      `
Ends with 0 when the gate is open, or the run has completed; with 2 when it is blocked, or not ready; with 3 when the failover
was rejected or not approved in time.

Examples:
  $ sequence-failover start --ticket CHG-123 --requested-by alice
  $ sequence-failover start --mode sync --pair orders
  $ sequence-failover start --input '{"overrides": [{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}]}'`,
    )
    .action(action(start));
}

async function start(output: Output, options: StartOptions): Promise<number> {
  const mode = MODES.find((one) => one === options.mode);
  if (mode === undefined)
    throw new UsageError(`--mode: found ${options.mode}; expected one of ${MODES.join(', ')}`);
  const input = toInput(mode, options);
  const workflowId = options.workflowId ?? `${mode}-${pairOf(input)}`;
  if (options.showTemporal) {
    output.note(temporalCommand.start(workflowId, input));
    output.note(temporalCommand.query(workflowId, 'status'));
  }
  return withClient(async (client, place) => {
    await noteMissingWorker(client, output);
    const run = await FailoverRun.start(client, workflowId, input).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      throw new UsageError(
        `A run with the workflow ID ${workflowId} is open: look at it with "sequence-failover watch ${workflowId}", or choose another --workflow-id.`,
      );
    });
    output.note(`Started the workflow ${workflowId}`);
    const followed = followedRun(run);
    const where = { client, place };
    const waitsForEnd = options.wait === true || !waits(mode);
    const status = await follow(output, followed, {
      ...where,
      ...(waitsForEnd ? {} : { until: isAtGate }),
    });
    return status === null ? showEndingOf(output, followed, where) : showGate(output, workflowId, status);
  });
}

const waits = (mode: Mode) => mode === 'failover';
