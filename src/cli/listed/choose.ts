import type { Client } from '@temporalio/client';
import { LIST_QUERIES } from '../../client/list-workflows.js';
import { shellQuoted } from '../../contract/shell.js';
import { printable } from '../../contract/printable.js';
import type { ListedRow } from '../../terminal/workflow-list.js';
import { UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { temporalCommand } from '../temporal-command.js';
import { findOpen } from './find-open.js';

/** The commands that need no workflow ID if only one open workflow can be meant. */
export type Chooser = 'watch' | 'status' | 'approve' | 'reject' | 'resynchronize' | 'report';

/** The longest list that is offered for a choice. */
const LIMIT = 50;

const isRunOrFleet = ({ kind }: ListedRow) => kind === 'run' || kind === 'fleet';
/** If no worker answers, the mode and the phase are unknown. Such a workflow may be the one that is meant. */
const isGated = ({ mode }: ListedRow) => mode === null || mode === 'failover';
const isDecidable = (row: ListedRow) =>
  isRunOrFleet(row) && isGated(row) && row.phase !== 'done' && row.phase !== 'handing-off';

const fits: Readonly<Record<Chooser, (row: ListedRow) => boolean>> = {
  watch: () => true,
  status: () => true,
  report: () => true,
  approve: (row) => isDecidable(row) && row.heldUntil === null,
  resynchronize: (row) => isDecidable(row),
  reject: (row) => isDecidable(row) || !isRunOrFleet(row),
};

const described: Readonly<Record<Chooser, string>> = {
  ...{ watch: 'run, fleet or promotion', status: 'run, fleet or promotion' },
  ...{ report: 'run, fleet or promotion', approve: 'failover that waits for an approval' },
  ...{ resynchronize: 'failover', reject: 'failover or promotion' },
};

/**
 * The workflow ID in the command. If there is none, and only one open workflow fits the command, it is that one, and a note names it.
 *
 * @throws UsageError if no workflow or several fit; it lists them, with the commands to copy
 */
export async function chooseWorkflow(
  output: Output,
  client: Client,
  {
    command,
    workflowId,
    showTemporal,
  }: { command: Chooser; workflowId: string | undefined; showTemporal?: true | undefined },
): Promise<string> {
  if (workflowId !== undefined) return workflowId;
  if (showTemporal) output.command(temporalCommand.list(LIST_QUERIES.open, LIMIT));
  const { rows, hasMore } = await findOpen(client, { limit: LIMIT });
  const fitting = rows.filter(fits[command]);
  const [only] = fitting;
  if (only === undefined && !hasMore)
    throw new UsageError(
      `There is no open ${described[command]}. What is open: sequence-failover list; what has ended: sequence-failover list --closed`,
    );
  if (only === undefined || fitting.length > 1 || hasMore)
    throw new UsageError(
      [
        `${hasMore ? `More than ${LIMIT} workflows are` : `${fitting.length} workflows are`} open: name the one that you mean.`,
        ...fitting.map((row) => `  ${commandFor(command, row)}${printable(row.doing && `  # ${row.doing}`)}`),
      ].join('\n'),
    );
  output.note(`${printable(only.workflowId)} is the only open ${described[command]}`);
  return only.workflowId;
}

/** The command as it was typed, with the workflow ID in it. */
function commandFor(command: Chooser, { workflowId }: ListedRow): string {
  const typed = process.argv.slice(3).map(shellQuoted);
  return printable(['sequence-failover', command, shellQuoted(workflowId), ...typed].join(' '));
}
