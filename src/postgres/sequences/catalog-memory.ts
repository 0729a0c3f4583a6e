import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Identity, PageRange } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import {
  type CatalogState,
  type CatalogStateRow,
  catalogStateSql,
  noParallelWorkersSql,
  type CheckLimits,
  toCatalogState,
} from './catalog-state.js';
import { listedSql } from './listed-sequences.js';
import type { SequenceReading } from './sequence-reading.js';

/** A worker keeps the catalog rows of at most this many sequences. Each takes about a kilobyte. */
const SEQUENCES_KEPT = 40_000;

const defaultLimits: CheckLimits = { leastSequences: 500, bytesEach: 15_000 };

interface Page {
  state: CatalogState;
  sequences: readonly SequenceReading[];
}

/** A check of the catalogs that is sent in the next turn of the event loop. */
interface Check {
  pages: Page[];
  /** The present state; null if something is newer than the horizon of one of the pages. */
  state: Promise<CatalogState | null>;
}

/**
 * The catalog rows of pages of sequences. They are used again only if the server shows that its catalogs have not changed, which takes a tenth
 * of the time of reading them. Facts that are read later about a feed are kept with the feed.
 */
export class CatalogMemory {
  /** Ordered by their last use. */
  readonly #pages = new Map<string, Page>();
  #kept = 0;
  /** By the `pool` of the endpoint. */
  readonly #checks = new Map<object, Check>();

  constructor(private readonly limits: CheckLimits = defaultLimits) {}

  /** Statements that go before the read of the page's catalogs, in the same message, so that a change in between is noticed later. */
  statements(range: PageRange): string[] {
    return [
      noParallelWorkersSql,
      catalogStateSql(null, `(SELECT count(*) FROM (${listedSql(range)}) listed)`, this.limits),
    ];
  }

  /**
   * The catalog rows of the page, if they are still valid; null if they have to be read. One check stands for all pages of a database that are
   * asked for in the same turn of the event loop.
   *
   * @throws the errors of the server and the connection
   */
  async recall(
    endpoint: Endpoint,
    expected: Identity,
    range: PageRange,
  ): Promise<readonly SequenceReading[] | null> {
    const key = keyOf(endpoint, expected, range);
    const page = this.#pages.get(key);
    if (page === undefined) return null;
    const now = await this.#check(endpoint, expected, page);
    this.#forget(key);
    if (now?.digest !== page.state.digest) return null;
    this.#keep(key, page);
    return page.sequences;
  }

  #check(endpoint: Endpoint, expected: Identity, page: Page): Promise<CatalogState | null> {
    const { pool } = endpoint;
    const waiting = this.#checks.get(pool);
    if (waiting !== undefined) {
      waiting.pages.push(page);
      return waiting.state;
    }
    const pages = [page];
    const state = nextTurn().then(() => {
      this.#checks.delete(pool);
      return this.#readState(endpoint, expected, pages);
    });
    this.#checks.set(pool, { pages, state });
    return state;
  }

  async #readState(
    endpoint: Endpoint,
    expected: Identity,
    pages: readonly Page[],
  ): Promise<CatalogState | null> {
    const oldest = pages
      .map(({ state }) => BigInt(state.horizon))
      .reduce((one, other) => (other < one ? other : one));
    const sequences = pages.reduce((sum, page) => sum + page.sequences.length, 0);
    const [, rows = []] = await endpoint.read<CatalogStateRow>({ expected, locks: CATALOG_LOCKS }, [
      noParallelWorkersSql,
      catalogStateSql(String(oldest), `${sequences}::int8`, this.limits),
    ]);
    return toCatalogState(rows[0]);
  }

  /**
   * Keeps the catalog rows of the page.
   *
   * @param answers the answers to {@link statements}, which ran before the sequences were read
   */
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

  /**
   * The definitions and feeds of these sequences of a database, by their quoted names, as they were last read. A sequence that is not kept
   * is missing. Nothing is compared with the server.
   */
  lastKnown(
    { address }: Endpoint,
    identity: Identity,
    names: ReadonlySet<string>,
  ): Map<string, Pick<SequenceReading, 'definition' | 'feeds'>> {
    const database = databaseKey(address, identity);
    const known = new Map<string, Pick<SequenceReading, 'definition' | 'feeds'>>();
    for (const [key, { sequences }] of this.#pages) {
      if (!key.startsWith(database)) continue;
      for (const one of sequences) if (names.has(one.sequence)) known.set(one.sequence, one);
    }
    return known;
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

/** All pairs of a worker share one memory, so that one limit holds for all. */
export const catalogMemory = new CatalogMemory();

function keyOf({ address }: Endpoint, identity: Identity, range: PageRange): string {
  return databaseKey(address, identity) + JSON.stringify(range);
}

function databaseKey(
  address: Endpoint['address'],
  { systemIdentifier, databaseOid, mark }: Identity,
): string {
  return JSON.stringify([address, systemIdentifier, databaseOid, mark]);
}
