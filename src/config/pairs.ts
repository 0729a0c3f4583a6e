import type { Secret } from './secret.js';
import type { SideOfPair } from '../contract/side.js';

/** The place of a pair's ledger: its standby, the database of a URL, or none. */
export type LedgerPlace = 'standby' | 'off' | Secret;

/** The connections of the two databases of a pair, and of its ledger. */
export interface PairConfiguration {
  primary: Secret;
  standby: Secret;
  ledger: LedgerPlace;
  replication: ReplicationUrls;
}

/** The URLs by which the other side's server reaches a side, for a subscription. A side without one is reached by the worker's own URL. */
export type ReplicationUrls = Partial<Record<SideOfPair, Secret>>;

/** A run asked for a pair that this worker does not know. */
export class UnknownPairError extends Error {
  override readonly name = 'UnknownPairError';

  constructor(
    readonly pair: string,
    readonly known: readonly string[],
    advice?: string,
  ) {
    super(
      advice ??
        `This worker knows no pair ${JSON.stringify(pair.slice(0, 100))}. It knows: ${known.join(', ')}. ` +
          'Correct `pair`, or add the pair to the PAIRS_FILE of every worker and restart them.',
    );
  }
}

/** A value for each pair, by the pair's name. */
export class Pairs<T = PairConfiguration> {
  readonly #pairs: ReadonlyMap<string, T>;

  constructor(pairs: ReadonlyMap<string, T>) {
    this.#pairs = pairs;
  }

  /** The names of all pairs. */
  pairNames(): string[] {
    return [...this.#pairs.keys()];
  }

  /** @throws UnknownPairError that names the known pairs. */
  resolve(pair: string): T {
    const found = this.#pairs.get(pair);
    if (found === undefined) throw new UnknownPairError(pair, this.pairNames());
    return found;
  }

  /** The same names, each with a new value. */
  map<U>(make: (value: T, pair: string) => U): Pairs<U> {
    return new Pairs(new Map([...this.#pairs].map(([pair, value]) => [pair, make(value, pair)])));
  }
}
