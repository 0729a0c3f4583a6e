/** The one workflow ID that a run on this pair must own before it writes. */
export function lockWorkflowId(pair: string): string {
  return `${RESERVED_PREFIX}lock/${pair}`;
}

/** Workflow IDs that a handoff may not take. */
export const RESERVED_PREFIX = 'sequence-failover/';
