import type { Command } from 'commander';
import { buildReport } from '../../report/build-report.js';
import { renderCsv } from '../../report/render-csv.js';
import { renderJson } from '../../report/render-json.js';
import { renderMarkdown } from '../../report/render-markdown.js';
import type { Report } from '../../report/report.js';
import { action, collect } from '../action.js';
import { EXIT, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { type HistoriesOptions, readHistories } from '../read-histories.js';
import { RELEASE } from '../release.js';

const renderers: Readonly<Record<string, (report: Report) => string>> = {
  md: renderMarkdown,
  json: renderJson,
  csv: renderCsv,
};

const formats = Object.keys(renderers).join(', ');

export function addReport(program: Command): void {
  program
    .command('report')
    .argument('[workflow-id]', 'a run, a fleet or a promotion (default: the one that --file has)')
    .argument('[run-id]', 'any run of a continue-as-new chain (default: the last)')
    .description('writes the report of a run, from its history alone, to stdout')
    .option('--format <format>', formats, 'md')
    .option('--file <path>', 'read the histories from an exported file; may be repeated', collect)
    .option('--show-temporal', 'also print the temporal commands that do the same, on stderr')
    .addHelpText(
      'after',
      `
The same history gives the same bytes. What the parts of a report mean is described in docs/reference/report.md.

Examples:
  $ sequence-failover report failover-default > failover-default.md
  $ sequence-failover report --file failover-default.json --format csv > sequences.csv`,
    )
    .action(action(report));
}

async function report(
  output: Output,
  workflowId: string | undefined,
  runId: string | undefined,
  { format, ...options }: { format: string } & HistoriesOptions,
): Promise<number> {
  const render = Object.hasOwn(renderers, format) ? renderers[format] : undefined;
  if (render === undefined)
    throw new UsageError(`--format: found ${JSON.stringify(format)}; expected one of ${formats}`);
  const histories = await readHistories(output, { workflowId, runId }, options);
  const built = buildReport(histories, RELEASE);
  process.stdout.write(render(built));
  for (const warning of built.warnings) output.note(warning);
  return EXIT.done;
}
