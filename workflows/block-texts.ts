import type { Scope } from '../src/findings/finding-scope.js';

const NAMED_AT_MOST = 10;

/** The first of them, and how many more there are. */
export function listNames(names: readonly string[]): string {
  const more = names.length - NAMED_AT_MOST;
  return names.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** By what an approver accepts all of a block. */
export function nameOf({ sequence, code }: Pick<Scope, 'sequence' | 'code'>): string {
  return sequence ?? code;
}

/** What stands, in a refusal that says what does not. */
export function standingText(blocks: readonly Scope[]): string {
  return blocks.length === 0
    ? 'no block stands, leave accept out'
    : `what stands is ${listNames(blocks.map((block) => JSON.stringify(nameOf(block))))}`;
}
