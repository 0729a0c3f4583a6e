import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';
import { inputOptions } from '../input-options.js';

export function addSetup(program: Command): void {
  const command = program
    .command('setup')
    .description('Register the search attributes of runs; with --schedule also a standing watch')
    .option(
      '--schedule',
      'create or update the Schedule watch-<pair>, which keeps the standby ahead all the time',
    )
    .option('--interval <duration>', 'how often the Schedule starts a run (default: "5 minutes")');
  help(commonOptions(inputOptions(command)), {
    about: [
      "The input options, such as --pair and --buffer, are those of the Schedule's runs. Attributes that exist stay, and a Schedule that exists is updated, so the command can be repeated. With --schedule, it first asks a worker whether it has the pair.",
    ],
    endsWith: [
      '0  everything is there',
      '1  something could not be made; what to do is shown',
      '4  wrong usage: an invalid option or input, or no worker has the pair of the Schedule',
    ],
    examples: [
      'sequence-failover setup',
      "sequence-failover setup --schedule --pair default --interval '10 minutes' --buffer medium",
    ],
  });
  command.action(action(async () => (await import('../actions/setup.js')).setup));
}
