import type { CloseInput, PairIdentity, RecordInput, RecordReport } from '../contract/steps.js';
import type { Endpoint, Query } from '../postgres/endpoint.js';
import { type EarlierReadings, readEarlier } from './earlier-readings.js';
import { keepsReadings, migrate } from './schema-version.js';
import { abandonRuns, closeRun, recordRun, recordSequences } from './statements.js';
import { whyUnavailable } from './unavailable.js';

/**
 * The record of runs, kept in the schema `sequence_failover` of the endpoint's database, which is made when it is
 * first needed. Every method can be repeated: what is recorded already is not written again.
 *
 * What cannot heal by itself (no privilege, a read-only server, a ledger too new) comes back as `unavailable`, with
 * its remedy; what can, such as a lost connection, is thrown for Temporal to retry.
 */
export interface Ledger {
  /** Records the rows of one round, all or none. */
  record(input: RecordInput): Promise<RecordReport>;
  /** Records how a run ended, also one that recorded no round before. */
  close(input: CloseInput): Promise<RecordReport>;
  /**
   * Marks as abandoned the runs on the pair that are recorded as open although their workflows were terminated. A
   * pair is the same one when its name and one of its two databases are, so that two installations that share a
   * ledger leave each other's runs alone.
   */
  markAbandoned(identity: PairIdentity, openRunIds: readonly string[]): Promise<RecordReport>;
  /**
   * Where these sequences of the primary stood in earlier rounds of the pair. Nothing is written or made for it: a
   * ledger that does not exist yet has no readings.
   * @throws what the server or the connection raises
   */
  readings(identity: PairIdentity, sequences: readonly string[]): Promise<EarlierReadings>;
}

/** More than any transaction here takes, tables and indexes that are being created included. */
const locks = 40;

/** The endpoint stays the caller's to close. */
export function openLedger(endpoint: Endpoint): Ledger {
  const expectedOf = (identity: PairIdentity) => (endpoint.side === 'standby' ? identity.standby : null);
  const write = async (
    identity: PairIdentity,
    work: (query: Query) => Promise<number>,
  ): Promise<RecordReport> => {
    const expected = expectedOf(identity);
    try {
      const recorded = await endpoint.transaction(
        { access: 'read write', expected, locks },
        async (query) => {
          await migrate(query);
          return work(query);
        },
      );
      return { recorded, unavailable: null };
    } catch (error) {
      return { recorded: 0, unavailable: await whyUnavailable(endpoint, error) };
    }
  };
  return {
    record: async (input) => {
      // By itself: the pages of a run would wait for each other's whole transactions to write this one row.
      const run = await write(input.identity, async (query) => {
        await recordRun(query, input);
        return 0;
      });
      if (run.unavailable !== null) return run;
      return write(input.identity, async (query) => {
        await recordSequences(query, input);
        return input.rows.length;
      });
    },
    close: (input) => write(input.identity, (query) => closeRun(query, input)),
    markAbandoned: (identity, openRunIds) =>
      write(identity, (query) => abandonRuns(query, identity, openRunIds)),
    readings: (identity, sequences) =>
      endpoint.transaction(
        { access: 'read only', expected: expectedOf(identity), locks },
        async (query): Promise<EarlierReadings> =>
          (await keepsReadings(query)) ? readEarlier(query, identity, sequences) : new Map(),
      ),
  };
}
