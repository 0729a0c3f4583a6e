import { type Command, Option } from 'commander';
import { MODES } from '../../contract/modes.js';
import { action, collect, commonOptions, waitOption } from '../action.js';
import { help } from '../help.js';
import { inputOptions } from '../input-options.js';

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description(
      'Start a failover: set the sequences, verify that they are ahead, wait at the gate for an approval',
    )
    .addOption(
      new Option('-m, --mode <mode>', 'what the run does (docs/reference/input.md)')
        .choices(MODES)
        .default(undefined, 'failover'),
    )
    .option('-w, --workflow-id <id>', 'the workflow ID of the run (default: <mode>-<pair>)')
    .option('--approver <name>', 'who may approve; * stands for any characters; may be repeated', collect)
    .option('--not-before <instant>', 'hand off no earlier than this, such as 2027-01-31T02:00:00Z')
    .option('--wait', 'wait for the end of the run, not only for its gate');
  help(commonOptions(inputOptions(command.addOption(waitOption()))), {
    about: [
      'It waits until the gate is open or blocked, shows what was found, and names the next command. Nothing is handed off before somebody approves.',
    ],
    endsWith: [
      '0  the gate is open, or the run has completed',
      '1  failed in another way, or Temporal cannot be reached',
      '2  the gate is blocked, or the pair is not ready',
      '3  rejected, or not approved in time',
      '4  wrong usage: an invalid option or input, or a run with this workflow ID is open already',
      '124  the time of --timeout is over; the run goes on',
    ],
    examples: [
      'sequence-failover start --ticket CHG-123 --requested-by alice',
      'sequence-failover start --mode sync --pair orders',
      `sequence-failover start --input '{"overrides": [{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}]}'`,
    ],
  });
  command.action(action(async () => (await import('../actions/start.js')).start));
}
