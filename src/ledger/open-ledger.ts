import type { Endpoint, Query } from '../postgres/endpoint.js';
import type { Identity, PairIdentity, RawName } from '../steps/identity.js';
import type { RecordedEvidence } from '../steps/evidence.js';
import type { CloseInput, RecordInput, RecordReport } from '../steps/page-steps.js';
import type { FenceMemory, PromotionRecord } from '../steps/promotion-steps.js';
import { readDefinitions } from './definitions.js';
import { type EarlierReadings, readEarlier } from './earlier-readings.js';
import { type LastPrimary, readEvidence, readLastPrimary } from './evidence.js';
import { inspectLedger, type LedgerState } from './inspect.js';
import type { Definitions, Ledger, LedgerOptions } from './ledger.js';
import {
  type LeftFence,
  readEarlierFence,
  readLeftFence,
  readPrediction,
  recordPromotion,
} from './promotions.js';
import { pruneRuns } from './prune.js';
import { recordRound } from './record-round.js';
import { RecordedNames } from './recorded-names.js';
import { keepsDefinitions, keepsReadings } from './schema-version.js';
import { closeRun } from './statements.js';
import { LedgerTransactions } from './transactions.js';
import { readingRemedy, whyUnavailable } from './unavailable.js';

/** The caller has to close the endpoint. */
export function openLedger(endpoint: Endpoint, options: LedgerOptions = {}): Ledger {
  return new LedgerOfEndpoint(endpoint, options);
}

class LedgerOfEndpoint implements Ledger {
  private readonly names = new RecordedNames();
  private readonly transactions: LedgerTransactions;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: LedgerOptions,
  ) {
    this.transactions = new LedgerTransactions(endpoint);
  }

  record(input: RecordInput, definitions: Definitions = new Map()): Promise<RecordReport> {
    return this.unlessUnavailable(recordRound(this.transactions, input, definitions));
  }

  async close(input: CloseInput, digest?: string): Promise<RecordReport> {
    const { identity } = input;
    const { standby } = identity;
    const { keepMs = null, onNotPruned } = this.options;
    const report = await this.unlessUnavailable(
      this.transactions.write(standby, (query) => closeRun(query, input, digest)),
    );
    if (keepMs !== null && report.unavailable === null) {
      // If the role may not delete, the old runs stay.
      await this.transactions
        .write(standby, (query) => pruneRuns(query, identity, keepMs))
        .catch((error: unknown) => onNotPruned?.(error));
    }
    return report;
  }

  recordPromotion(input: PromotionRecord, digest?: string): Promise<RecordReport> {
    const { standby } = input.identity;
    return this.unlessUnavailable(
      this.transactions.write(standby, (query) => recordPromotion(query, input, digest)),
    );
  }

  predictionOf(identity: PairIdentity): Promise<number | null> {
    return this.transactions.read(identity.standby, (query) => readPrediction(query, identity));
  }

  fenceOf(identity: PairIdentity): Promise<FenceMemory | null> {
    return this.transactions.read(identity.standby, (query) => readEarlierFence(query, identity));
  }

  leftFenceOf(identity: PairIdentity): Promise<LeftFence | null> {
    return this.transactions.read(identity.standby, (query) => readLeftFence(query, identity));
  }

  definitions(identity: PairIdentity, sequences: readonly string[]): Promise<Definitions> {
    return this.transactions.read(identity.standby, async (query): Promise<Definitions> =>
      (await keepsDefinitions(query)) ? readDefinitions(query, identity, sequences) : new Map(),
    );
  }

  readings(identity: PairIdentity, sequences: readonly string[]): Promise<EarlierReadings> {
    return this.ifKept<EarlierReadings>(identity.standby, new Map(), (query) =>
      readEarlier(query, identity, sequences),
    );
  }

  lastPrimary(pair: string, standby: Identity): Promise<LastPrimary | null> {
    return this.ifKept<LastPrimary | null>(standby, null, (query) => readLastPrimary(query, pair, standby));
  }

  recordedNames(pair: string, standby: Identity): Promise<readonly RawName[]> {
    return this.ifKept<readonly RawName[]>(standby, [], (query) => this.names.read(query, pair, standby));
  }

  evidence(
    identity: PairIdentity,
    sequences: readonly string[],
  ): Promise<ReadonlyMap<string, RecordedEvidence>> {
    return this.ifKept<ReadonlyMap<string, RecordedEvidence>>(identity.standby, new Map(), (query) =>
      readEvidence(query, identity, sequences),
    );
  }

  remedyOf(error: unknown): Promise<string> {
    return readingRemedy(this.endpoint, error);
  }

  inspect(): Promise<LedgerState> {
    return inspectLedger(this.endpoint);
  }

  /** Reads what the tables have of the primary's sequences. @returns `none` if there are no tables, or older ones without it */
  private ifKept<T>(standby: Identity, none: T, read: (query: Query) => Promise<T>): Promise<T> {
    return this.transactions.read(standby, async (query) =>
      (await keepsReadings(query)) ? read(query) : none,
    );
  }

  private async unlessUnavailable(work: Promise<number>): Promise<RecordReport> {
    try {
      return { recorded: await work, unavailable: null };
    } catch (error) {
      return { recorded: 0, unavailable: await whyUnavailable(this.endpoint, error) };
    }
  }
}
