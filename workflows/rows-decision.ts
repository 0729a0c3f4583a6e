import { digest } from '../src/steps/digest.js';
import { type FindingIdentity, thingsOf } from '../src/findings/finding-identity.js';
import type { RowsNames } from '../src/contract/messages.js';
import type { Approval, DecidedRows } from '../src/contract/gate.js';
import { describeBlocks, inBothRowsListsText, listQuoted } from './refusal-texts.js';

/** At most this many decisions by name in one run, since each continue-as-new carries them. Patterns in the run's input can decide about more. */
const DECIDED_AT_MOST = 500;

/** The decisions about rows in one message: its lists `ignoreRows` and `raisePastRows`. */
export class RowsDecision {
  private readonly choices = new Map<string, DecidedRows['rows']>();
  private readonly digests: ReadonlySet<string>;

  constructor({ ignoreRows = [], raisePastRows = [] }: RowsNames) {
    for (const name of ignoreRows) this.choices.set(name, 'ignore');
    for (const name of raisePastRows) this.choices.set(name, 'raise');
    this.digests = new Set([...this.choices.keys()].map(digest));
  }

  /** Whether the message decides about everything that a block is about. Such a block is resolved, not accepted. */
  covers(block: FindingIdentity): boolean {
    if (block.code !== 'OUTLIER_DATA') return false;
    if (block.sequence !== null) return this.choices.has(block.sequence);
    return thingsOf(block)?.every((thing) => this.digests.has(thing)) === true;
  }

  /** The names that no block `OUTLIER_DATA` is about, and about which nothing was decided before. */
  unknown(blocks: readonly FindingIdentity[], decided: readonly DecidedRows[]): string[] {
    const known = new Set(decided.map(({ sequence }) => sequence));
    const things = new Set<string>();
    for (const block of blocks) {
      if (block.code !== 'OUTLIER_DATA') continue;
      if (block.sequence !== null) known.add(block.sequence);
      for (const thing of thingsOf(block) ?? []) things.add(thing);
    }
    return [...this.choices.keys()].filter((name) => !known.has(name) && !things.has(digest(name)));
  }

  /** A sequence about which the two decide differently; null if they agree. */
  contradicts(other: RowsDecision): string | null {
    for (const name of new Set([...this.choices.keys(), ...other.choices.keys()]))
      if (this.choices.get(name) !== other.choices.get(name)) return name;
    return null;
  }

  /** The earlier decisions with these added; the later decision about a sequence counts. Null if that is more than a run carries. */
  addTo(decided: readonly DecidedRows[], by: string): DecidedRows[] | null {
    const others = decided.filter(({ sequence }) => !this.choices.has(sequence));
    const all = [...others, ...Array.from(this.choices, ([sequence, rows]) => ({ sequence, rows, by }))];
    return all.length > DECIDED_AT_MOST ? null : all;
  }
}

/** @returns all decisions about rows, the earlier ones and those of the message; or why the message is refused */
export function decideRows(
  { by, ...names }: RowsNames & { by: string },
  { blocks, decidedRows = [] }: { blocks: readonly FindingIdentity[]; decidedRows?: readonly DecidedRows[] },
): DecidedRows[] | string {
  const { ignoreRows = [], raisePastRows = [] } = names;
  const both = ignoreRows.find((name) => raisePastRows.includes(name));
  if (both !== undefined) return inBothRowsListsText(both);
  const rows = new RowsDecision(names);
  const unknown = rows.unknown(blocks, decidedRows);
  if (unknown.length > 0)
    return `no block OUTLIER_DATA is about ${listQuoted(unknown)}, so there is nothing to decide about its rows; ${describeBlocks(blocks)}`;
  return (
    rows.addTo(decidedRows, by) ??
    `a run decides about the rows of at most ${DECIDED_AT_MOST} sequences by name: start it again with overrides by pattern`
  );
}

/** Whether a message decides about rows. */
export function decidesRows({ ignoreRows, raisePastRows }: RowsNames): boolean {
  return ignoreRows !== undefined || raisePastRows !== undefined;
}

/** @returns a name that an approval has twice in its lists; null if there is none */
export function repeatedName({ accept, ignoreRows = [], raisePastRows = [] }: Approval): string | null {
  const seen = new Set<string>();
  for (const name of [...accept.map(thingOf), ...ignoreRows, ...raisePastRows]) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

/** `OUTLIER_DATA public.orders_id_seq` accepts the same block as the name of the sequence alone. */
function thingOf(entry: string): string {
  return entry.replace(/^OUTLIER_DATA /u, '');
}
