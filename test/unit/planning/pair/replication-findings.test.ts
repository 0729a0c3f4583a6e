import { expect, it } from 'vitest';
import { replicationFindings } from '../../../../src/planning/pair/replication-findings.js';
import type { ReplicationLag } from '../../../../src/steps/subscriptions.js';

type Subscription = Parameters<typeof replicationFindings>[0][number];

const subscription: Subscription = {
  ...{ name: 's', enabled: true, slot: 's', worker: true, publications: ['p'] },
  ...{ notReady: { count: 0, tables: [] }, sequences: { count: 0, names: [] } },
} as unknown as Subscription;

const codes = (lag: Partial<ReplicationLag>) =>
  replicationFindings(
    [subscription],
    [{ slot: 's', exists: true, active: true, confirmedFlushLsn: '0/1', bytes: 0n, seconds: 0, ...lag }],
    [],
    { host: 'old.internal', port: 5432, database: 'shop' },
  ).map(({ code }) => code);

const MIB = 1024n * 1024n;

it.each([
  [16n * MIB, 10, []],
  [16n * MIB + 1n, 0, ['SUBSCRIPTION_LAG']],
  [0n, 10.1, ['SUBSCRIPTION_LAG']],
  [16n * MIB + 1n, null, ['SUBSCRIPTION_LAG']],
  [null, 10.1, ['SUBSCRIPTION_LAG']],
  [null, null, []],
])('warns of a slot that is %s bytes and %s seconds behind: %j', (bytes, seconds, found) => {
  expect(codes({ bytes, seconds })).toEqual(found);
});
