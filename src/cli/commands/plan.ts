import type { Command } from 'commander';
import { FailoverRun } from '../../client/failover-run.js';
import { action, commonOptions } from '../action.js';
import { EXIT } from '../exit-codes.js';
import { help } from '../help.js';
import { leftOut, planFile } from '../plan-file.js';
import { newWorkflowId } from '../new-workflow-id.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import type { Output } from '../output.js';
import { inputOptions, toInput, type InputOptions } from '../run-input.js';
import { showEnding, statusLines } from '../endings/run-ending.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .description('Print the guarded setval statements for psql; reads only');
  help(commonOptions(inputOptions(command)), {
    about: [
      'For a night without Temporal: the file for psql goes to stdout. Each of its statements says what it did, and moves a sequence forward only. The file also names the sequences that it leaves out, and why. The findings go to stderr.',
    ],
    examples: ['sequence-failover plan > plan.sql', 'psql "$STANDBY_URL" --no-psqlrc --file plan.sql'],
  });
  command.action(action(plan));
}

async function plan(output: Output, options: InputOptions & { showTemporal?: true }): Promise<number> {
  const input = toInput('plan', options);
  const workflowId = newWorkflowId('plan', input);
  if (options.showTemporal) {
    output.note(temporalCommand.start(workflowId, input));
    output.note(temporalCommand.query(workflowId, 'statements'));
  }
  return withClient(async (client) => {
    await noteMissingWorker(client, output);
    const run = await FailoverRun.start(client, workflowId, input);
    const ending = await run.ending();
    if (ending.state !== 'completed') return showEnding(output, workflowId, ending);
    const [statements, rows] = [await run.statements(), await run.rows()];
    const status = ending.result;
    for (const line of statusLines(output, status)) output.note(line);
    output.result(planFile(workflowId, status, { rows, statements }), {
      ...status,
      statements,
      leftOut: leftOut(rows).map(({ sequence, outcome, reason }) => ({ sequence, outcome, reason })),
    });
    return EXIT.done;
  });
}
