import { REVERSED } from './pair-name.js';

/** The one workflow ID that a run on this pair must own before it writes, whichever way round it names the pair. */
export function lockWorkflowId(pair: string): string {
  const name = pair.startsWith(REVERSED) ? pair.slice(REVERSED.length) : pair;
  return `${RESERVED_PREFIX}lock/${name}`;
}

/** Workflow IDs that a handoff may not take. */
export const RESERVED_PREFIX = 'sequence-failover/';
