import type { Endpoint, Query, Work } from '../postgres/endpoint.js';
import type { Identity } from '../steps/identity.js';
import { migrate } from './schema-version.js';

/** More locks than any transaction here takes, including those for creating tables and indexes. */
const LOCKS = 40;
/** A slow ledger must not use up the time of the step that writes it. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * The transactions of a ledger. `standby` is the identity of the pair's standby: if the ledger is there, each transaction checks that the
 * session leads to it.
 */
export class LedgerTransactions {
  constructor(private readonly endpoint: Endpoint) {}

  /** Creates nothing. */
  read<T>(standby: Identity, work: (query: Query) => Promise<T>): Promise<T> {
    return this.endpoint.transaction({ access: 'read only', ...this.optionsFor(standby) }, work);
  }

  /** Creates the tables first, or migrates those of an older version. */
  write(standby: Identity, work: (query: Query) => Promise<number>): Promise<number> {
    return this.writeAsItIs(standby, [], async (query) => {
      await migrate(query);
      return work(query);
    });
  }

  /**
   * Writes without checking the tables first, which saves round trips.
   *
   * @param first statements whose rows the work receives, see `TransactionOptions.first`
   */
  writeAsItIs(standby: Identity, first: readonly string[], work: Work<number>): Promise<number> {
    return this.endpoint.transaction(
      {
        access: 'read write',
        ...this.optionsFor(standby),
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        first,
      },
      work,
    );
  }

  private optionsFor(standby: Identity): { expected: Identity | null; locks: number } {
    return { expected: this.endpoint.side === 'standby' ? standby : null, locks: LOCKS };
  }
}
