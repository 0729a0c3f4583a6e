import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { buildReport } from '../../report/build-report.js';
import { type Format, RENDERERS } from '../../report/formats.js';
import { claimOf, verifyReport } from '../../report/verify.js';
import { printable } from '../../terminal/printable.js';
import { action, collect } from '../action.js';
import { EXIT } from '../exit-codes.js';
import { help } from '../help.js';
import type { Output } from '../output.js';
import { type HistoriesOptions, readHistories } from '../read-histories.js';
import { RELEASE } from '../release.js';

interface ReportOptions extends HistoriesOptions {
  format: Format;
  verify?: string;
}

export function addReport(program: Command): void {
  const command = program
    .command('report')
    .argument(
      '[workflow-id]',
      'a run, a fleet or a promotion (default: the one that the file has, or the only one that is open)',
    )
    .argument('[run-id]', 'any run of a continue-as-new chain (default: the last)')
    .description('Write the report of a run, a fleet or a promotion to stdout, from its history alone')
    .addOption(new Option('--format <format>', 'of the report').choices(Object.keys(RENDERERS)).default('md'))
    .option('--file <path>', 'read the histories from an exported file; may be repeated', collect)
    .option('--verify <path>', 'say whether this report is what the history says')
    .option('--show-temporal', 'also print the "temporal" commands that do the same, on stderr');
  help(command, {
    about: [
      'The same history gives the same bytes. What the parts of a report mean is described in docs/reference/report.md.',
    ],
    endsWith: ['0  written, or verified', '1  with --verify: the report is not what the history says'],
    examples: [
      'sequence-failover report failover-default --format html > failover-default.html',
      'sequence-failover report --file failover-default.json --format csv > sequences.csv',
      'sequence-failover report --file failover-default.json --verify failover-default.html',
    ],
  });
  command.action(action(report));
}

async function report(
  output: Output,
  workflowId: string | undefined,
  runId: string | undefined,
  options: ReportOptions,
): Promise<number> {
  const { format, verify: path } = options;
  if (path !== undefined) return verify(output, path, { workflowId, runId }, options);
  const built = buildReport(await readHistories(output, { workflowId, runId }, options), RELEASE);
  process.stdout.write(RENDERERS[format](built));
  for (const warning of built.warnings) output.note(printable(warning));
  return EXIT.done;
}

/** If no option names the workflow, the report itself names it, with its first run. */
async function verify(
  output: Output,
  path: string,
  { workflowId, runId }: { workflowId: string | undefined; runId: string | undefined },
  options: HistoriesOptions,
): Promise<number> {
  const text = await readFile(path, 'utf8');
  const { seal } = claimOf(text);
  const named = { workflowId: workflowId ?? seal?.workflowId, runId: runId ?? seal?.histories[0]?.runId };
  const histories = await readHistories(output, named, options);
  const problems = await verifyReport(text, histories, RELEASE);
  const { workflowId: of } = histories;
  output.result(
    problems.length === 0
      ? [`${path} is the report of ${printable(of)}: the same bytes come from its history`]
      : [
          `${path} is not the report of ${printable(of)}:`,
          ...problems.map((problem) => `  ${printable(problem)}`),
        ],
    { path, workflowId: of, verified: problems.length === 0, problems },
  );
  return problems.length === 0 ? EXIT.done : EXIT.failed;
}
