import type { RecordedEvidence } from '../steps/evidence.js';
import type { FenceMemory, PromotionRecord } from '../steps/promotion-steps.js';
import type { CloseInput, Identity, PairIdentity, RecordInput, RecordReport } from '../steps/steps.js';
import type { Endpoint, Query } from '../postgres/endpoint.js';
import { classify } from '../postgres/failures/classify.js';
import { type EarlierReadings, readEarlier } from './earlier-readings.js';
import { type LastPrimary, readEvidence, readLastPrimary } from './evidence.js';
import { isUpToDate, keepsReadings, migrate, versionSql } from './schema-version.js';
import { readEarlierFence, readPrediction, recordPromotion } from './promotions.js';
import { abandonRuns, closeRun, isRecordedSql, recordRun, recordSequences } from './statements.js';
import { NotStoredError } from './not-stored.js';
import { pruneRuns } from './prune.js';
import { whyUnavailable } from './unavailable.js';

/**
 * The record of runs, kept in the schema `sequence_failover` of the endpoint's database, which is made when it is
 * first needed. Every method can be repeated: what is recorded already is not written again.
 *
 * What cannot heal by itself (no privilege, a read-only server, a ledger too new, tables that keep no rows) comes back as
 * `unavailable`, with its remedy; what can, such as a lost connection, is thrown for Temporal to retry, and so is a server that
 * is not the expected one.
 */
export interface Ledger {
  /**
   * Records the rows of one round, all or none. With its first rows a run, which holds its pair's lock, marks as abandoned
   * those earlier runs on the pair that are recorded as open: their workflows were terminated. A pair is the same one when its name
   * and one of its two databases are, so that two installations that share a ledger leave each other's runs alone.
   */
  record(input: RecordInput): Promise<RecordReport>;
  /** Records how a run ended, also one that recorded no round before. */
  close(input: CloseInput): Promise<RecordReport>;
  /**
   * Where these sequences of the primary stood in earlier rounds of the pair. Nothing is written or made for it: a
   * ledger that does not exist yet has no readings.
   * @throws what the server or the connection raises
   */
  readings(identity: PairIdentity, sequences: readonly string[]): Promise<EarlierReadings>;
  /**
   * The primary that the pair had when it was last read, with this standby; null where no run has read one. Nothing is written or made
   * for it, nor for {@link evidence}.
   */
  lastPrimary(pair: string, standby: Identity): Promise<LastPrimary | null>;
  /** What is on record of these sequences, for a run without the primary; nothing of one that no run has recorded. */
  evidence(
    identity: PairIdentity,
    sequences: readonly string[],
  ): Promise<ReadonlyMap<string, RecordedEvidence>>;
  /** Records how a promotion, or its rehearsal, ended. */
  recordPromotion(input: PromotionRecord): Promise<RecordReport>;
  /** The outage that the latest rehearsal of the pair predicted, in milliseconds; null for none. */
  predictionOf(identity: PairIdentity): Promise<number | null>;
  /** What the fence of the latest promotion has changed on the server that is the standby now; null for none. */
  fenceOf(identity: PairIdentity): Promise<FenceMemory | null>;
}

/** More than any transaction here takes, tables and indexes that are being created included. */
const locks = 40;
/** Milliseconds: a ledger that takes long shall not use up the time of the step that writes it. */
const statementTimeoutMs = 15_000;

export interface LedgerOptions {
  /** How long runs in the mode `sync` stay, in milliseconds; null: for ever. */
  keepMs?: number | null;
}

/** The endpoint stays the caller's to close. */
export function openLedger(endpoint: Endpoint, { keepMs = null }: LedgerOptions = {}): Ledger {
  const writing = (identity: PairIdentity) =>
    ({ access: 'read write', expected: expectedOf(identity), locks, statementTimeoutMs }) as const;
  const expectedOf = (identity: PairIdentity) => (endpoint.side === 'standby' ? identity.standby : null);
  const reading = <T>(identity: PairIdentity, work: (query: Query) => Promise<T>): Promise<T> =>
    endpoint.transaction({ access: 'read only', expected: expectedOf(identity), locks }, work);
  const write = (identity: PairIdentity, work: (query: Query) => Promise<number>): Promise<number> =>
    endpoint.transaction(writing(identity), async (query) => {
      await migrate(query);
      return work(query);
    });
  /** By itself: the pages of a run would wait for each other's whole transactions to write this one row. */
  const recordRunOf = (input: RecordInput) =>
    write(input.identity, async (query) => {
      await abandonRuns(query, input);
      await recordRun(query, input);
      return 0;
    });
  /** Three round trips. @throws NotMadeError where the ledger, or the run in it, has to be made first */
  const recordRowsOf = async (input: RecordInput, again = false): Promise<number> => {
    const options = { ...writing(input.identity), first: [versionSql, isRecordedSql(input)] };
    try {
      return await endpoint.transaction(options, async (query, [versions = [], runs = []]) => {
        if (!isUpToDate(versions) || runs.length === 0) throw new NotMadeError();
        await recordSequences(query, input, again);
        return input.rows.length;
      });
    } catch (error) {
      if (again || classify(error).sqlstate !== uniqueViolation) throw error;
      return recordRowsOf(input, true);
    }
  };
  const recordOf = async (input: RecordInput): Promise<number> => {
    try {
      return await recordRowsOf(input);
    } catch (error) {
      const { sqlstate } = classify(error);
      const isMade = sqlstate === null || !notThere.includes(sqlstate);
      if (isMade && !(error instanceof NotMadeError)) throw error;
    }
    await recordRunOf(input);
    try {
      return await recordRowsOf(input);
    } catch (error) {
      throw error instanceof NotMadeError ? new NotStoredError('runs') : error;
    }
  };
  const unlessUnavailable = async (work: Promise<number>): Promise<RecordReport> => {
    try {
      return { recorded: await work, unavailable: null };
    } catch (error) {
      return { recorded: 0, unavailable: await whyUnavailable(endpoint, error) };
    }
  };
  return {
    record: (input) => unlessUnavailable(recordOf(input)),
    async close(input) {
      const report = await unlessUnavailable(write(input.identity, (query) => closeRun(query, input)));
      if (keepMs !== null && report.unavailable === null) {
        const { pair } = input.identity;
        // A role that may not delete leaves the old runs where they are.
        await write(input.identity, (query) => pruneRuns(query, pair, keepMs)).catch(() => 0);
      }
      return report;
    },
    recordPromotion: (input) =>
      unlessUnavailable(write(input.identity, (query) => recordPromotion(query, input))),
    predictionOf: (identity) => reading(identity, (query) => readPrediction(query, identity)),
    fenceOf: (identity) => reading(identity, (query) => readEarlierFence(query, identity)),
    readings: (identity, sequences) =>
      endpoint.transaction(
        { access: 'read only', expected: expectedOf(identity), locks },
        async (query): Promise<EarlierReadings> =>
          (await keepsReadings(query)) ? readEarlier(query, identity, sequences) : new Map(),
      ),
    lastPrimary: (pair, standby) =>
      endpoint.transaction(
        { access: 'read only', expected: endpoint.side === 'standby' ? standby : null, locks },
        async (query) => ((await keepsReadings(query)) ? readLastPrimary(query, pair, standby) : null),
      ),
    evidence: (identity, sequences) =>
      endpoint.transaction(
        { access: 'read only', expected: expectedOf(identity), locks },
        async (query): Promise<ReadonlyMap<string, RecordedEvidence>> =>
          (await keepsReadings(query)) ? readEvidence(query, identity, sequences) : new Map(),
      ),
  };
}

class NotMadeError extends Error {
  override readonly name = 'NotMadeError';

  constructor() {
    super('The run is not in the ledger, or its tables are of an older version.');
  }
}

/** An activity is repeated. */
const uniqueViolation = '23505';
/** undefined_table, invalid_schema_name, and insufficient_privilege, which whoever makes it explains. */
const notThere = ['42P01', '3F000', '42501'];
