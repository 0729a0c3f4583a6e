import { listFirst } from '../src/contract/list-first.js';
import { nameOf } from '../src/findings/acceptance.js';
import type { FindingIdentity } from '../src/findings/finding-identity.js';

const NAMED_AT_MOST = 10;

/** The first few names, each once, and the number of the others. */
export function listNames(names: readonly string[]): string {
  // A sequence may have two blocks, which are accepted by one name.
  return listFirst([...new Set(names)], NAMED_AT_MOST);
}

/** The first names of a message, each once and as a JSON string, and the number of the others. */
export function listQuoted(names: readonly string[]): string {
  return listNames(names.map((name) => JSON.stringify(name)));
}

/** The present blocks, for the message of a refusal. */
export function describeBlocks(blocks: readonly FindingIdentity[]): string {
  return blocks.length === 0
    ? 'there is no block, so leave accept out'
    : `the present blocks are ${listQuoted(blocks.map(nameOf))}`;
}

/** The refusal of a name that stands in both lists about rows. */
export function inBothRowsListsText(name: string): string {
  return `${JSON.stringify(name)} is named twice: name it either in ignoreRows or in raisePastRows`;
}

/** The refusal of a name that stands in `accept` and in a list about rows, or twice in one of them. */
export function inTwoListsText(name: string): string {
  return `${JSON.stringify(name)} is named twice: name it either in ignoreRows, or in raisePastRows, or, to leave the sequence where it is, in accept`;
}

/** Why the workflow of a pair could not be started: its ID is in use. */
export function runningAlreadyText(workflowId: string): string {
  return `a workflow with the ID ${workflowId} is running already; wait for it, or end it`;
}
