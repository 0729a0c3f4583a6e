import { REVERSED } from './pair-name.js';

/** The ID of the workflow that locks a pair, the same for both directions. A run must hold the lock before it writes to the pair. */
export function lockWorkflowId(pair: string): string {
  const name = pair.startsWith(REVERSED) ? pair.slice(REVERSED.length) : pair;
  return `${RESERVED_PREFIX}lock/${name}`;
}

/** A handoff may not use workflow IDs with this prefix. */
export const RESERVED_PREFIX = 'sequence-failover/';
