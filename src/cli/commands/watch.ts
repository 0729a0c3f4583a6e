import type { Command } from 'commander';
import { action, commonOptions, waitOption } from '../action.js';
import { help } from '../help.js';

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .argument('[workflow-id]', 'of a run, a fleet or a promotion (default: the only one that is open)')
    .description('Show a run, a fleet or a promotion live, until it has ended');
  help(commonOptions(command.addOption(waitOption())), {
    about: [
      'On a terminal this is one screen that is renewed every second; elsewhere a line on stderr for each change. If Temporal does not answer, it says so and tries again. Ctrl+C ends only the watching.',
    ],
    endsWith: [
      '0  completed',
      '1  failed, cancelled or terminated',
      '2  not ready, or a sequence is behind',
      '3  rejected, vetoed, or not approved in time',
      '130  Ctrl+C',
      '124  the time of --timeout is over; the workflow goes on',
    ],
    examples: ['sequence-failover watch', 'sequence-failover watch failover-default'],
  });
  command.action(action(async () => (await import('../actions/watch.js')).watch));
}
