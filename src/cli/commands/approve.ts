import type { Command } from 'commander';
import { action, byPerson, bySignal, collect, commonOptions, waitOption } from '../action.js';
import { help } from '../help.js';

export function addApprove(program: Command): void {
  const command = program
    .command('approve')
    .argument('[workflow-id]', 'of a run or a fleet (default: the only one that waits for an approval)')
    .description('Show what is to be approved, ask, approve, and wait for the end')
    .addOption(byPerson('who approves'))
    .option('--reason <text>', 'why, for the record')
    .option(
      '--accept <name>',
      'accept a block: the code of a finding, or the name of a sequence; may be repeated',
      collect,
    )
    .option(
      '--ignore-rows <sequence>',
      'set this sequence from the primary alone, and ignore its rows; may be repeated',
      collect,
    )
    .option(
      '--raise-past-rows <sequence>',
      'set this sequence past all its rows, however far; may be repeated',
      collect,
    )
    .option('--pair <name>', 'for a fleet: only this pair; may be repeated', collect)
    .option('--partial', 'for a fleet: leave out pairs that cannot be approved, instead of refusing all')
    .addOption(bySignal())
    .option('-y, --yes', 'do not ask')
    .option('--no-wait', 'return as soon as the approval counts');
  help(commonOptions(command.addOption(waitOption())), {
    about: [
      'It waits for the gate, if the run is not there yet. Then it shows what is approved, and asks you to type the name of the pair (for a fleet: its workflow ID). If a block is left that this approval does not accept, nothing is sent.',
    ],
    endsWith: [
      '0  completed; also at once with --no-wait, while more approvals are needed, and while the run waits for its "not before"',
      '1  failed, or the approval was refused',
      '2  a block is left that this approval does not accept, or the pair is no longer ready',
      '3  rejected, vetoed, or not approved in time',
      '4  no terminal to ask on, and no --yes; or --yes, and no workflow ID',
      '124  the time of --timeout is over; the workflow goes on',
    ],
    examples: [
      'sequence-failover approve --by alice',
      'sequence-failover approve failover-default --by alice',
      'sequence-failover approve failover-default --by alice --accept SLOT_MISSING --yes',
      'sequence-failover approve evacuate-eu --by alice --pair orders --pair users',
    ],
  });
  command.action(action(async () => (await import('../actions/approve.js')).approve));
}
