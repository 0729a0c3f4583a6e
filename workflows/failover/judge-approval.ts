import { whyUnacceptable } from '../../src/findings/finding-catalog.js';
import type { Approval, DecidedRows } from '../../src/contract/status.js';
import { jsonBytes } from '../../src/contract/parsing/json-size.js';
import type { isSamePerson } from '../../src/contract/parsing/text.js';
import { Acceptance } from './acceptance.js';
import type { Block, GateMemory } from './gate-memory.js';
import { listNames, nameOf, standingText } from '../block-texts.js';
import { decideRows, RowsDecision, saidTwice } from '../rows-decision.js';

/** What all approvals accept, in bytes of JSON: every status and every continue-as-new carries it, and Temporal takes 2 MiB. */
const ACCEPTED_AT_MOST = 300_000;

export interface ApprovalRules {
  /** Whether two names are of one person, who counts as one approver. */
  isSame: typeof isSamePerson;
  /** False in the history of an earlier version, which took names of any length. */
  bounded: boolean;
}

/** Of each approval, in bytes of JSON. */
function roomForNames(required: number): number {
  return Math.floor(ACCEPTED_AT_MOST / required);
}

/** Whether the record has no room for the names of this approval, one of so many. */
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
      /** What is decided about rows, with what was before. */
      decided: DecidedRows[];
      /** The approvals of other people. */
      others: Approval[];
    }
  | { stands: false; reason: string };

/** Whether an approval can stand at a gate that takes approvals, with what it accepts and decides; if not, why. */
export function judgeApproval(
  approval: Approval,
  gate: Pick<GateMemory, 'required' | 'approvals' | 'blocks' | 'decidedRows'>,
  { isSame, bounded }: ApprovalRules,
): Judged {
  const { blocks, required } = gate;
  const { accept } = approval;
  if (bounded && isTooLong(approval, required)) {
    return refuse(
      `the record has room for names of ${roomForNames(required)} bytes of JSON in each of ${required} approvals: fix some of the blocks and signal resynchronize`,
    );
  }
  const acceptance = new Acceptance(accept);
  const unknown = acceptance.unknown(blocks);
  if (unknown.length > 0) {
    return refuse(
      `nothing to accept under the name ${listNames(unknown.map((entry) => JSON.stringify(entry)))}; ${standingText(blocks)}`,
    );
  }
  const rows = new RowsDecision(approval);
  const decided = decideRows(approval, gate);
  if (typeof decided === 'string') return refuse(decided);
  const twice = saidTwice(approval);
  if (twice !== null) {
    return refuse(
      `${JSON.stringify(twice)} is named twice: name it either in ignoreRows, or in raisePastRows, or, to leave it, in accept; what else stands on it is accepted by its code and its name, such as ${JSON.stringify(`FEEDS_DIFFER ${twice}`)}`,
    );
  }
  const unacceptable = blocks.filter(({ code }) => whyUnacceptable(code) !== null);
  if (unacceptable.length > 0) {
    return refuse(
      `blocked by ${listNames(unacceptable.map(describe))}, which nobody can accept, ${whyUnacceptable(unacceptable[0]?.code ?? '') ?? ''}: mend it and wait for the next recheck`,
    );
  }
  const open = blocks.filter((block) => !rows.covers(block) && !acceptance.covers(block));
  if (open.length > 0) {
    return refuse(
      `blocked by ${listNames(open.map(describe))}: fix it and signal resynchronize, or accept it by name with {"accept": [${listNames(open.map((block) => JSON.stringify(nameOf(block))))}]}${aboutRows(open)}`,
    );
  }
  const others = gate.approvals.filter(({ by }) => !isSame(by, approval.by));
  for (const other of others) {
    const name = rows.contradicts(new RowsDecision(other));
    if (name !== null) {
      return refuse(
        `${other.by} decided otherwise about the rows of ${JSON.stringify(name)}: say the same, or signal resynchronize to begin anew`,
      );
    }
  }
  return { stands: true, rows, decided, others };
}

const refuse = (reason: string): Judged => ({ stands: false, reason });

const describe = (block: Block) =>
  block.sequence === null ? block.code : `${block.code} on ${block.sequence}`;

/** The ways on that only rows have. */
function aboutRows(blocks: readonly Block[]): string {
  const names = blocks.flatMap(({ code, sequence }) =>
    code === 'OUTLIER_DATA' && sequence !== null ? [JSON.stringify(sequence)] : [],
  );
  return names.length === 0
    ? ''
    : `, or say what the rows mean with {"ignoreRows": [${listNames(names)}]} or {"raisePastRows": [${listNames(names)}]}`;
}
