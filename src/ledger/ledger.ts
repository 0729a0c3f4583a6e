import type { LeftFence } from './promotions.js';
import type { RecordedDefinition, RecordedEvidence } from '../steps/evidence.js';
import type { FenceMemory, PromotionRecord } from '../steps/promotion-steps.js';
import type { Identity, PairIdentity, RawName } from '../steps/identity.js';
import type { CloseInput, RecordInput, RecordReport } from '../steps/page-steps.js';
import type { EarlierReadings } from './earlier-readings.js';
import type { LastPrimary } from './evidence.js';
import type { LedgerState } from './inspect.js';

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
  /** The latest definitions on record of the primary's sequences; a sequence without one is not in the map. */
  definitions(identity: PairIdentity, sequences: readonly string[]): Promise<Definitions>;
  /** Records how a promotion, or its rehearsal, ended, with the digest of its record. */
  recordPromotion(input: PromotionRecord, digest?: string): Promise<RecordReport>;
  /** The outage that the latest rehearsal of the pair predicted, in milliseconds; null without one. */
  predictionOf(identity: PairIdentity): Promise<number | null>;
  /** The settings that the fence of the latest promotion changed on the server that is the standby now; null if there is none. */
  fenceOf(identity: PairIdentity): Promise<FenceMemory | null>;
  /** The fence on the primary that the latest promotion could not lift; null if there is none. */
  leftFenceOf(identity: PairIdentity): Promise<LeftFence | null>;
  /** What to change so that the ledger can be read, with the database and the role to do it with. */
  remedyOf(error: unknown): Promise<string>;
  /** Whether a run could write the ledger now. It writes nothing. */
  inspect(): Promise<LedgerState>;
}

/** By the names of the sequences. */
export type Definitions = ReadonlyMap<string, RecordedDefinition>;

/** The settings of a ledger. */
export interface LedgerOptions {
  /** How long to keep runs in the mode `sync`, in milliseconds; null means for ever. */
  keepMs?: number | null;
  /** Called if runs older than `keepMs` could not be deleted. They stay, and the next run tries again. */
  onNotPruned?: (error: unknown) => void;
}
