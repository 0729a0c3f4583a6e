import { EXIT } from '../exit-codes.js';
import { sequencesLeftOut, planFile } from '../plan-file.js';
import type { Output } from '../output.js';
import { endingAsJson } from '../endings/as-json.js';
import { showEnding, statusLines } from '../endings/run-ending.js';
import { type RunToReadOptions, readWithRun } from '../read-with-run.js';
import { temporalCommand } from '../temporal-command.js';

export async function plan(output: Output, options: RunToReadOptions): Promise<number> {
  const reading = (workflowId: string) => temporalCommand.query(workflowId, 'statements');
  return readWithRun(output, 'plan', options, reading, async ({ workflowId, run, ending }) => {
    if (ending.state !== 'completed') return showEnding(output, workflowId, ending);
    const [statements, rows] = [await run.statements(), await run.rows()];
    const status = ending.result;
    for (const line of statusLines(output, status)) output.note(line);
    const leftOut = sequencesLeftOut(rows);
    output.result(
      planFile(workflowId, status, { rows, statements }),
      {
        ...endingAsJson(workflowId, ending),
        statements,
        leftOut: leftOut.map(({ sequence, outcome, reason }) => ({ sequence, outcome, reason })),
      },
      { file: true },
    );
    return leftOut.some(({ outcome }) => outcome === 'failed') ? EXIT.notReady : EXIT.done;
  });
}
