import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';

export function addList(program: Command): void {
  const command = program
    .command('list')
    .description('List the runs, fleets and promotions that are open, with the next command for each')
    .option('--closed', 'list those that have ended, the newest first, with their outcomes')
    .option('--limit <number>', 'how many to list at the most', '20')
    .option('--members', 'also the runs and promotions that belong to a fleet');
  help(commonOptions(command), {
    about: [
      'It needs no workflow ID, and none of the search attributes. It asks each open workflow for its state; if no worker answers, it shows what Temporal knows. The list of the server may be some seconds behind.',
    ],
    examples: [
      'sequence-failover list',
      'sequence-failover list --closed --limit 5',
      'sequence-failover list --output json',
    ],
  });
  command.action(action(async () => (await import('../actions/list.js')).list));
}
