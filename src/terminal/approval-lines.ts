import { whyUnacceptable } from '../contract/finding-properties.js';
import { isSamePerson } from '../contract/parsing/text.js';
import { plural } from '../contract/plural.js';
import type { BlockName, Gate } from '../contract/gate.js';
import type { Finding, Status } from '../contract/status.js';
import { Acceptance, nameOf } from '../findings/acceptance.js';
import { findingLines, type Layout } from './findings-lines.js';
import { labelled } from './labelled.js';
import { withShortRemedies } from './short-commands.js';
import { acceptOptions, approveOptions, wayOn, wayOnInWords } from './next-step.js';
import { printable } from '../contract/printable.js';
import { gateLines, summaryLines } from './status-lines.js';
import { wrap } from './text-table.js';
import { shellQuoted } from '../contract/shell.js';

/** The names in an approval: docs/reference/messages.md. */
export interface Accepting {
  accept?: string[];
  ignoreRows?: string[];
  raisePastRows?: string[];
}

/**
 * Whether an approval may accept a block, as far as its code and sequence show. A name may also stand for one of several things that the
 * block is about; whether it does, the run decides, which knows them all.
 */
function mayAccept(block: BlockName, accepting: Accepting): boolean {
  const { accept = [] } = accepting;
  if (whyUnacceptable(block.code) !== null) return false;
  return (
    accept.includes(nameOf(block)) ||
    accept.some((name) => name.startsWith(`${block.code} `)) ||
    decidesRows(block, accepting)
  );
}

/** Whether an approval accepts a block, by the message of its finding. */
function accepts(finding: Finding, accepting: Accepting): boolean {
  return new Acceptance(accepting.accept ?? []).coversShown(finding) || decidesRows(finding, accepting);
}

function decidesRows(
  { code, sequence }: BlockName,
  { ignoreRows = [], raisePastRows = [] }: Accepting,
): boolean {
  return code === 'OUTLIER_DATA' && sequence !== null && [...ignoreRows, ...raisePastRows].includes(sequence);
}

/** The blocks because of which an approval does not count. */
export function blocksLeft({ gate }: Status, accepting: Accepting): BlockName[] {
  return (gate?.blockedBy ?? []).filter((block) => !mayAccept(block, accepting));
}

/** The blocks of a gate, and the sequences whose rows somebody has decided about. */
interface BlocksAndRows {
  blockedBy: readonly BlockName[];
  decidedRows?: readonly { sequence: string }[];
}

/** The approval without the names that name none of the blocks that are there, and these names: the run refuses an approval with such a name. */
export function withoutUnknownNames(
  { gate }: { gate: BlocksAndRows | null },
  { accept = [], ignoreRows = [], raisePastRows = [] }: Accepting,
): { known: Required<Accepting>; unknown: string[] } {
  const blocks = gate?.blockedBy ?? [];
  const decided = new Set((gate?.decidedRows ?? []).map(({ sequence }) => sequence));
  const isKnown = (accepting: Accepting) => blocks.some((block) => mayAccept(block, accepting));
  const accepted = (name: string) => isKnown({ accept: [name] });
  const aboutRows = (name: string) => decided.has(name) || isKnown({ ignoreRows: [name] });
  return {
    known: {
      accept: accept.filter(accepted),
      ignoreRows: ignoreRows.filter(aboutRows),
      raisePastRows: raisePastRows.filter(aboutRows),
    },
    unknown: [
      ...accept.filter((name) => !accepted(name)),
      ...[...ignoreRows, ...raisePastRows].filter((name) => !aboutRows(name)),
    ],
  };
}

/** Said before a person is asked to confirm an approval that would be refused. @param approve the approval without these names */
export function unknownNamesLines(unknown: readonly string[], approve: string): string[] {
  if (unknown.length === 0) return [];
  return [
    printable(
      `No block above has the name ${unknown.join(', ')}, and an approval that names no block is refused. Without it: ${approve}`,
    ),
  ];
}

export interface ApprovalView {
  workflowId: string;
  /** Who approves. */
  by: string;
  status: Status;
  accepting: Accepting;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Everything that an approver approves now: counts, headroom, the age of the proof, the blocks to accept, and what follows. */
export function approvalLines(
  { workflowId, by, status, accepting, now }: ApprovalView,
  layout: Layout,
): string[] {
  const { pair, gate, findings } = status;
  const needed = withShortRemedies(findings, { workflowId }).filter(({ severity }) => severity === 'block');
  const others = findings.filter(({ severity }) => severity !== 'block');
  return [
    layout.colors.bold(
      `The failover of the pair ${printable(pair ?? '?')} (workflow ${printable(workflowId)})`,
    ),
    ...summaryLines(status, now),
    ...gateLines(status, now),
    ...earlierReasons(gate),
    ...needed.flatMap((finding) => [
      '',
      ...findingLines(finding, layout),
      ...acceptanceLines(finding, accepting, layout),
    ]),
    ...(others.length === 0 ? [] : ['', ...others.flatMap((finding) => shortLines(finding, layout))]),
    ...(others.length === 0
      ? []
      : [layout.colors.dim(`In full, with what to do: sequence-failover status ${shellQuoted(workflowId)}`)]),
    // Else nothing is sent.
    ...(blocksLeft(status, accepting).length > 0 ? [] : ['', ...wrap(consequence(status, by), layout.width)]),
  ];
}

function earlierReasons(gate: Gate | null): string[] {
  return (gate?.approvals ?? []).flatMap(({ by, at, reason, accept }, index) =>
    labelled(
      index === 0 ? 'approved' : '',
      `${by} at ${at}${reason === null ? '' : `: ${reason}`}${accept.length === 0 ? '' : `; accepted ${accept.join(', ')}`}`,
    ),
  );
}

/** How a block can be accepted, or what to do if it cannot. */
function acceptanceLines(finding: Finding, accepting: Accepting, { colors }: Layout): string[] {
  const { code, sequence } = finding;
  const why = whyUnacceptable(code);
  if (why !== null)
    return [colors.red(`  Nobody can accept it, ${why}: fix the cause, and the next recheck clears it`)];
  const { ignoreRows = [], raisePastRows = [] } = accepting;
  if (sequence !== null && code === 'OUTLIER_DATA' && raisePastRows.includes(sequence))
    return [colors.green('  This approval raises it past its furthest row')];
  if (sequence !== null && code === 'OUTLIER_DATA' && ignoreRows.includes(sequence))
    return [colors.green('  This approval ignores its rows: it is set as the primary asks')];
  if (accepts(finding, accepting)) return [colors.green('  This approval accepts it')];
  const name = sequence ?? code;
  const rows =
    code === 'OUTLIER_DATA' && sequence !== null
      ? `, or decide about its rows:${acceptOptions([name]).replace('--accept', '--ignore-rows')} or${acceptOptions([name]).replace('--accept', '--raise-past-rows')}`
      : '';
  return [printable(`  To accept it:${acceptOptions([name])}${rows}`)];
}

function shortLines({ severity, code, message }: Finding, { colors, width }: Layout): string[] {
  const color = severity === 'warn' ? colors.yellow : colors.cyan;
  // Both words are wrapped with the message, and coloured afterwards.
  const [first = '', ...more] = wrap(`${severity} ${code} ${printable(message)}`, width - 2);
  const title = `${severity} ${code}`;
  return [
    `${color(severity)} ${colors.bold(code)}${first.slice(title.length)}`,
    ...more.map((line) => `  ${line}`),
  ];
}

/** A sentence about the next step of the run after the approval; empty without a gate. */
function consequence({ gate, handoff }: Status, by: string): string {
  if (gate === null) return '';
  const others = gate.approvals.filter((approval) => !isSamePerson(approval.by, by)).length;
  const missing = gate.required - others - 1;
  const again =
    others === gate.approvals.length
      ? ''
      : `${printable(by)} has approved already: this approval replaces the earlier one. `;
  if (missing > 0)
    return `${again}After this approval ${missing === 1 ? '1 more is needed, by another person' : `${missing} more are needed, by other people`}.`;
  const then =
    handoff === null
      ? 'completes. It starts no promotion: promote the standby yourself'
      : `hands off to the workflow ${printable(handoff.workflowType)} (${printable(handoff.workflowId)})`;
  const when = gate.notBefore === undefined ? '' : `waits until ${gate.notBefore}, `;
  return `This is the last approval that is needed: the run ${when}verifies every sequence once more, and ${then}.`;
}

/**
 * The next step if an approval would be refused: one sentence for each way on, with its command.
 *
 * @param commands `approve` is the approval as it was given, to which the names are added that it lacks
 * @param leftOut the names that `approve` leaves out, because they name no block
 * @param decided what was decided about rows: a decision that has not removed the block is not advised again
 */
export function refusedApprovalLines(
  left: readonly BlockName[],
  { approve, resynchronize }: { approve: string; resynchronize: string },
  { leftOut = [], decided = [] }: { leftOut?: readonly string[]; decided?: Gate['decidedRows'] } = {},
): string[] {
  const unacceptable = left.filter(({ code }) => whyUnacceptable(code) !== null);
  if (unacceptable.length > 0)
    return [
      `Nothing was sent: ${unacceptable.map(({ code }) => code).join(', ')} cannot be accepted. Fix the cause; the next recheck clears it.`,
    ];
  const way = wayOn(left, decided);
  return [
    `Nothing was sent: ${plural(left.length, 'block is', 'blocks are')} not accepted by this approval.`,
    `Fix what blocks, then: ${printable(resynchronize)}`,
    ...leftOut.map((name) => printable(`No block has the name ${name}, so the next command leaves it out.`)),
    `Or ${wayOnInWords(way, 'accept by name')}: ${printable(`${approve}${approveOptions(way)}`)}`,
  ];
}
