import type { Command } from 'commander';
import { FailoverRun } from '../../client/failover-run.js';
import { printable } from '../../terminal/printable.js';
import { sequenceTable } from '../../terminal/sequence-table.js';
import { gateLines } from '../../terminal/status-lines.js';
import { action, commonOptions } from '../action.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import { statusLines } from '../show-ending.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .argument('<workflow-id>')
    .description('shows where a run is, and every sequence; of a run that has ended, how it ended');
  commonOptions(command)
    .addHelpText('after', `\nExample:\n  $ sequence-failover status failover-default --output json`)
    .action(action(status));
}

async function status(output: Output, workflowId: string, options: { showTemporal?: true }): Promise<number> {
  if (options.showTemporal) {
    output.note(temporalCommand.query(workflowId, 'status'));
    output.note(temporalCommand.query(workflowId, 'sequences'));
  }
  return withClient(async (client) => {
    const run = new FailoverRun(client, workflowId);
    const [found, rows] = [await run.status(), await run.rows()];
    const lines = [
      `phase      ${found.phase}${found.ending === null ? '' : `, ${found.ending.state}: ${printable(found.ending.message)}`}`,
      ...gateLines(found),
      ...statusLines(output, found),
      ...(rows.length === 0 ? [] : ['', ...sequenceTable(rows, 'reason')]),
    ];
    output.result(lines, { workflowId, status: found, rows });
    return EXIT.done;
  });
}
