import type { RecordedDefinition, RecordedEvidence } from '../steps/evidence.js';
import type { FenceMemory, PromotionRecord } from '../steps/promotion-steps.js';
import type { Identity, PairIdentity, RawName } from '../steps/identity.js';
import type { CloseInput, RecordInput, RecordReport } from '../steps/page-steps.js';
import type { Endpoint, Query } from '../postgres/endpoint.js';
import { classify } from '../postgres/failures/classify.js';
import { type EarlierReadings, readEarlier } from './earlier-readings.js';
import { readDefinitions } from './definitions.js';
import { type LastPrimary, readEvidence, readLastPrimary } from './evidence.js';
import { inspectLedger, type LedgerState } from './inspect.js';
import { RecordedNames } from './recorded-names.js';
import { isUpToDate, keepsDefinitions, keepsReadings, migrate, versionSql } from './schema-version.js';
import { readEarlierFence, readPrediction, recordPromotion } from './promotions.js';
import { abandonRuns, closeRun, isRecordedSql, recordRun, recordSequences } from './statements.js';
import { NotStoredError } from './not-stored.js';
import { pruneRuns } from './prune.js';
import { readingRemedy, whyUnavailable } from './unavailable.js';

/**
 * The record of runs, in the schema `sequence_failover` of the endpoint's database. The schema is created when it is first
 * needed. Every method can be repeated: rows that are recorded already are not written again.
 *
 * A permanent error (a missing privilege, a read-only server, a ledger of a newer version, tables that do not keep rows) is
 * returned as `unavailable`, with its remedy. A transient error, such as a lost connection, is thrown, so that Temporal retries.
 * It is also thrown if the server is not the expected one.
 */
export interface Ledger {
  /**
   * Records the rows of one round, all or none. With its first rows, a run marks earlier runs on the pair that are recorded as
   * open as abandoned: this run holds the pair's lock, so their workflows were terminated. Two pairs are the same if their name
   * and one of their databases are the same, so that two installations can share a ledger without changing each other's runs.
   *
   * @param definitions of the primary's sequences, by their names, as far as they are known
   */
  record(input: RecordInput, definitions?: Definitions): Promise<RecordReport>;
  /**
   * Records how a run ended, also if the run has recorded no round.
   * @param digest of its record
   */
  close(input: CloseInput, digest?: string): Promise<RecordReport>;
  /**
   * The positions of these sequences on the primary in earlier rounds of the pair. It writes nothing and creates nothing: a
   * ledger that does not exist yet has no readings.
   * @throws the error of the server or the connection
   */
  readings(identity: PairIdentity, sequences: readonly string[]): Promise<EarlierReadings>;
  /**
   * The primary of the pair when it was last read, with this standby; null if no run has read one. Like {@link evidence}, it writes and
   * creates nothing.
   */
  lastPrimary(pair: string, standby: Identity): Promise<LastPrimary | null>;
  /** The sequences that the run of {@link lastPrimary} found on the primary and had not skipped in the end, in the order of `compareNames`. They are kept for a while, for all pages of a round. */
  recordedNames(pair: string, standby: Identity): Promise<readonly RawName[]>;
  /** The evidence about these sequences, for a run without the primary. Sequences that no run has recorded are left out. */
  evidence(
    identity: PairIdentity,
    sequences: readonly string[],
  ): Promise<ReadonlyMap<string, RecordedEvidence>>;
  /** The latest definitions on record of the primary's sequences; nothing of one that has none on record. */
  definitions(identity: PairIdentity, sequences: readonly string[]): Promise<Definitions>;
  /** Records how a promotion, or its rehearsal, ended, with the digest of its record. */
  recordPromotion(input: PromotionRecord, digest?: string): Promise<RecordReport>;
  /** The outage that the latest rehearsal of the pair predicted, in milliseconds; null without one. */
  predictionOf(identity: PairIdentity): Promise<number | null>;
  /** The settings that the fence of the latest promotion changed on the server that is the standby now; null if there is none. */
  fenceOf(identity: PairIdentity): Promise<FenceMemory | null>;
  /** What to change so that the ledger can be read, with the database and the role to do it with. */
  remedyOf(error: unknown): Promise<string>;
  /** Whether a run could write the ledger now. It writes nothing. */
  inspect(): Promise<LedgerState>;
}

/** By the names of the sequences. */
type Definitions = ReadonlyMap<string, RecordedDefinition>;

/** More locks than any transaction here takes, including those for creating tables and indexes. */
const locks = 40;
/** Milliseconds. A slow ledger must not use up the time of the step that writes it. */
const statementTimeoutMs = 15_000;

/** The settings of a ledger. */
export interface LedgerOptions {
  /** How long to keep runs in the mode `sync`, in milliseconds; null means for ever. */
  keepMs?: number | null;
}

/** The caller has to close the endpoint. */
export function openLedger(endpoint: Endpoint, { keepMs = null }: LedgerOptions = {}): Ledger {
  const names = new RecordedNames();
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
  /** In its own transaction. Otherwise the pages of a run, which all write this row, would wait for each other's whole transactions. */
  const recordRunOf = (input: RecordInput) =>
    write(input.identity, async (query) => {
      await abandonRuns(query, input);
      await recordRun(query, input);
      return 0;
    });
  /** Three round trips. @throws NotMadeError if the ledger, or the run in it, has to be created first */
  const recordRowsOf = async (
    input: RecordInput,
    definitions: Definitions,
    isRetry = false,
  ): Promise<number> => {
    const options = { ...writing(input.identity), first: [versionSql, isRecordedSql(input)] };
    try {
      return await endpoint.transaction(options, async (query, [versions = [], runs = []]) => {
        if (!isUpToDate(versions) || runs.length === 0) throw new NotInLedgerError();
        await recordSequences(query, input, definitions, isRetry);
        return input.rows.length;
      });
    } catch (error) {
      if (isRetry || classify(error).sqlstate !== uniqueViolation) throw error;
      return recordRowsOf(input, definitions, true);
    }
  };
  const recordOf = async (input: RecordInput, definitions: Definitions): Promise<number> => {
    try {
      return await recordRowsOf(input, definitions);
    } catch (error) {
      const { sqlstate } = classify(error);
      const isMade = sqlstate === null || !ledgerMissing.includes(sqlstate);
      if (isMade && !(error instanceof NotInLedgerError)) throw error;
    }
    await recordRunOf(input);
    try {
      return await recordRowsOf(input, definitions);
    } catch (error) {
      throw error instanceof NotInLedgerError ? new NotStoredError('runs') : error;
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
    record: (input, definitions = new Map()) => unlessUnavailable(recordOf(input, definitions)),
    async close(input, digest) {
      const report = await unlessUnavailable(
        write(input.identity, (query) => closeRun(query, input, digest)),
      );
      if (keepMs !== null && report.unavailable === null) {
        const { pair } = input.identity;
        // If the role may not delete, the old runs stay.
        await write(input.identity, (query) => pruneRuns(query, pair, keepMs)).catch(() => 0);
      }
      return report;
    },
    recordPromotion: (input, digest) =>
      unlessUnavailable(write(input.identity, (query) => recordPromotion(query, input, digest))),
    predictionOf: (identity) => reading(identity, (query) => readPrediction(query, identity)),
    fenceOf: (identity) => reading(identity, (query) => readEarlierFence(query, identity)),
    definitions: (identity, sequences) =>
      reading(identity, async (query): Promise<Definitions> =>
        (await keepsDefinitions(query)) ? readDefinitions(query, identity, sequences) : new Map(),
      ),
    remedyOf: (error) => readingRemedy(endpoint, error),
    inspect: () => inspectLedger(endpoint),
    readings: (identity, sequences) =>
      reading(identity, async (query): Promise<EarlierReadings> =>
        (await keepsReadings(query)) ? readEarlier(query, identity, sequences) : new Map(),
      ),
    lastPrimary: (pair, standby) =>
      endpoint.transaction(
        { access: 'read only', expected: endpoint.side === 'standby' ? standby : null, locks },
        async (query) => ((await keepsReadings(query)) ? readLastPrimary(query, pair, standby) : null),
      ),
    recordedNames: (pair, standby) =>
      endpoint.transaction(
        { access: 'read only', expected: endpoint.side === 'standby' ? standby : null, locks },
        async (query) => ((await keepsReadings(query)) ? names.read(query, pair, standby) : []),
      ),
    evidence: (identity, sequences) =>
      reading(identity, async (query): Promise<ReadonlyMap<string, RecordedEvidence>> =>
        (await keepsReadings(query)) ? readEvidence(query, identity, sequences) : new Map(),
      ),
  };
}

class NotInLedgerError extends Error {
  override readonly name = 'NotMadeError';

  constructor() {
    super('The run is not in the ledger, or its tables are of an older version.');
  }
}

/** The activity is a retry. */
const uniqueViolation = '23505';
/** undefined_table, invalid_schema_name and insufficient_privilege. For the last one, the attempt to create the ledger gives the reason. */
const ledgerMissing = ['42P01', '3F000', '42501'];
