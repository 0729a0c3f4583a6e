/** An approval that counts. */
export interface Approval {
  /** The name of the approver, as the message gave it. */
  by: string;
  /** When the run took it, in UTC. */
  at: string;
  reason: string | null;
  /** The blocks that it accepts: names of sequences, codes, or a code with the name of one thing. */
  accept: string[];
  /** Sequences whose target comes from the primary alone; their rows do not count. Absent if there are none. */
  ignoreRows?: string[];
  /** Sequences that are moved past their rows, however far. Absent if there are none. */
  raisePastRows?: string[];
}

/** A decision about the rows of a sequence, and who made it. */
export interface DecidedRows {
  /** The sequence's name, as its row shows it. */
  sequence: string;
  rows: 'ignore' | 'raise';
  by: string;
}

/** A message that changed nothing, and why. */
export interface Refusal {
  /** When the run refused it, in UTC. */
  at: string;
  /** The message's name: approve, reject, resynchronize, decide, or any other name that was sent. */
  kind: string;
  /** Null if the message has no usable name. */
  by: string | null;
  reason: string;
}

/** Whether the gate takes approvals, or how it ended. */
export type GateState = 'closed' | 'open' | 'blocked' | 'approved' | 'rejected' | 'timed-out';

/** The people who may approve, by the names that messages give in `by`. */
export interface ApproversView {
  /** `approval.from`: names, or patterns with `*`; null for anybody. */
  from: string[] | null;
  /** The requester, where `requestedBy` may not approve; else null. */
  except: string | null;
}

/** What names a block: its code, and its sequence if it is about one. */
export interface BlockName {
  code: string;
  sequence: string | null;
}

/** The gate at which a failover waits for its approvals. */
export interface Gate {
  state: GateState;
  /** The number of approvals that are needed, by different people: 1 to 20. */
  required: number;
  /** The approvals that count now. A new block, or a resynchronization, clears them. */
  approvals: Approval[];
  /** The last 50; `refusedCount` counts all. */
  refused: Refusal[];
  refusedCount: number;
  /** When the run ends as `ApprovalTimedOut`, in UTC; null until the gate has opened for the first time. */
  deadline: string | null;
  /** The blocks that an approval has to accept by name; at most 200, as in `findings`. */
  blockedBy: BlockName[];
  /** Decisions about rows beyond the targets of single sequences; absent if there are none. */
  decidedRows?: DecidedRows[];
  /** Absent if anybody may approve. */
  approvers?: ApproversView;
  /** `approval.notBefore`, in UTC: nothing is handed off before; absent if the input has none. */
  notBefore?: string;
  /** Present while the gate has all approvals and waits for `notBefore`; its state is then `open` or `blocked`. */
  heldUntil?: string;
}

/** The answer of the update `decide`, if the decision counts. */
export interface DecideAnswer {
  state: GateState;
  /** The approvals that count, this one included. */
  approvals: number;
  required: number;
  /** Present if the gate has all approvals and waits for `approval.notBefore`. */
  heldUntil?: string;
}
