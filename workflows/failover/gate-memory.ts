import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import type { Approval, DecidedRows, Gate, GateState } from '../../src/contract/gate.js';

/** The state of the gate: plain JSON, so that a continue-as-new can carry it. */
export interface GateMemory {
  state: GateState;
  required: number;
  approvals: Approval[];
  refused: Gate['refused'];
  refusedCount: number;
  /** Milliseconds since the epoch; null until the gate opens for the first time. */
  deadline: number | null;
  /** The findings that block the gate: fix their cause and resynchronize, or accept them by name. */
  blocks: FindingIdentity[];
  /** The blocks that the counted approvals have accepted. */
  accepted: FindingIdentity[];
  /**
   * The warnings that existed when the gate opened, and still existed at each recheck since. A new warning may be a block. Absent while the
   * gate is closed, and in a run of an older version until its gate opens again.
   */
  known?: FindingIdentity[];
  /** Whether a new STANDBY_LIMIT is a block. Absent while the gate is closed, and if an earlier version has opened it: then it is none. */
  limitsBlock?: true;
  /** The decisions about the rows of single sequences; absent if there are none. They stay when the approval that made them is cleared. */
  decidedRows?: DecidedRows[];
  /** `approval.notBefore`, in milliseconds since the epoch; absent if the last approval takes effect at once. */
  notBefore?: number;
  /** What the approvals accepted and decided; present while the gate has all of them and waits for `notBefore`. */
  held?: { accepted: FindingIdentity[]; decidedRows: DecidedRows[] };
  rejection: { by: string; reason: string } | null;
  resynchronizeBy: string | null;
  /** The handoff has begun, and can no longer be stopped. */
  sealed: boolean;
}

export function closedGate(required: number, notBefore?: number): GateMemory {
  return {
    state: 'closed',
    required,
    approvals: [],
    refused: [],
    refusedCount: 0,
    deadline: null,
    blocks: [],
    accepted: [],
    rejection: null,
    resynchronizeBy: null,
    sealed: false,
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}
