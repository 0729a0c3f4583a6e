import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';

export function addList(program: Command): void {
  const command = program
    .command('list')
    .description('List the runs, fleets and promotions that are open, with the next command for each')
    .option('--closed', 'those that have ended, with their outcomes, the last ones first')
    .option('--limit <number>', 'at most as many', '20')
    .option('--members', 'also the runs and promotions that belong to a fleet');
  help(commonOptions(command), {
    about: [
      'It needs no workflow ID, and none of the search attributes. Each open one is asked where it is; if no worker answers, what Temporal knows is shown. The list of the server may be some seconds behind.',
    ],
    examples: [
      'sequence-failover list',
      'sequence-failover list --closed --limit 5',
      'sequence-failover list --output json',
    ],
  });
  command.action(action(async () => (await import('../actions/list.js')).list));
}
