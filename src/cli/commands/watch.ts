import { setTimeout as delay } from 'node:timers/promises';
import { clearScreenDown, moveCursor } from 'node:readline';
import type { Command } from 'commander';
import stringWidth from 'string-width';
import { FailoverRun } from '../../client/failover-run.js';
import type { Status } from '../../contract/status.js';
import { phaseInWords } from '../../terminal/phase.js';
import { printable } from '../../terminal/printable.js';
import { gateLines } from '../../terminal/status-lines.js';
import { action, commonOptions } from '../action.js';
import type { Output } from '../output.js';
import { showEnding, statusLines } from '../show-ending.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

/** Milliseconds between two queries. */
const interval = 1_000;

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .argument('<workflow-id>')
    .description('shows a run until it has ended');
  commonOptions(command)
    .addHelpText(
      'after',
      `
On a terminal one screen that is kept up to date, elsewhere a line for each change, on stderr. Ends as the run does, see approve.

Example:
  $ sequence-failover watch failover-default`,
    )
    .action(action(watch));
}

async function watch(output: Output, workflowId: string, options: { showTemporal?: true }): Promise<number> {
  if (options.showTemporal) output.note(temporalCommand.query(workflowId, 'status'));
  return withClient(async (client) => {
    const run = new FailoverRun(client, workflowId);
    const show = process.stderr.isTTY && output.format === 'text' ? screen(output) : changes(output);
    for (;;) {
      const status = await run.status();
      show(status);
      if (status.phase === 'done') break;
      await delay(interval);
    }
    return showEnding(output, workflowId, await run.ending());
  });
}

/** Writes over what it wrote before. */
function screen(output: Output): (status: Status) => void {
  let height = 0;
  return (status) => {
    const room = (process.stderr.rows || 24) - 2;
    const all = screenLines(output, status);
    const lines =
      all.length <= room ? all : [...all.slice(0, room - 1), `… ${all.length - room + 1} more lines`];
    if (height > 0) moveCursor(process.stderr, 0, -height);
    clearScreenDown(process.stderr);
    process.stderr.write(`${lines.join('\n')}\n`);
    // A line that is wider than the terminal takes several of its rows.
    height = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / output.width)), 0);
  };
}

function screenLines(output: Output, status: Status): string[] {
  const { bold, dim } = output.colors;
  const tick = (done: boolean) => (done ? output.colors.green('✓') : dim('·'));
  return [
    `${bold(printable(status.pair ?? ''))}  ${phaseInWords(status.phase)}  ${dim(new Date().toISOString())}`,
    ...status.checklist.map(
      ({ item, done, at }) => `${tick(done)} ${item}${at === null ? '' : dim(`  ${at}`)}`,
    ),
    ...gateLines(status),
    ...statusLines(output, status),
  ];
}

/** One line for each change that a person would want to know of. */
function changes(output: Output): (status: Status) => void {
  let before = '';
  return ({ phase, gate, findings, counts }) => {
    const blocks = findings.filter(({ severity }) => severity === 'block').map(({ code }) => code);
    const line = [
      phaseInWords(phase),
      ...(gate === null
        ? []
        : [`gate ${gate.state}, ${gate.approvals.length} of ${gate.required} approvals`]),
      ...(counts.total === 0 ? [] : [`${counts.total} sequences, ${counts.failed} failed`]),
      ...(blocks.length === 0 ? [] : [`blocked by ${[...new Set(blocks)].join(', ')}`]),
    ].join('; ');
    if (line !== before) output.note(`${new Date().toISOString()} ${line}`);
    before = line;
  };
}
