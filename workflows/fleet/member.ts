import { childId } from '../../src/steps/child-id.js';
import type { FleetMessage } from '../../src/contract/fleet-messages.js';
import type { DescribedBlock, FleetOutcome, FleetRow } from '../../src/contract/fleet-status.js';
import type { Counts } from '../../src/contract/status.js';

/** The sender of a rejection, and the reason. */
export interface Rejection {
  by: string;
  reason: string;
}

/** A decision that was passed on to a pair whose answer is not known yet. */
export interface PendingDecision extends Pick<Rejection, 'by'> {
  kind: FleetMessage['kind'];
  /** For a rejection: who approved the pair before, while the answer to that approval was not known either. */
  approvedBy: string | null;
}

/** The row of a pair, and what the fleet needs to run it. Only `Members` writes it. */
export interface MemberState extends FleetRow {
  /** The index of its entry in the input. */
  entry: number;
  /** The rejection to send as soon as its run takes signals, and once more if its gate opens after that. */
  rejection: Rejection | null;
  /** Whether its run has been started and takes signals. */
  started: boolean;
  /** The last decision that was passed on, until the pair reports or ends. */
  pending: PendingDecision | null;
  /** Why its run did not take the last rejection; null if it took it, or has not answered. */
  rejectionRefused: string | null;
  blocks: DescribedBlock[];
}

/** A pair of the fleet, as the other modules see it. */
export type Member = Readonly<MemberState>;

/** A decision to send to the gate of one pair. */
export interface Forward {
  pair: string;
  workflowId: string;
  kind: FleetMessage['kind'];
  argument: {
    by: string;
    reason?: string;
    accept?: string[];
    ignoreRows?: string[];
    raisePastRows?: string[];
  };
}

/** How the run of a pair ended. */
export type MemberEnding =
  | {
      outcome: Exclude<FleetOutcome, 'failed' | 'rejected' | 'cancelled' | 'pending'>;
      counts: Counts;
      minimumHeadroom: FleetRow['minimumHeadroom'];
      approvals: number;
    }
  | { outcome: 'failed' | 'rejected' | 'cancelled'; failure: string; message: string };

/** A pair of the fleet that has not been started. */
export function newMember(fleet: string, pair: string, entry: number): MemberState {
  return {
    pair,
    workflowId: childId(fleet, pair),
    entry,
    phase: 'queued',
    gate: null,
    outcome: 'pending',
    failure: null,
    message: null,
    counts: null,
    minimumHeadroom: null,
    approvals: 0,
    blockedBy: [],
    blockedCount: 0,
    refused: null,
    refusedCount: 0,
    rejection: null,
    started: false,
    pending: null,
    rejectionRefused: null,
    blocks: [],
  };
}

/** The row of a pair, without the fields that only the fleet needs. */
export function toRow(member: Member): FleetRow {
  const row: Partial<MemberState> & FleetRow = { ...member };
  delete row.entry;
  delete row.rejection;
  delete row.started;
  delete row.pending;
  delete row.rejectionRefused;
  delete row.blocks;
  return row;
}

export function toForward(
  { pair, workflowId }: FleetRow,
  kind: Forward['kind'],
  argument: Forward['argument'],
): Forward {
  const { by, ignoreRows, raisePastRows } = argument;
  const told =
    kind === 'resynchronize'
      ? {
          by,
          ...(ignoreRows === undefined ? {} : { ignoreRows }),
          ...(raisePastRows === undefined ? {} : { raisePastRows }),
        }
      : argument;
  return { pair, workflowId, kind, argument: told };
}
