import { describeServer } from '../contract/describe-server.js';
import { withShortCommands } from '../terminal/short-commands.js';
import { printable } from '../contract/printable.js';
import type { Decision } from '../record/decisions.js';
import type { TimelineEntry } from '../record/timeline.js';
import { knownText } from './known-text.js';
import { shortTime } from './time.js';
import {
  type Advice,
  isFleet,
  type Observation,
  type Report,
  type ReportedDecision,
  type ReportedFinding,
  type ReportedRow,
} from './report.js';

/** A table of a report that every renderer shows in the same way. Cells have no control characters. */
export interface Section {
  title: string;
  columns: string[];
  rows: string[][];
  /** What the columns mean, where their names do not say it; absent otherwise. */
  legend?: string;
  /** The text if there are no rows. */
  none: string;
  /** Whether each row is read by itself, from its first cell to its last; absent if the rows are compared. */
  isRead?: true;
}

export const TITLES = {
  run: 'Failover report',
  fleet: 'Fleet report',
  promotion: 'Promotion report',
  'promotion-fleet': 'Report of a fleet of promotions',
} as const;

const cellText = (value: string | number | null | undefined) =>
  value == null ? '' : printable(String(value));

const timeCell = (value: string | null) => shortTime(cellText(value));

/** The configuration: names and values. */
export function configurationSection({ configuration }: Report): Section {
  const { primary, standby } = configuration;
  const server = (one: typeof primary) =>
    one && `${describeServer(one)}, system identifier ${one.systemIdentifier}`;
  const entries: [string, string | null][] = [
    ['Pair', configuration.pair],
    ['Mode', configuration.mode],
    ['Ticket', configuration.ticket],
    ['Asked for by', configuration.requestedBy],
    ['Started by (client, not authenticated)', configuration.startedByIdentity],
    ['Started by (authenticated by the server)', configuration.startedByPrincipal],
    ['Buffer', configuration.buffer === null ? null : fieldsText(configuration.buffer)],
    ['Buffer in calls of nextval', configuration.bufferCalls],
    ['Why this buffer', configuration.bufferReason],
    ['Primary', server(primary)],
    ['Standby', server(standby)],
    ['Input, as it was sent', configuration.input.map((one) => JSON.stringify(one)).join(' ')],
    ['SDK', configuration.sdks.join(', ')],
    ['Builds of workers', configuration.builds.join(', ')],
    ['Workers', configuration.workers.join(', ')],
  ];
  const rows = entries.flatMap(([name, value]) =>
    value === null || value === '' ? [] : [[name, cellText(value)]],
  );
  return { title: 'Configuration', columns: ['what', 'value'], rows, none: 'Nothing is known of it.' };
}

/** For example `preset: low`, with the names that the input has. */
function fieldsText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const one = (field: unknown) => (typeof field === 'string' ? field : JSON.stringify(field));
  return Object.entries(value)
    .map(([name, field]) => `${name}: ${one(field)}`)
    .join(', ');
}

export function timelineSection({ timeline }: Report): Section {
  const row = ({ at, until, phase, what, count, attempts, failure }: TimelineEntry) => [
    ...[timeCell(at), timeCell(until), cellText(phase), cellText(what), count > 1 ? String(count) : ''],
    ...[attempts > 1 ? String(attempts) : '', cellText(failure)],
  ];
  return {
    title: 'Timeline',
    columns: ['at', 'until', 'phase', 'what', 'steps', 'attempts', 'failure'],
    ...{ rows: timeline.map(row), none: 'Nothing happened.' },
  };
}

/** With the commands of `sequence-failover`, for a reader of the report of a run that is still open. */
export function findingsSection({ findings, workflowId }: Report): Section {
  const row = ({ severity, code, sequence, count, message, remedy, acceptedBy }: ReportedFinding) => [
    ...[
      severity,
      cellText(code),
      sequence === null ? (count > 1 ? `${count} sequences` : '') : cellText(sequence),
    ],
    ...[
      cellText(message),
      cellText(withShortCommands(remedy, { workflowId })),
      cellText(acceptedBy.join(', ')),
    ],
  ];
  return {
    title: 'Findings',
    columns: ['severity', 'code', 'sequence', 'message', 'remedy', 'accepted by'],
    ...{ rows: findings.map(row), none: 'There are no findings.' },
  };
}

export function adviceSection({ advice, kind }: Report): Section {
  const row = ({ pair, code, sequence, count, message, remedy }: Advice) => [
    ...(isFleet({ kind }) ? [cellText(pair)] : []),
    ...[cellText(sequence ?? (count > 1 ? `${count} sequences` : '')), cellText(code)],
    ...[cellText(message), cellText(remedy)],
  ];
  return {
    title: 'Advice',
    columns: [...(isFleet({ kind }) ? ['pair'] : []), 'sequence', 'code', 'message', 'remedy'],
    rows: advice.map(row),
    none: 'The findings have no advice. Where rechecks measured a rate, the proof has it, with the buffer that it suggests.',
  };
}

export function decisionsSection({ decisions }: Report): Section {
  const row = (one: ReportedDecision) => [
    ...[timeCell(one.at), cellText(one.decision), cellText(one.by), cellText(one.identity)],
    cellText(one.principal && `${one.principal.type}:${one.principal.name}`),
    ...[one.effect, cellText(one.reason), cellText(detailOf(one)), cellText(one.refusal)],
    one.known === null ? '' : cellText(knownText(one.known)),
  ];
  return {
    title: 'Decisions',
    columns: [
      ...['at', 'decision', 'by (as sent)', 'client', 'authenticated as', 'effect', 'reason'],
      ...['accepts', 'why it was refused', 'known then'],
    ],
    ...{ rows: decisions.map(row), none: 'Nobody sent a message.', isRead: true },
  };
}

function detailOf({ accept, ignoreRows, raisePastRows, pairs, sender }: Decision): string {
  const parts: [string, readonly string[]][] = [
    ['', accept],
    ['ignore rows of ', ignoreRows],
    ['raise past rows of ', raisePastRows],
    ['for the pairs ', pairs ?? []],
    ['passed on by ', sender === null ? [] : [sender.workflowId]],
  ];
  return parts
    .flatMap(([title, names]) => (names.length === 0 ? [] : [`${title}${names.join(', ')}`]))
    .join('; ');
}

export function waitingSection({ waiting }: Pick<Report, 'waiting'>): Section {
  const row = ({ at, sequence, calls, behind }: Observation) => [
    ...[timeCell(at), cellText(calls), cellText(sequence), String(behind)],
  ];
  return {
    title: 'Headroom at the rechecks',
    columns: ['at', 'least headroom', 'on', 'topped up'],
    ...{ rows: waiting.map(row), none: 'No recheck was made.' },
  };
}

export function membersSection({ members, proof }: Report): Section {
  const row = (one: Report) => [
    ...[
      cellText(one.configuration.pair),
      cellText(one.workflowId),
      one.state,
      cellText(one.outcome ?? one.failure?.type),
    ],
    ...[cellText(one.failure?.message), String(one.sequences.filter(({ last }) => last).length)],
  ];
  return {
    title: 'Pairs',
    columns: ['pair', 'workflow', 'state', 'outcome', 'failure', 'sequences'],
    rows: members.map(row),
    none:
      proof.missing.length === 0
        ? 'Nothing was started.'
        : 'The histories of the pairs are missing; the warnings at the top name them.',
  };
}

const sequenceColumns: [string, (row: ReportedRow) => string | number | null | undefined][] = [
  ['sequence', (row) => row.sequence],
  ['round', (row) => row.round],
  ['primary next', (row) => row.primaryNext],
  ['old value', (row) => row.standbyBefore],
  ['target', (row) => row.target],
  ['new value', (row) => row.standbyNext],
  ['buffer', (row) => row.buffer],
  ['headroom', (row) => row.headroom],
  ['outcome', (row) => row.outcome],
  ['reason', (row) => row.reason],
  ['evidence', evidenceText],
];

const SEQUENCES_LEGEND =
  'Each value is what the next call of nextval returns: “primary next” on the primary, “old value” on the standby before the round, ' +
  '“new value” on the standby after it. The headroom is by how many calls of nextval the standby was ahead of the primary.';

const PRESUMED_LEGEND =
  'The primary was lost, so nobody could read it: “primary next” is presumed, from the evidence, and so is the headroom.';

/** In a fleet, the first column is the pair. Only a run without the primary has evidence. */
export function sequencesSection({ kind, sequences }: Report): Section {
  const hasEvidence = sequences.some(({ evidence }) => evidence !== undefined);
  const columns: typeof sequenceColumns = [
    ...(isFleet({ kind }) ? ([['pair', (row) => row.pair]] satisfies typeof sequenceColumns) : []),
    ...sequenceColumns.filter(([name]) => name !== 'evidence' || hasEvidence),
  ];
  return {
    title: 'Sequences',
    legend: hasEvidence ? `${SEQUENCES_LEGEND} ${PRESUMED_LEGEND}` : SEQUENCES_LEGEND,
    columns: columns.map(([name]) => name),
    rows: failedFirst(sequences).map((row) => columns.map(([, cell]) => cellText(cell(row)))),
    none: 'There are no sequences in this history.',
  };
}

/** The sequences that failed in the end, and then all others, each in the order of the record. */
export function failedFirst(sequences: readonly ReportedRow[]): ReportedRow[] {
  const hasFailed = ({ last, outcome }: ReportedRow) => last && outcome === 'failed';
  return [...sequences.filter(hasFailed), ...sequences.filter((row) => !hasFailed(row))];
}

function evidenceText({ evidence, evidenceAt, evidenceAge, presumed }: ReportedRow): string | null {
  if (evidence === undefined) return null;
  const age = evidenceAge === undefined ? '' : `, ${evidenceAge} s old`;
  const calls = presumed === undefined ? '' : `, ${presumed} calls presumed since`;
  return `${evidence}${evidenceAt === undefined ? '' : ` of ${evidenceAt}`}${age}${calls}`;
}
