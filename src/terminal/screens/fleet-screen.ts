import type { FleetGate, FleetRow, FleetStatus } from '../../contract/fleet-status.js';
import { plural } from '../../contract/plural.js';
import { shellQuoted } from '../../contract/shell.js';
import type { AnyFinding } from '../findings-lines.js';
import { fleetTable, mostUrgentFirst } from '../fleet-table.js';
import { labelled } from '../labelled.js';
import { fleetPhaseInWords } from '../phase.js';
import { printable } from '../../contract/printable.js';
import { withShortCommands } from '../short-commands.js';
import { describeCounts } from '../status-lines.js';
import { findingsBody } from './findings-body.js';
import { retryLines, titleLines, type WorkflowView } from './head.js';
import { type Canvas, fitScreen, ranked } from './screen.js';

export interface FleetView extends WorkflowView<FleetStatus> {
  pairs: readonly FleetRow[];
}

/** The screen of a fleet: the number of pairs in each phase, the blocks, and the pairs. Pairs that need a person come first. */
export function fleetScreen(
  { workflowId, status, pairs, retries, trouble }: FleetView,
  canvas: Canvas,
): string[] {
  const { mode, phase, ticket, requestedBy } = status;
  const head = [
    ...titleLines(
      {
        title: workflowId,
        doing: fleetPhaseInWords(phase),
        details: [
          ...[`fleet of ${plural(status.counts.total, 'pair')}`, mode, ticket],
          requestedBy === null ? null : `asked for by ${requestedBy}`,
        ],
        trouble,
      },
      canvas,
    ),
    ...ranked('detail', ['']),
    ...fleetSummaryLines(status).flatMap((line) =>
      ranked(line.startsWith('gate ') ? 'needed' : 'fact', [line]),
    ),
    ...ranked('needed', retryLines(retries, canvas)),
  ];
  const blocks = findingsBody(fleetFindings(status, workflowId), workflowId, canvas);
  return fitScreen(
    {
      head,
      body: {
        needed: blocks.needed,
        lines: (room) => {
          // The blocks come first; then the pairs get at least half of the lines, and the other findings the rest.
          const forPairs = Math.min(pairs.length + 3, Math.ceil(room / 2));
          const above = blocks.lines(Math.max(Math.min(blocks.needed, room), room - forPairs));
          return [...above, ...pairLines(pairs, room - above.length, canvas)];
        },
      },
      steps: fleetNextSteps(status, workflowId).map(printable),
    },
    canvas,
  );
}

/** The number of pairs in each phase, their endings, their sequences, their least headroom, and the gate. */
export function fleetSummaryLines(status: FleetStatus): string[] {
  const { counts, outcomes, sequences, minimumHeadroom: least, mode, gate } = status;
  const { queued, preparing, waiting, deciding, done } = counts;
  const ended = Object.entries(outcomes)
    .filter(([outcome, count]) => outcome !== 'pending' && count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`);
  return [
    ...labelled(
      'pairs',
      `${queued} queued, ${preparing} preparing, ${waiting} waiting, ${deciding} decided, ${done} ended`,
    ),
    ...labelled('ended', ended.length === 0 ? null : ended.join(', ')),
    ...labelled('sequences', sequences.total === 0 ? null : describeCounts({ counts: sequences, mode })),
    ...labelled(
      'headroom',
      least && `least: ${least.calls} calls, on ${least.sequence} of the pair ${least.pair}`,
    ),
    ...labelled('gate', gate && describeGate(gate)),
  ];
}

function describeGate({ state, decisions, attentionCount, refused }: FleetGate): string {
  const last = decisions.at(-1);
  const decided =
    last === undefined
      ? ''
      : `; last decision: ${last.kind} by ${last.by}, for ${plural(last.addressed, 'pair')}`;
  const refusal = refused.at(-1);
  const refusals = refusal === undefined ? '' : `; last refusal: ${refusal.reason}`;
  switch (state) {
    case 'closed':
      return `closed until every pair is prepared; a decision can name single pairs${decided}${refusals}`;
    case 'open':
      return `open: every pair that has not ended waits for approval${decided}${refusals}`;
    case 'blocked':
      return `blocked: ${plural(attentionCount, 'pair needs', 'pairs need')} a person${decided}${refusals}`;
    case 'decided':
      return `decided: no pair waits${decided}${refusals}`;
  }
}

/** The blocks of the pairs, each with its pair, and problems with the list of databases. */
export function fleetFindings({ gate, findings, failures }: FleetStatus, workflowId: string): AnyFinding[] {
  const blocks = gate?.attention.flatMap(({ pair, blocks: described, refused }): AnyFinding[] => [
    ...described.map(({ code, message, remedy }) => ({
      ...{ severity: 'block' as const, code: `${printable(pair)} ${code}`, message },
      remedy: withShortCommands(remedy, { workflowId, pair }),
    })),
    ...(refused === null
      ? []
      : [
          {
            ...{ severity: 'warn' as const, code: `${printable(pair)} refused a decision` },
            ...{ message: refused.reason, remedy: '' },
          },
        ]),
  ]);
  return [
    ...(blocks ?? []),
    ...findings,
    ...failures.map(({ pair, failure, message }) => ({
      ...{ severity: 'warn' as const, code: `${printable(pair)} ${failure}`, message, remedy: '' },
    })),
  ];
}

/** The next step of a person at a fleet. */
export function fleetNextSteps(
  { phase, gate }: Pick<FleetStatus, 'phase' | 'gate'>,
  workflowId: string,
): string[] {
  if (phase === 'done' || gate === null) return [];
  const command = (verb: string, pairs = '') =>
    `sequence-failover ${verb} ${shellQuoted(workflowId)} --by "$USER"${pairs}`;
  if (gate.state === 'open') return [`approve all of them: ${command('approve')}`];
  if (gate.state !== 'blocked') return [];
  return [
    `fix what blocks, then: ${command('resynchronize', pairOptions(gate))}`,
    `or see what to accept: ${command('approve')}`,
  ];
}

/** The most pairs that a command on a screen names. */
const NAMED_AT_MOST = 3;

/** Another round clears the approvals of a pair, so only the pairs that need it are named. */
function pairOptions({ attention, attentionCount }: FleetGate): string {
  const blocked = attention.filter(({ gate }) => gate === 'blocked');
  if (blocked.length > NAMED_AT_MOST || attentionCount > attention.length) return '';
  return blocked.map(({ pair }) => ` --pair ${shellQuoted(pair)}`).join('');
}

function pairLines(pairs: readonly FleetRow[], room: number, { colors }: Canvas): string[] {
  const sorted = mostUrgentFirst(pairs);
  // Above the table: an empty line, its titles and a rule.
  const fits = sorted.length + 3 <= room;
  const shown = fits ? sorted : sorted.slice(0, Math.max(0, room - 4));
  if (shown.length === 0) return [];
  const left = sorted.length - shown.length;
  return [
    '',
    ...fleetTable(shown),
    ...(left > 0 ? [colors.dim(`… ${plural(left, 'more pair')}: the terminal is not high enough`)] : []),
  ];
}
