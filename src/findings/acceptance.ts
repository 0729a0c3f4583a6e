import { digest } from '../steps/digest.js';
import { type FindingIdentity, thingsOf } from './finding-identity.js';

/** The name by which an approver accepts a block. */
export function nameOf({ sequence, code }: Pick<FindingIdentity, 'sequence' | 'code'>): string {
  return sequence ?? code;
}

/** A finding that may come from a status, which leaves out `subject` and `things`. */
export interface ShownFinding extends FindingIdentity {
  message: string;
}

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

  /**
   * Whether an approval that counts has accepted the finding. Such an approval has named everything in every block. So where a status does not
   * say what a finding is about, one thing that its message names is enough.
   */
  coversShown(finding: ShownFinding): boolean {
    if (this.covers(finding)) return true;
    if (finding.subject !== undefined || finding.things !== undefined) return false;
    const prefix = `${finding.code} `;
    return [...this.entries].some(
      (entry) => entry.startsWith(prefix) && namesThing(finding.message, entry.slice(prefix.length)),
    );
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

/** Whether a message names the thing, and not only a longer name that contains it. */
function namesThing(message: string, thing: string): boolean {
  for (let at = message.indexOf(thing); at >= 0; at = message.indexOf(thing, at + 1)) {
    const [before, after] = [message.slice(0, at), message.slice(at + thing.length)];
    if (!/[\p{L}\p{N}_$.-]$/u.test(before) && !/^(?:[\p{L}\p{N}_$-]|\.[\p{L}\p{N}_$"])/u.test(after))
      return true;
  }
  return false;
}
