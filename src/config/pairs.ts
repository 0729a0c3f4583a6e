import type { Secret } from './secret.js';

/** Where the record of the runs on a pair is kept: on its standby, in a database of its own, or nowhere. */
export type LedgerPlace = 'standby' | 'off' | Secret;

/** How to reach the two databases of a pair. */
export interface PairConfiguration {
  primary: Secret;
  standby: Secret;
  ledger: LedgerPlace;
  /** By which URL the other side's server reaches a side, for a subscription; absent where it is the worker's own. */
  replication?: Partial<Record<'primary' | 'standby', Secret>>;
}

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

/** Something for each pair, found by the name that runs give. */
export class Pairs<T = PairConfiguration> {
  readonly #pairs: ReadonlyMap<string, T>;

  constructor(pairs: ReadonlyMap<string, T>) {
    this.#pairs = pairs;
  }

  pairNames(): string[] {
    return [...this.#pairs.keys()];
  }

  /** @throws UnknownPairError naming the pairs that are known. */
  resolve(pair: string): T {
    const found = this.#pairs.get(pair);
    if (found === undefined) throw new UnknownPairError(pair, this.pairNames());
    return found;
  }

  /** The same names with something else made of each. */
  map<U>(make: (value: T, pair: string) => U): Pairs<U> {
    return new Pairs(new Map([...this.#pairs].map(([pair, value]) => [pair, make(value, pair)])));
  }
}
