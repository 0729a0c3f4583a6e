import type { Query } from '../postgres/endpoint.js';
import { compareNames } from '../postgres/sequences/page-ranges.js';
import { partsOfName } from '../sequences/identifier.js';
import type { Identity, RawName } from '../steps/identity.js';
import { readNamesOf, readRunWithReadings } from './evidence.js';

/** In milliseconds: long enough for all pages of a round, and no longer than needed, since 100,000 names take some megabytes. */
const KEPT_MS = 120_000;

/**
 * The names of a pair's sequences on the primary, from the latest run that read it. All pages of a round ask for them, and each would read
 * 100,000 names. So they are read once and kept for a while.
 */
export class RecordedNames {
  #kept: { runId: string; names: Promise<readonly RawName[]> } | null = null;

  /** @returns the names in the order of `compareNames`; none if no run has read the primary */
  async read(query: Query, pair: string, standby: Identity): Promise<readonly RawName[]> {
    const runId = await readRunWithReadings(query, pair, standby);
    if (runId === null) return [];
    if (this.#kept?.runId === runId) return this.#kept.names;
    const kept = { runId, names: readNamesOf(query, runId).then(inOrder) };
    this.#kept = kept;
    const forget = () => {
      if (this.#kept === kept) this.#kept = null;
    };
    kept.names.catch(forget);
    setTimeout(forget, KEPT_MS).unref();
    return kept.names;
  }
}

function inOrder(sequences: readonly string[]): readonly RawName[] {
  return sequences
    .map((sequence): RawName => {
      const [schema = '', name = ''] = partsOfName(sequence);
      return [schema, name];
    })
    .sort(compareNames);
}
