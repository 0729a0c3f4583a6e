import type { FindingIdentity } from '../src/findings/finding-identity.js';

const NAMED_AT_MOST = 10;

/** The first few names, and the number of the others. */
export function listNames(names: readonly string[]): string {
  const more = names.length - NAMED_AT_MOST;
  return names.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The name by which an approver accepts a block. */
export function nameOf({ sequence, code }: Pick<FindingIdentity, 'sequence' | 'code'>): string {
  return sequence ?? code;
}

/** The present blocks, for the message of a refusal. */
export function describeBlocks(blocks: readonly FindingIdentity[]): string {
  return blocks.length === 0
    ? 'there is no block, so leave accept out'
    : `the present blocks are ${listNames(blocks.map((block) => JSON.stringify(nameOf(block))))}`;
}
