import type { PromotionCertificate } from '../../src/contract/promotion.js';
import type { FenceMemory, ForwardSubscription } from '../../src/steps/promotion-steps.js';
import type { ReadinessReport } from '../../src/steps/readiness.js';

/** The facts of the certificate. They become known one after the other, from the fence on. */
export interface Proof {
  fencedAt: number;
  fenceLsn: string;
  confirmedLsn: string | null;
  verificationLsn: string;
  sequences: number;
  minimumHeadroom: PromotionCertificate['minimumHeadroom'];
  openedAt: number;
}

/** Before the first step. */
export const nothingKnown = (): Facts => ({
  ...{ readiness: null, databaseLocks: [], subscriptions: [], predictedOutageMs: null, wayBackFrom: null },
  ...{ fence: null, deadline: null, certificate: null, notifies: false, digests: [], recordDigest: null },
});

/** What the steps have found out. A field is null until its step has run. */
export interface Facts {
  /** Both servers, as the first step has read them. */
  readiness: ReadinessReport | null;
  /** The standby's subscriptions to the primary. */
  subscriptions: ForwardSubscription[];
  /** The outage of the last rehearsal. */
  predictedOutageMs: number | null;
  /** Where the way back begins: `OpenedStandby` of promotion-steps.ts; null if it needs no position. */
  wayBackFrom: string | null;
  /** What the fence has changed, for the ledger. */
  fence: FenceMemory | null;
  /** When the standby has to be open, in milliseconds since 1970. */
  deadline: number | null;
  certificate: PromotionCertificate | null;
  /** Whether a worker that has read the pair has a NOTIFY_URL. */
  notifies: boolean;
  /** The workflow IDs of the locks of both databases, from right before the promotion takes them. */
  databaseLocks: string[];
  /** The digests of the records of the last round. */
  digests: string[];
  /** The digest of the whole record; null until it is written. */
  recordDigest: string | null;
}
