import { EXIT } from '../exit-codes.js';
import { sequencesLeftOut, planFile } from '../plan-file.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import { newWorkflowId } from '../new-workflow-id.js';
import type { Output } from '../output.js';
import type { InputOptions } from '../input-options.js';
import { toInput } from '../run-input.js';
import { runToRead } from '../run-to-read.js';
import { endingAsJson } from '../endings/as-json.js';
import { showEnding, statusLines } from '../endings/run-ending.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { timeoutMs } from '../time-limit.js';

export async function plan(
  output: Output,
  options: InputOptions & { timeout: string; showTemporal?: true },
): Promise<number> {
  const input = toInput('plan', options);
  const workflowId = newWorkflowId('plan', input);
  if (options.showTemporal) {
    output.note(temporalCommand.start(workflowId, input));
    output.note(temporalCommand.query(workflowId, 'statements'));
  }
  const seconds = Math.ceil(timeoutMs(options.timeout) / 1000);
  return withClient(async (client) => {
    await noteMissingWorker(client, output, seconds);
    const { run, ending } = await runToRead(output, client, { workflowId, input, seconds });
    if (ending.state !== 'completed') return showEnding(output, workflowId, ending);
    const [statements, rows] = [await run.statements(), await run.rows()];
    const status = ending.result;
    for (const line of statusLines(output, status)) output.note(line);
    const leftOut = sequencesLeftOut(rows);
    output.result(planFile(workflowId, status, { rows, statements }), {
      ...endingAsJson(workflowId, ending),
      statements,
      leftOut: leftOut.map(({ sequence, outcome, reason }) => ({ sequence, outcome, reason })),
    });
    return leftOut.some(({ outcome }) => outcome === 'failed') ? EXIT.notReady : EXIT.done;
  });
}
