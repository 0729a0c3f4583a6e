import { countRows } from '../contract/counts.js';
import { listFirst } from '../contract/list-first.js';
import { MODES, setsSequences } from '../contract/modes.js';
import { plural } from '../contract/plural.js';
import type { Counts } from '../contract/status.js';
import type { FinalStatus } from './final-status.js';
import type { Unsummarized } from './report.js';
import { shortTime } from './time.js';

/** Three sentences: who asked for the run and when, what happened to the sequences, and how the run ended. */
export function summaryOf(report: Unsummarized, final: FinalStatus): string[] {
  return [whatSentence(report), sequencesSentence(report, final), endSentence(report, final)];
}

const nouns = {
  ...{ run: 'The run', fleet: 'The fleet', promotion: 'The promotion' },
  'promotion-fleet': 'The fleet of promotions',
} as const;

function whatSentence({ kind, workflowId, configuration, startedAt, closedAt, proof }: Unsummarized): string {
  const { mode, pair, requestedBy, startedByIdentity, ticket } = configuration;
  const scope = [mode === null ? '' : `mode ${mode}`, pair === null ? '' : `pair ${pair}`].filter(
    (one) => one !== '',
  );
  const asked = requestedBy === null ? '' : `, asked for by ${requestedBy}`;
  const under = ticket === null ? '' : `, ticket ${ticket}`;
  const by =
    startedByIdentity === null || startedByIdentity === '' ? '' : ` by the client ${startedByIdentity}`;
  const last =
    proof.histories.length === 0 || closedAt === null
      ? 'and is open in this history'
      : `and closed at ${shortTime(closedAt)}`;
  return `${nouns[kind]} ${workflowId}${scope.length === 0 ? '' : ` (${scope.join(', ')})`} was started at ${shortTime(startedAt)}${by}${asked}${under}, ${last}.`;
}

function sequencesSentence(
  { kind, sequences, proof, configuration }: Unsummarized,
  final: FinalStatus,
): string {
  const known = countsOf(final);
  const counts = known ?? countLastRows(sequences);
  const isPartial = known === null && proof.missing.length > 0;
  const who = kind === 'fleet' ? 'Its runs' : kind === 'promotion-fleet' ? 'Its promotions' : 'It';
  if (isPartial && counts.total === 0)
    return 'What became of the sequences is not known: histories that would say so are missing.';
  const set = setsNothing(configuration.mode) ? 'to be set' : 'set';
  const least = proof.minimumHeadroom;
  const room =
    least === null
      ? ''
      : `; the least headroom at the last check was ${least.calls} calls of nextval, on ${least.sequence}${least.pair === undefined ? '' : ` of the pair ${least.pair}`}`;
  const presumed = sequences.some(({ evidence }) => evidence !== undefined)
    ? '; the primary was lost, so its values are presumed from evidence'
    : '';
  return (
    `${who} handled ${isPartial ? 'at least ' : ''}${plural(counts.total, 'sequence')}: ${counts.applied} ${set}, ${counts.kept} ahead already, ` +
    `${counts.skipped} skipped and ${counts.failed} failed${room}${presumed}.`
  );
}

/** A mode that this version does not know counts as one that sets. */
const setsNothing = (mode: string | null) => MODES.some((one) => one === mode && !setsSequences(one));

function countsOf({ kind, status }: FinalStatus): Counts | null {
  if (status === null || kind === 'promotion' || kind === 'promotion-fleet') return null;
  const counts = kind === 'fleet' ? status.sequences : status.counts;
  return counts.total === 0 ? null : counts;
}

/** Counts the last row of each sequence. A sequence that was set in one round and unchanged in later rounds stays `applied`. */
function countLastRows(rows: Unsummarized['sequences']): Counts {
  const set = new Set(rows.flatMap(({ outcome, sequence }) => (outcome === 'applied' ? [sequence] : [])));
  const outcomeOf = ({ outcome, sequence }: (typeof rows)[number]) =>
    outcome === 'kept' && set.has(sequence) ? 'applied' : outcome;
  return countRows(rows.filter(({ last }) => last).map((row) => ({ outcome: outcomeOf(row) })));
}

function endSentence(of: Unsummarized, final: FinalStatus): string {
  const { state, failure, closedAt, decisions } = of;
  const approved = approvalsText(final);
  const messages = `${approved === '' ? '' : `, ${approved}`}${refusedText(decisions)}`;
  switch (state) {
    case 'open':
      return `It has not ended in this history${messages}.`;
    case 'completed':
      return `It completed${completionText(of)}${messages}.`;
    case 'failed': {
      const { type = '', message = '' } = failure ?? {};
      const text = `${message.replace(/\.+$/u, '')}${messages}`;
      return `It failed${type === '' ? '' : ` as ${type}`}: ${text}${text.endsWith('…') ? '' : '.'}`;
    }
    default:
      return `It was ${state === 'timed-out' ? 'ended by a timeout' : state} at ${shortTime(closedAt ?? '')}${messages}.`;
  }
}

function completionText({ kind, outcome, members, proof }: Unsummarized): string {
  const { handoff } = proof;
  const certificate = proof.fleetCertificate ?? proof.certificate;
  return [
    outcome === null || outcome === 'completed' ? '' : ` as ${outcome}`,
    kind === 'fleet' ? membersText(members.filter((one) => one.state !== 'completed').length) : '',
    certificate === null
      ? ''
      : `, with ${outcome === 'rehearsed' ? 'a predicted outage' : 'an outage'} of ${certificate.outageMs} ms`,
    handoff === null ? '' : `, and handed off to ${handoff.workflowType} ${handoff.workflowId}`,
    handoff === null && kind === 'run' && outcome === 'handed-off' ? ', and started no promotion' : '',
  ].join('');
}

const membersText = (incomplete: number) =>
  incomplete === 0
    ? ', and so did each of its runs'
    : `, with ${plural(incomplete, 'run')} that did not complete`;

function approvalsText({ kind, status }: FinalStatus): string {
  if (status === null) return '';
  const approvals =
    kind === 'run' ? (status.gate?.approvals ?? []) : kind === 'promotion' ? status.approvals : [];
  const by = approvals.map(
    ({ by: who, at, accept }) =>
      `${who} at ${at}${accept.length === 0 ? '' : `, accepting ${listFirst(accept, 5)}`}`,
  );
  const decided = kind === 'run' ? (status.gate?.decidedRows ?? []) : [];
  const rows = decided.map(({ sequence, rows: choice }) =>
    choice === 'ignore' ? `ignoring the rows of ${sequence}` : `raising ${sequence} past its rows`,
  );
  return by.length === 0
    ? ''
    : [`approved by ${by.join(' and by ')}`, ...(rows.length === 0 ? [] : [listFirst(rows, 5)])].join(', ');
}

function refusedText(decisions: Unsummarized['decisions']): string {
  const refused = decisions.filter(({ effect }) => effect === 'refused').length;
  return refused === 0 ? '' : `; ${plural(refused, 'message')} ${refused === 1 ? 'was' : 'were'} refused`;
}
