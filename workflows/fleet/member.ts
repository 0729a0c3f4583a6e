import { childId } from '../../src/steps/child-id.js';
import type { FleetMessage } from '../../src/contract/fleet-messages.js';
import type { DescribedBlock, FleetOutcome, FleetRow } from '../../src/contract/fleet-status.js';
import type { Counts } from '../../src/contract/status.js';

/** Who rejected, and why. */
export interface Rejection {
  by: string;
  reason: string;
}

/** A row as it is kept, and what the fleet needs to run it. */
export interface Member extends FleetRow {
  /** The index of the entry of the input that it comes from. */
  entry: number;
  /** What its gate is to be told as soon as its run takes signals, and once more should it open in spite of that. */
  rejection: Rejection | null;
  /** Whether its run has been started, and takes signals. */
  started: boolean;
  blocks: DescribedBlock[];
}

/** A decision that the gate of one pair is to be told. */
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
export function newMember(fleet: string, pair: string, entry: number): Member {
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
    blocks: [],
  };
}

/** Without what only the fleet itself needs. */
export function toRow(member: Member): FleetRow {
  const row: Partial<Member> & FleetRow = { ...member };
  delete row.entry;
  delete row.rejection;
  delete row.started;
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
