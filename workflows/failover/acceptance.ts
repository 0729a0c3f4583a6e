import { digest } from '../../src/steps/digest.js';
import { type FindingIdentity, thingsOf } from '../../src/findings/finding-identity.js';
import { nameOf } from '../refusal-texts.js';

/**
 * The entries of the field `accept` of an approval. An entry is the sequence of a block or, if the block has none, its code: then it is
 * about everything in the block. Or it is the code, a space, and one thing that the block is about: `TABLES_NOT_READY public.orders`. The
 * work is proportional to the number of entries and blocks, since anybody may send an approval.
 */
export class Acceptance {
  private readonly entries: ReadonlySet<string>;
  /** The digests of the named things, by code. */
  private readonly things = new Map<string, Set<string>>();

  constructor(accept: readonly string[]) {
    this.entries = new Set(accept);
    for (const entry of accept) {
      const named = splitEntry(entry);
      if (named !== null) add(this.things, named.code, named.thing);
    }
  }

  /** Whether everything that the block is about was named. */
  covers(block: FindingIdentity): boolean {
    if (this.entries.has(nameOf(block))) return true;
    const named = this.things.get(block.code);
    if (named === undefined) return false;
    if (block.subject !== undefined && named.has(block.subject)) return true;
    return thingsOf(block)?.every((thing) => named.has(thing)) === true;
  }

  /** The entries that name nothing in these blocks. */
  unknown(blocks: readonly FindingIdentity[]): string[] {
    const names = new Set(blocks.map(nameOf));
    const things = new Map<string, Set<string>>();
    for (const { code, subject, ...scope } of blocks) {
      const known = thingsOf({ ...scope, ...(subject === undefined ? {} : { subject }) }) ?? [];
      for (const thing of known) add(things, code, thing);
      if (subject !== undefined) add(things, code, subject);
    }
    return [...this.entries].filter((entry) => {
      if (names.has(entry)) return false;
      const named = splitEntry(entry);
      return named === null || things.get(named.code)?.has(named.thing) !== true;
    });
  }
}

function splitEntry(entry: string): { code: string; thing: string } | null {
  const [, code, thing] = /^([A-Z_]+) (.+)$/su.exec(entry) ?? [];
  return code === undefined || thing === undefined ? null : { code, thing: digest(thing) };
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
