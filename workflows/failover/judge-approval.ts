import { blockText } from '../../src/contract/block-text.js';
import { whyUnacceptable } from '../../src/contract/finding-properties.js';
import type { Approval, DecidedRows } from '../../src/contract/gate.js';
import { jsonBytes } from '../../src/contract/parsing/json-size.js';
import type { isSamePerson } from '../../src/contract/parsing/text.js';
import { Acceptance, nameOf } from '../../src/findings/acceptance.js';
import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import type { GateMemory } from './gate-memory.js';
import { refusedBecause } from '../refusal.js';
import { describeBlocks, inTwoListsText, listNames, listQuoted } from '../refusal-texts.js';
import { decideRows, RowsDecision, repeatedName } from '../rows-decision.js';

/** The largest size of all names that approvals accept, in bytes of JSON. Every status and every continue-as-new carries them, and Temporal's limit is 2 MiB. */
const ACCEPTED_AT_MOST = 300_000;

export interface ApprovalRules {
  /** Whether two names belong to one person, who counts as one approver. */
  isSame: typeof isSamePerson;
  /** False in the history of an earlier version, which accepted names of any length. */
  bounded: boolean;
}

/** The room for the names in each approval, in bytes of JSON. */
function roomForNames(required: number): number {
  return Math.floor(ACCEPTED_AT_MOST / required);
}

/** Whether the names of one approval, of `required`, are too long for the record. */
export function isTooLong(
  { accept, ignoreRows = [], raisePastRows = [] }: Omit<Approval, 'at'>,
  required: number,
): boolean {
  return jsonBytes([accept, ignoreRows, raisePastRows]) > roomForNames(required);
}

type Judged =
  | {
      stands: true;
      rows: RowsDecision;
      /** All decisions about rows: the earlier ones and those of this approval. */
      decided: DecidedRows[];
      /** The approvals of other people. */
      others: Approval[];
    }
  | { stands: false; reason: string };

/** Whether an open or blocked gate can count an approval, with the decisions of the approval; if not, the reason. */
export function judgeApproval(
  approval: Approval,
  gate: Pick<GateMemory, 'required' | 'approvals' | 'blocks' | 'decidedRows'>,
  { isSame, bounded }: ApprovalRules,
): Judged {
  const { blocks, required } = gate;
  const { accept } = approval;
  if (bounded && isTooLong(approval, required)) {
    return refusedBecause(
      `this approval names too many things: the record has room for ${roomForNames(required)} bytes of names in each of ${required} approvals; accept some blocks by their code alone, or fix some and signal resynchronize`,
    );
  }
  const acceptance = new Acceptance(accept);
  const unknown = acceptance.unknown(blocks);
  if (unknown.length > 0) {
    return refusedBecause(
      `nothing to accept under the name ${listQuoted(unknown)}; ${describeBlocks(blocks)}`,
    );
  }
  const rows = new RowsDecision(approval);
  const decided = decideRows(approval, gate);
  if (typeof decided === 'string') return refusedBecause(decided);
  const twice = repeatedName(approval);
  if (twice !== null) {
    return refusedBecause(
      `${inTwoListsText(twice)}; to accept another block on it, write the code and the name, such as ${JSON.stringify(`FEEDS_DIFFER ${twice}`)}`,
    );
  }
  const unacceptable = blocks.filter(({ code }) => whyUnacceptable(code) !== null);
  if (unacceptable.length > 0) {
    return refusedBecause(
      `blocked by ${listNames(unacceptable.map(blockText))}, which nobody can accept, ${whyUnacceptable(unacceptable[0]?.code ?? '') ?? ''}: fix the cause and wait for the next recheck`,
    );
  }
  const open = blocks.filter((block) => !rows.covers(block) && !acceptance.covers(block));
  if (open.length > 0) {
    return refusedBecause(
      `blocked by ${listNames(open.map(blockText))}: fix the cause and signal resynchronize, or accept by name with {"accept": [${listQuoted(open.map(nameOf))}]}${aboutRows(open)}`,
    );
  }
  const others = gate.approvals.filter(({ by }) => !isSame(by, approval.by));
  for (const other of others) {
    const name = rows.contradicts(new RowsDecision(other));
    if (name !== null) {
      return refusedBecause(
        `${other.by} decided differently about the rows of ${JSON.stringify(name)}: decide the same, or signal resynchronize, which clears all approvals`,
      );
    }
  }
  return { stands: true, rows, decided, others };
}

/** For blocks about rows: the decisions that an approver can make instead of accepting. */
function aboutRows(blocks: readonly FindingIdentity[]): string {
  const names = blocks.flatMap(({ code, sequence }) =>
    code === 'OUTLIER_DATA' && sequence !== null ? [sequence] : [],
  );
  return names.length === 0
    ? ''
    : `, or decide about the rows with {"ignoreRows": [${listQuoted(names)}]} or {"raisePastRows": [${listQuoted(names)}]}`;
}
