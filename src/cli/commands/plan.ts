import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';
import { inputOptions, timeoutOption } from '../input-options.js';

export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .description('Print the guarded setval statements for psql; reads only');
  help(commonOptions(inputOptions(command).addOption(timeoutOption())), {
    about: [
      'The file for psql goes to stdout. You can run it later, without Temporal. Each of its statements says what it did, and moves a sequence forward only. The file also names the sequences that it leaves out, and why, and the remedies of what would block a failover. The findings go to stderr, too. Ctrl+C stops the run; the exit code is 130.',
    ],
    endsWith: [
      '0  the file has every sequence that has to be moved',
      '1  failed, or Temporal cannot be reached',
      '2  the file lacks sequences that cannot be set, or the pair is not ready',
      '4  wrong usage: an invalid option or input',
    ],
    examples: ['sequence-failover plan > plan.sql', 'psql "$STANDBY_URL" --no-psqlrc --file plan.sql'],
  });
  command.action(action(async () => (await import('../actions/plan.js')).plan));
}
