import {
  ActivityFailure,
  ApplicationFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { parsePromotionInput } from '../../../../src/contract/promotion-input.js';
import type { RunResult, Server } from '../../../../src/contract/status.js';
import type { OpeningMemory } from '../../../../src/steps/promotion-steps.js';
import type { ReadinessReport } from '../../../../src/steps/readiness.js';
import { Promotion } from '../../../../workflows/promotion/promotion.js';

const serverOf = (host: string, systemIdentifier: string): Server => ({
  ...{ host, port: 5432, database: 'shop', serverVersion: '17.0', systemIdentifier },
});

export const primary = serverOf('old.internal', '1');
export const standby = serverOf('new.internal', '2');

const identityOf = ({ systemIdentifier, database }: Server) => ({
  ...{ systemIdentifier, databaseOid: '5', database },
});

/** Both servers are ready, and nothing was found. */
export const ready: ReadinessReport = {
  identity: { pair: 'shop', primary: identityOf(primary), standby: identityOf(standby) },
  ...{ primary, standby, buffer: { calls: '100' }, calls: '100', primaryMaxConnections: 100, total: 0 },
  ...{ pages: [], findings: [], replication: [], subscriptions: { present: ['s'], toPrimary: ['s'] } },
};

export const readOnly = { database: null, roles: [] };
export const opening: OpeningMemory = { readOnly, before: null };

/** A promotion whose pair is as its first step has read it. */
export function promotionOf(input: object = {}, record: RunResult | null = null): Promotion {
  const parsed = parsePromotionInput([{ pair: 'shop', fence: { kind: 'read-only' }, ...input }]);
  if (!parsed.ok) throw new Error(parsed.message);
  const promotion = new Promotion(parsed.input, record);
  promotion.setFacts({ readiness: ready, subscriptions: [{ name: 's', slot: 's' }] });
  return promotion;
}

/** The worker did not answer in time: nobody knows whether the step has done anything. */
export const timedOut = (activity: string) =>
  failedBy(activity, new TimeoutFailure('no answer', undefined, TimeoutType.HEARTBEAT));

export const refused = (activity: string) =>
  failedBy(activity, ApplicationFailure.nonRetryable('permission denied', 'Unworkable'));

export const failedBy = (activity: string, cause: Error) =>
  new ActivityFailure(
    'Activity task failed',
    activity,
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    'worker',
    cause,
  );
