import { digestOf } from '../../src/hash/sha256.js';
import { underWay } from '../../src/ledger/promotions.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { readLedger } from '../read-ledger.js';
import { pairOf } from './pair-of.js';

/** Writes the ledger's row of a promotion, with its certificate and what its fence has changed. */
export function recordPromotion(dependencies: Dependencies): PromotionActivities['recordPromotion'] {
  return async (input) => {
    const { ledger } = pairOf(dependencies, input.identity);
    return onSide('ledger', async () => {
      const digest = digestOf(input);
      const report = (await ledger?.recordPromotion(input, digest)) ?? { recorded: 0, unavailable: null };
      return { ...report, digest };
    });
  };
}

/** Writes the ledger's row of a promotion before its fence. */
export function recordFence(dependencies: Dependencies): PromotionActivities['recordFence'] {
  return async (input) => {
    const { ledger } = pairOf(dependencies, input.identity);
    const row = { ...input, state: 'unfinished', outcome: underWay, certificate: null } as const;
    return onSide('ledger', async () =>
      ledger === null ? { recorded: 0, unavailable: null } : ledger.recordPromotion(row),
    );
  };
}

/** Reads the outage that the latest rehearsal predicted; null if the ledger cannot be read, which is logged. */
export function readPrediction(dependencies: Dependencies): PromotionActivities['readPrediction'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const { ledger } = pairOf(dependencies, identity);
      return ledger === null
        ? null
        : readLedger(
            () => ledger.predictionOf(identity),
            () => null,
          );
    });
}
