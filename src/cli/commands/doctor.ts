import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Say whether everything that a run needs is in place; reads only');
  help(commonOptions(command), {
    about: [
      'It looks at the settings in the environment, at Temporal, its workers and search attributes, and, where the environment names them, at both databases of each pair and the ledger. Each failure comes with what to do.',
    ],
    endsWith: ['0  in place; warnings do not count', '2  something is missing'],
    examples: ['sequence-failover doctor', 'sequence-failover doctor --output json'],
  });
  command.action(action(async () => (await import('../actions/doctor.js')).doctor));
}
