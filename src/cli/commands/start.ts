import { type Command, Option } from 'commander';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { FailoverRun, isAtGate } from '../../client/failover-run.js';
import type { Mode } from '../../contract/input.js';
import { MODES } from '../../contract/modes.js';
import { action, collect, commonOptions } from '../action.js';
import { UsageError } from '../exit-codes.js';
import { follow, showEndingOf } from '../follow/follow.js';
import { followedRun } from '../follow/followed.js';
import { help } from '../help.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import type { Output } from '../output.js';
import { inputOptions, modeOf, pairOf, toInput, type InputOptions } from '../run-input.js';
import { showGate } from '../show-gate.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

interface StartOptions extends InputOptions {
  mode?: Mode;
  workflowId?: string;
  wait?: true;
  showTemporal?: true;
}

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description(
      'Start a failover: set the sequences, prove that they are ahead, wait at the gate for an approval',
    )
    .addOption(
      new Option('-m, --mode <mode>', 'what the run does (docs/reference/input.md)')
        .choices(MODES)
        .default(undefined, 'failover'),
    )
    .option('-w, --workflow-id <id>', 'the name of the run (default: <mode>-<pair>)')
    .option('--approver <name>', 'who may approve; * stands for any characters; may be repeated', collect)
    .option('--not-before <instant>', 'hand off no earlier than this, such as 2027-01-31T02:00:00Z')
    .option('--wait', 'wait for the end of the run, not only for its gate');
  help(commonOptions(inputOptions(command)), {
    about: [
      'It waits until the gate is open or blocked, shows what was found, and names the next command. Nothing is handed off before somebody approves.',
    ],
    endsWith: [
      '0  the gate is open, or the run has completed',
      '2  the gate is blocked, or the pair is not ready',
      '3  rejected, or not approved in time',
      '4  a run with this workflow ID is open already',
    ],
    examples: [
      'sequence-failover start --ticket CHG-123 --requested-by alice',
      'sequence-failover start --mode sync --pair orders',
      `sequence-failover start --input '{"overrides": [{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}]}'`,
    ],
  });
  command.action(action(start));
}

async function start(output: Output, options: StartOptions): Promise<number> {
  const mode = options.mode ?? modeOf(options) ?? 'failover';
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
