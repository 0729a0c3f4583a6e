import type { Command } from 'commander';
import { help } from '../help.js';
import { inputOptions, timeoutOption } from '../input-options.js';
import { action, commonOptions } from '../action.js';

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('Say whether anything would block a failover; reads only');
  help(commonOptions(inputOptions(command).addOption(timeoutOption())), {
    about: [
      'A sequence that is behind blocks nothing: the failover moves it. Every other finding is shown with what to do about it. Ctrl+C ends the check.',
    ],
    endsWith: [
      '0  ready',
      '2  something would block a failover',
      '1  the check itself failed',
      '130  Ctrl+C',
    ],
    examples: ['sequence-failover check', 'sequence-failover check --pair orders --output json'],
  });
  command.action(action(async () => (await import('../actions/check.js')).check));
}
