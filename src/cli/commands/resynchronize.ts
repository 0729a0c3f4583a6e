import type { Command } from 'commander';
import { action, byPerson, collect, commonOptions, waitOption } from '../action.js';
import { help } from '../help.js';

export function addResynchronize(program: Command): void {
  const command = program
    .command('resynchronize')
    .argument('[workflow-id]', 'of a run or a fleet (default: the only failover that is open)')
    .description('Make a waiting run set and verify all sequences again, after you fixed what blocks')
    .addOption(byPerson('who asks for it'))
    .option('--pair <name>', 'for a fleet: only this pair; may be repeated', collect)
    .option('--partial', 'for a fleet: leave out pairs that cannot be set again, instead of refusing all')
    .option('--no-wait', 'return at once');
  help(commonOptions(command.addOption(waitOption())), {
    about: [
      'Approvals that the run already has no longer count. It waits until the run is back at its gate, and shows what was found. For a fleet it does not wait.',
    ],
    endsWith: [
      '0  the gate is open',
      '2  the gate is still blocked',
      '1  the run refuses, or has failed',
      '124  the time of --timeout is over; the run goes on',
    ],
    examples: ['sequence-failover resynchronize failover-default --by alice'],
  });
  command.action(action(async () => (await import('../actions/resynchronize.js')).resynchronize));
}
