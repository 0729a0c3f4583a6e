import { readFile } from 'node:fs/promises';
import { buildReport } from '../../report/build-report.js';
import type { Format } from '../../report/formats.js';
import { RENDERERS } from '../../report/renderers.js';
import { claimOf, verifyReport } from '../../report/verify.js';
import { printable } from '../../contract/printable.js';
import { EXIT, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { type HistoriesOptions, readHistories } from '../read-histories.js';
import { VERSION } from '../../worker/artifacts.js';

interface ReportOptions extends HistoriesOptions {
  format: Format;
  verify?: string;
}

export async function report(
  output: Output,
  workflowId: string | undefined,
  runId: string | undefined,
  options: ReportOptions,
): Promise<number> {
  const { format, verify: path } = options;
  if (path !== undefined) return verify(output, path, { workflowId, runId }, options);
  const built = buildReport(await readHistories(output, { workflowId, runId }, options), VERSION);
  process.stdout.write(RENDERERS[format](built));
  for (const one of built.contradictions) output.note(printable(`Do not trust this record. ${one}`));
  for (const warning of built.warnings) output.note(printable(warning));
  return built.contradictions.length === 0 ? EXIT.done : EXIT.failed;
}

/** If no option names the workflow, the report itself names it, with its first run. */
async function verify(
  output: Output,
  path: string,
  { workflowId, runId }: { workflowId: string | undefined; runId: string | undefined },
  options: HistoriesOptions,
): Promise<number> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--verify: ${path} cannot be read: ${(error as Error).message}`);
  });
  const { seal } = claimOf(text);
  if (seal !== null && workflowId !== undefined && workflowId !== seal.workflowId)
    return showVerified(output, path, workflowId, [`it is that of ${seal.workflowId}`]);
  const named = { workflowId: workflowId ?? seal?.workflowId, runId: runId ?? seal?.histories[0]?.runId };
  const histories = await readHistories(output, named, options);
  const problems = await verifyReport(text, histories, VERSION);
  return showVerified(output, path, histories.workflowId, problems);
}

function showVerified(output: Output, path: string, of: string, problems: readonly string[]): number {
  output.result(
    problems.length === 0
      ? [`${path} is the report of ${printable(of)}: its history gives exactly this file`]
      : [
          `${path} is not the report of ${printable(of)}:`,
          ...problems.map((problem) => `  ${printable(problem)}`),
        ],
    { path, workflowId: of, verified: problems.length === 0, problems },
  );
  return problems.length === 0 ? EXIT.done : EXIT.failed;
}
