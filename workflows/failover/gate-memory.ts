import type { Scope } from '../../src/findings/finding-scope.js';
import type { Approval, DecidedRows, Gate, GateState } from '../../src/contract/status.js';

/** A finding that keeps the gate shut: fix it and resynchronize, or accept it by name. */
export type Block = Scope;

/** Everything the gate remembers: plain JSON, so that it survives a continue-as-new. */
export interface GateMemory {
  state: GateState;
  required: number;
  approvals: Approval[];
  refused: Gate['refused'];
  refusedCount: number;
  /** Milliseconds since the epoch; null until the gate opens for the first time. */
  deadline: number | null;
  blocks: Block[];
  /** The blocks that the approvals which opened the gate accepted. */
  accepted: Block[];
  /**
   * The warnings that stood when the gate opened, and at each recheck since. A warning that is new may be a block. Absent while the gate is
   * closed, and in a run that began before this was recorded, until it gets there.
   */
  known?: Block[];
  /** What was decided about the rows of single sequences; absent for nothing. It outlives the approval that said it. */
  decidedRows?: DecidedRows[];
  /** `approval.notBefore`, in milliseconds since the epoch; absent if an approval is acted upon at once. */
  notBefore?: number;
  /** What the approvals mean that wait for `notBefore`; absent while none are complete. */
  held?: { accepted: Block[]; decidedRows: DecidedRows[] };
  rejection: { by: string; reason: string } | null;
  resynchronizeBy: string | null;
  /** The handoff has begun: nothing stops it any more. */
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
