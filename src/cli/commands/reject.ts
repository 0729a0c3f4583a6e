import type { Command } from 'commander';
import { action, byPerson, bySignal, collect, commonOptions, waitOption } from '../action.js';
import { help } from '../help.js';

export function addReject(program: Command): void {
  const command = program
    .command('reject')
    .argument('[workflow-id]', 'of a run, a fleet or a promotion (default: the only one that is open)')
    .description('Call off a failover, a fleet or a promotion, and wait for the end')
    .addOption(byPerson('who rejects'))
    .requiredOption('--reason <text>', 'why, for the record (required)')
    .option('--pair <name>', 'for a fleet: only this pair; may be repeated', collect)
    .option('--partial', 'for a fleet: leave out pairs that cannot be rejected, instead of refusing all')
    .addOption(bySignal())
    .option('--no-wait', 'return as soon as the rejection counts');
  help(commonOptions(command.addOption(waitOption())), {
    about: [
      'It does not ask. A run can be called off until it hands off; its sequences stay where they are, ahead. A promotion can be called off until the standby is open; then everything is undone.',
    ],
    endsWith: [
      '3  called off',
      '0  called off, with --no-wait, and for single pairs of a fleet',
      '1  too late, or refused',
      '124  the time of --timeout is over; the workflow goes on',
    ],
    examples: [
      'sequence-failover reject failover-default --by alice --reason "called off"',
      'sequence-failover reject evacuate-eu --by alice --reason "not tonight" --pair orders',
    ],
  });
  command.action(action(async () => (await import('../actions/reject.js')).reject));
}
