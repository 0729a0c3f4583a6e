import { plural } from '../contract/plural.js';
import { shellQuoted } from '../contract/shell.js';
import { ago } from './age.js';
import type { Layout } from './findings-lines.js';
import { printable } from '../contract/printable.js';
import { type Column, textTableWithin, wrap } from './text-table.js';

/** A run, a fleet or a promotion in a list: docs/reference/commands/list.md. */
export interface ListedRow {
  workflowId: string;
  runId: string;
  kind: 'run' | 'fleet' | 'promotion' | 'promotion-fleet';
  /** Null for a fleet, or if it is unknown. */
  pair: string | null;
  /** The number of pairs of a fleet; null for other workflows, or if it is unknown. */
  pairs: number | null;
  /** Of a run and of a fleet of runs. */
  mode: string | null;
  isRehearsal: boolean;
  phase: string | null;
  /** The state of the gate. */
  gate: string | null;
  /** Present while a run has all approvals and waits for its `notBefore`. */
  heldUntil: string | null;
  ticket: string | null;
  requestedBy: string | null;
  startedAt: string;
  endedAt: string | null;
  state: 'open' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out';
  /** For a workflow that has ended: its outcome, or the type of its failure. */
  outcome: string | null;
  /** A sentence: what the workflow does, or why it failed. */
  doing: string;
  /** The next steps of a person, each a sentence with a command. */
  next: string[];
  /** Why the row has only the facts that the server knows; null if the workflow itself has answered. */
  trouble: string | null;
}

/** Some lines for each workflow: its kind and age, its state, and the next commands. */
export function openLines(rows: readonly ListedRow[], layout: Layout, now: number): string[] {
  return rows.flatMap((row, at) => {
    const details = [
      `${describeWorkflow(row)}, started ${ago(row.startedAt, now)}`,
      ...(row.requestedBy === null ? [] : [`asked for by ${row.requestedBy}`]),
      ...(row.ticket === null ? [] : [row.ticket]),
    ].join(', ');
    const doing =
      row.trouble === null ? row.doing : `${row.trouble}${row.doing && `; last known: ${row.doing}`}`;
    return [
      ...(at === 0 ? [] : ['']),
      layout.colors.bold(printable(row.workflowId)),
      ...indented(details, layout),
      ...indented(doing, layout).map((line) => (row.trouble === null ? line : layout.colors.yellow(line))),
      // Commands are not wrapped, so that they can be copied.
      ...row.next.map((step) => layout.colors.dim(`  → ${printable(step)}`)),
    ];
  });
}

function indented(text: string, { width }: Layout): string[] {
  return text === '' ? [] : wrap(printable(text), width - 2).map((line) => `  ${line}`);
}

/**
 * A line for each workflow that has ended. It ends with the arguments for `sequence-failover report`. If that is too wide for the terminal, these
 * have a line of their own, so that they can be copied.
 */
export function endedLines(rows: readonly ListedRow[], width: number): string[] {
  const columns: Column<ListedRow>[] = [
    {
      title: ['ended'],
      align: 'left',
      cell: ({ endedAt }) => (endedAt ?? '?').replace(/\.\d+Z$/u, 'Z'),
    },
    {
      title: ['outcome'],
      align: 'left',
      cell: ({ outcome, state, trouble }) =>
        printable(outcome ?? (trouble === null ? state : `${state}, unread`)),
    },
    { title: ['what'], align: 'left', cell: (row) => describeWorkflow(row, 'of') },
  ];
  const workflow = (row: ListedRow) => workflowArguments(row, rows);
  return textTableWithin(
    columns,
    { title: ['workflow'], align: 'left', cell: workflow, whole: true },
    rows,
    width,
  );
}

/** An earlier run with the same workflow ID is named with its run ID. */
function workflowArguments({ workflowId, runId }: ListedRow, rows: readonly ListedRow[]): string {
  const last = rows.find((row) => row.workflowId === workflowId);
  const id = printable(shellQuoted(workflowId));
  return last?.runId === runId ? id : `${id} ${runId}`;
}

function describeWorkflow({ kind, pair, pairs, mode, isRehearsal }: ListedRow, link = 'of the pair'): string {
  const of = pair === null ? '' : ` ${link} ${printable(pair)}`;
  const all = pairs === null ? '' : ` of ${plural(pairs, 'pair')}`;
  switch (kind) {
    case 'run':
      return `${mode ?? 'run'}${of}`;
    case 'fleet':
      return `fleet${all}${mode === null ? '' : ` (${mode})`}`;
    case 'promotion':
      return `${isRehearsal ? 'rehearsal' : 'promotion'}${of}`;
    case 'promotion-fleet':
      return `${isRehearsal ? 'rehearsal' : 'promotion'}${all || ' of a fleet'}`;
  }
}
