import { type Command, Option } from 'commander';
import { FORMATS } from '../../report/formats.js';
import { action, collect } from '../action.js';
import { help } from '../help.js';

export function addReport(program: Command): void {
  const command = program
    .command('report')
    .argument(
      '[workflow-id]',
      'a run, a fleet or a promotion (default: the one that the file has, or the only one that is open)',
    )
    .argument('[run-id]', 'any run of a continue-as-new chain (default: the last)')
    .description('Write the report of a run, a fleet or a promotion to stdout, from its history alone')
    .addOption(new Option('--format <format>', 'of the report').choices(FORMATS).default('md'))
    .option('--file <path>', 'read the histories from an exported file; may be repeated', collect)
    .option('--verify <path>', 'say whether this report is what the history says')
    .option('--show-temporal', 'also print the "temporal" commands that do the same, on stderr');
  help(command, {
    about: [
      'The same history gives the same bytes. What the parts of a report mean is described in docs/reference/report.md.',
    ],
    endsWith: [
      '0  written, or verified',
      '1  the history contradicts itself; or, with --verify, it does not give this report',
    ],
    examples: [
      'sequence-failover report failover-default --format html > failover-default.html',
      'sequence-failover report --file failover-default.json --format csv > sequences.csv',
      'sequence-failover report --file failover-default.json --verify failover-default.html',
    ],
  });
  command.action(action(async () => (await import('../actions/report.js')).report));
}
