import type { Identity, PageRange } from '../../steps/identity.js';
import { catalogLocks, type Endpoint } from '../endpoint.js';
import {
  type CatalogState,
  type CatalogStateRow,
  catalogStateSql,
  serialSql,
  type StatePrice,
  toCatalogState,
} from './catalog-state.js';
import { listedSql } from './listed-sequences.js';
import type { SequenceReading } from './read-sequences.js';

/** Sequences that a worker keeps in all: about a kilobyte each. */
const SEQUENCES_KEPT = 40_000;

const defaultPrice: StatePrice = { leastSequences: 500, bytesEach: 15_000 };

interface Page {
  state: CatalogState;
  sequences: readonly SequenceReading[];
}

/**
 * What the catalogs said of pages of sequences. It is used again only while the server says that they have not changed, which takes a tenth
 * of the time of reading them. What is looked up about a feed later is kept with the feed.
 */
export class CatalogMemory {
  /** In the order of their last use. */
  readonly #pages = new Map<string, Page>();
  #kept = 0;

  constructor(private readonly price: StatePrice = defaultPrice) {}

  /** Statements that come before a read of the page's catalogs, in one message with it, so that what changes meanwhile is noticed later. */
  statements(range: PageRange): string[] {
    return [serialSql, catalogStateSql(null, listedSql(range), this.price)];
  }

  /**
   * What the catalogs say of the page now; null where they have to be read.
   *
   * @throws what the server or the connection raises
   */
  async recall(
    endpoint: Endpoint,
    expected: Identity,
    range: PageRange,
  ): Promise<readonly SequenceReading[] | null> {
    const key = keyOf(endpoint, expected, range);
    const page = this.#pages.get(key);
    if (page === undefined) return null;
    const { horizon, digest } = page.state;
    const [, rows = []] = await endpoint.read<CatalogStateRow>({ expected, locks: catalogLocks }, [
      serialSql,
      catalogStateSql(horizon, listedSql(range), this.price),
    ]);
    const now = toCatalogState(rows[0]);
    this.#forget(key);
    if (now?.digest !== digest) return null;
    this.#keep(key, page);
    return page.sequences;
  }

  /** @param answers of {@link statements}, which came before the sequences were read */
  remember(
    endpoint: Endpoint,
    expected: Identity,
    range: PageRange,
    answers: readonly (readonly CatalogStateRow[])[],
    sequences: readonly SequenceReading[],
  ): void {
    const key = keyOf(endpoint, expected, range);
    this.#forget(key);
    const state = toCatalogState(answers[1]?.[0]);
    if (state !== null) this.#keep(key, { state, sequences });
  }

  #keep(key: string, page: Page): void {
    this.#pages.set(key, page);
    this.#kept += page.sequences.length;
    for (const oldest of this.#pages.keys()) {
      if (this.#kept <= SEQUENCES_KEPT) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#kept -= this.#pages.get(key)?.sequences.length ?? 0;
    this.#pages.delete(key);
  }
}

/** One for all pairs of a worker, so that there is one limit. */
export const catalogMemory = new CatalogMemory();

function keyOf(
  { address }: Endpoint,
  { systemIdentifier, databaseOid, mark }: Identity,
  range: PageRange,
): string {
  return JSON.stringify([address, systemIdentifier, databaseOid, mark, range]);
}
