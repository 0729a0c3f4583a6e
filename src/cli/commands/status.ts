import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';

export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .argument('[workflow-id]', 'of a run, a fleet or a promotion (default: the only one that is open)')
    .description(
      'Show where a run, a fleet or a promotion is, with its findings and every sequence, pair or step',
    );
  help(commonOptions(command), {
    about: [
      'It works for as long as Temporal keeps the history, also after the end. It ends with 0 whatever it shows.',
    ],
    examples: [
      'sequence-failover status failover-default',
      'sequence-failover status failover-default --output json',
    ],
  });
  command.action(action(async () => (await import('../actions/status.js')).status));
}
