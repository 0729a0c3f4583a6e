import { clearsItself, whyUnacceptable } from '../contract/finding-properties.js';
import { shellQuoted } from '../contract/shell.js';
import { WORKFLOW_TYPES } from '../contract/names.js';
import type { BlockName, Gate } from '../contract/gate.js';
import type { Handoff, Status } from '../contract/status.js';
import { decidedInput } from './decided-input.js';
import { keepRecord } from './last-steps.js';
import { optionsFor } from './options-for.js';
import { promoteCommand, promotionIdOf } from './promote-command.js';

type Known =
  | 'phase'
  | 'gate'
  | 'handoff'
  | 'ending'
  | 'mode'
  | 'pair'
  | 'findings'
  | 'ticket'
  | 'requestedBy'
  | 'selection';

/** The next step of a person: sentences, with commands where there are any. Empty while the run works by itself. */
export function nextSteps(status: Pick<Status, Known>, workflowId: string): string[] {
  const { phase, gate, handoff } = status;
  if (phase === 'done')
    return handoff === null ? promoteByHand(status, workflowId) : followHandoff(status, handoff);
  if (phase !== 'awaiting-approval' || gate === null) return [];
  const command = (verb: string, more = '') =>
    `sequence-failover ${verb} ${shellQuoted(workflowId)} --by "$USER"${more}`;
  if (gate.heldUntil !== undefined)
    return [`nothing; to call it off: ${command('reject', " --reason 'called off'")}`];
  if (gate.state === 'open') return [`${firstStop(status)}approve it: ${command('approve')}`];
  if (gate.state !== 'blocked') return [];
  // The run cannot go on with a primary, so there is nothing to fix.
  if (gate.blockedBy.length > 0 && gate.blockedBy.every(({ code }) => code === 'PRIMARY_LOST'))
    return [
      `make sure that the primary stays down, then approve: ${command('approve')}${acceptOptions(['PRIMARY_LOST'])}`,
    ];
  return [fix(gate, command('resynchronize')), ...accept(gate, command('approve'))];
}

/** `promote` fences the primary, so it needs one. */
const gone: readonly string[] = ['PRIMARY_LOST', 'PRIMARY_UNREACHABLE'];

/** Only `promoteStandby` fences the primary by itself. */
function firstStop({ handoff, findings }: Pick<Status, 'handoff' | 'findings'>): string {
  const isFenced = handoff?.workflowType === WORKFLOW_TYPES.promotion;
  const isGone = findings.some(({ code }) => gone.includes(code));
  return isFenced || isGone ? '' : 'stop everything that writes to the primary, then ';
}

function followHandoff({ ending }: Pick<Status, 'ending'>, handoff: Handoff): string[] {
  const { workflowType, workflowId, runId } = handoff;
  if (ending?.state !== 'completed' || runId === null) return [];
  const id = shellQuoted(workflowId);
  return workflowType === WORKFLOW_TYPES.promotion
    ? [`follow the promotion: sequence-failover watch ${id}`]
    : [`follow ${workflowType}: temporal workflow show --follow --workflow-id ${id}`];
}

/** A failover that handed off to nobody leaves the promotion to a person. */
function promoteByHand(status: Pick<Status, Known>, workflowId: string): string[] {
  const { ending, mode, pair, findings, ticket, requestedBy } = status;
  if (mode !== 'failover' || ending?.state !== 'completed') return [];
  const input = {
    ...(pair !== null && pair !== 'default' && { pair }),
    ...(ticket !== null && { ticket }),
    ...(requestedBy !== null && { requestedBy }),
  };
  const isGone = findings.some(({ code }) => gone.includes(code));
  return [
    isGone
      ? `promote the standby by hand, as ${BY_HAND} says: promoteStandby needs the primary`
      : `promote the standby by your own procedure, or with: ${promotionByHand(workflowId, input, decidedInput(status))}`,
    keepRecord(workflowId),
  ];
}

/** The page that says how to promote without the primary. */
const BY_HAND = 'docs/how-to/after-the-failover.md';

/** The longest input that a person reads in the command of a promotion, in characters. A longer one is taken from the run. */
const INPUT_AT_MOST = 1_000;

function promotionByHand(runId: string, known: Record<string, string>, decided: object): string {
  return JSON.stringify(decided).length <= INPUT_AT_MOST
    ? promoteCommand({ workflowId: promotionIdOf(known), input: { ...known, ...decided } })
    : `sequence-failover promote --after ${shellQuoted(runId)}`;
}

function fix({ blockedBy }: Gate, resynchronize: string): string {
  return blockedBy.length > 0 && blockedBy.every(({ code }) => clearsItself(code))
    ? 'fix what blocks; the next recheck clears it'
    : `fix what blocks, then: ${resynchronize}`;
}

/** The most names in a command on a screen. */
const ACCEPTED_AT_MOST = 3;

function accept({ blockedBy, decidedRows }: Gate, approve: string): string[] {
  if (blockedBy.length === 0 || blockedBy.some(({ code }) => whyUnacceptable(code) !== null)) return [];
  const way = wayOn(blockedBy, decidedRows);
  return namesToAccept(blockedBy).length > ACCEPTED_AT_MOST
    ? [`or see what to accept: ${approve}`]
    : [`or ${wayOnInWords(way, 'accept')}: ${approve}${approveOptions(way)}`];
}

/** The names with which an approval goes on in spite of the blocks. */
export interface WayOn {
  accept: readonly string[];
  ignoreRows: readonly string[];
}

/**
 * How an approval can go on in spite of the blocks. Rows in the way are ignored: an acceptance of OUTLIER_DATA would leave the sequence where it
 * stands, which may be behind the primary.
 */
export function wayOn(blocks: readonly BlockName[], decided: Gate['decidedRows'] = []): WayOn {
  // Rows that block although somebody has decided to ignore them are in the way.
  const ignored = new Set(decided.filter(({ rows }) => rows === 'ignore').map(({ sequence }) => sequence));
  const isAboutRows = ({ code, sequence }: BlockName) =>
    code === 'OUTLIER_DATA' && sequence !== null && !ignored.has(sequence);
  const names = namesToAccept(blocks.filter((block) => !isAboutRows(block)));
  const rows = namesToAccept(blocks.filter(isAboutRows)).filter((name) => !names.includes(name));
  return { accept: names, ignoreRows: rows };
}

export const approveOptions = ({ accept, ignoreRows }: WayOn) =>
  `${acceptOptions(accept)}${optionsFor('ignore-rows', ignoreRows)}`;

/** What an approval does about the blocks. @param words for an acceptance */
export function wayOnInWords({ accept, ignoreRows }: WayOn, words: string): string {
  if (ignoreRows.length === 0) return words;
  const rows = 'ignore the rows beyond the sequence (or --raise-past-rows: set it past them)';
  return accept.length > 0 ? `${words}, and ${rows}` : rows;
}

/** The names with which an approval accepts the blocks, each once. */
export function namesToAccept(blocks: readonly BlockName[]): string[] {
  return [...new Set(blocks.map(({ code, sequence }) => sequence ?? code))];
}

/** ` --accept NAME` for each. */
export const acceptOptions = (names: readonly string[]) => optionsFor('accept', names);
