import type { PromotionFinding } from '../../src/contract/promotion.js';
import type { FencePolicy } from '../../src/contract/promotion-input.js';
import {
  grantByOthers,
  needsIdentity,
  preparedTransaction,
  primaryRights,
  primarySubscribes,
  roleCannotBeAltered,
  roleUnknown,
  standbyRights,
  subscriptionOfOthers,
  subscriptionWithoutPassword,
  superuserSession,
  tablesOfOthers,
} from '../../src/planning/promotion-findings.js';
import { subscriptionsTo } from '../../src/planning/replication-findings.js';
import { inWritableSession } from '../../src/planning/writable-session.js';
import { readFenceMemory } from '../../src/postgres/promotion/fence-state.js';
import {
  readEnabledSubscriptions,
  readForeignSubscriptions,
  readGrantsByOthers,
  readRights,
  readSubscriptionsOfSuperusers,
  readSuperuserSessions,
  readUnalterable,
  readUnknownRoles,
  type Rights,
} from '../../src/postgres/promotion/rights.js';
import { readForeignOwners, readWayBackTables } from '../../src/postgres/promotion/way-back-tables.js';
import { readPrepared } from '../../src/postgres/promotion/writers.js';
import type { ForwardSubscription, PromotionActivities } from '../../src/steps/promotion-steps.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies, Pair } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { readReplication } from '../read-replication.js';
import { readEarlierFence } from './earlier-fence.js';
import { checkSequenceRights } from './check-sequence-rights.js';
import { checkLeftFence } from './left-fence.js';
import { pairOf } from './pair-of.js';

/** Reports everything that would stop a promotion halfway, before anything is changed. */
export function checkPromotion(dependencies: Dependencies): PromotionActivities['checkPromotion'] {
  return (input) =>
    withHeartbeat(async () => {
      const { identity, fence, failback } = input;
      const pair = pairOf(dependencies, identity);
      const { subscriptions, lags } = await readReplication(pair, identity);
      const forward = subscriptionsTo(lags, subscriptions)
        .filter(({ enabled }) => enabled)
        .flatMap(({ name, slot }): ForwardSubscription[] => (slot === null ? [] : [{ name, slot }]));
      const [ofPrimary, ofStandby] = await Promise.all([
        onSide('primary', () => checkPrimary(pair, identity, fence, failback)),
        onSide('standby', () => checkStandby(pair, identity, forward, failback)),
      ]);
      const { tables, findings } = ofStandby;
      const ofSequences = await checkSequenceRights(pair, input);
      const earlier = await readEarlierFence(pair, identity);
      const left = fence.kind === 'workflow' ? [] : await checkLeftFence(pair, identity);
      const owners = failback
        ? await onSide('primary', () =>
            readForeignOwners(
              pair.primary,
              identity.primary,
              tables.map(({ name }) => name),
            ),
          )
        : [];
      return {
        findings: [
          ...pasteableOn('primary', ofPrimary.rights, [
            ...ofPrimary.findings,
            ...owners.map((owner) => tablesOfOthers('primary', ofPrimary.rights, owner)),
          ]),
          ...pasteableOn('standby', ofStandby.rights, findings),
          ...pasteableOn('primary', ofPrimary.rights, pasteableOn('standby', ofStandby.rights, ofSequences)),
          ...earlier.findings,
          ...left,
        ],
        subscriptions: forward,
        tables: tables.length,
      };
    });
}

/** On a side that is fenced, for example by an earlier promotion, a remedy begins with the statement that lets the session write. */
function pasteableOn(
  side: 'primary' | 'standby',
  { readOnly }: Rights,
  findings: readonly PromotionFinding[],
): PromotionFinding[] {
  return findings.map((finding) =>
    readOnly ? { ...finding, remedy: inWritableSession(finding.remedy, side) } : finding,
  );
}

async function checkPrimary(
  { primary }: Pair,
  { primary: expected }: PairIdentity,
  fence: FencePolicy,
  failback: boolean,
) {
  const [rights, unknown, prepared, subscribes] = await Promise.all([
    readRights(primary, expected),
    readUnknownRoles(primary, expected, fence.except),
    readPrepared(primary, expected),
    readEnabledSubscriptions(primary, expected),
  ]);
  const findings = [
    ...primaryRights(rights, fence.kind, failback),
    ...unknown.map(roleUnknown),
    ...prepared.map(preparedTransaction),
    ...subscribes.map(primarySubscribes),
  ];
  if (fence.kind === 'workflow') return { rights, findings };
  const { readOnly } = await readFenceMemory(primary, expected, fence);
  const [unalterable, byOthers, superusers] = await Promise.all([
    readUnalterable(
      primary,
      expected,
      readOnly.roles.map(({ role }) => role),
    ),
    fence.kind === 'no-connections' ? readGrantsByOthers(primary, expected) : [],
    rights.superuser ? [] : readSuperuserSessions(primary, expected, fence.except),
  ]);
  return {
    rights,
    findings: [
      ...findings,
      ...unalterable.map(({ quoted }) => roleCannotBeAltered(quoted)),
      ...byOthers.map((role) => grantByOthers(role, rights)),
      ...superusers.map(superuserSession),
    ],
  };
}

async function checkStandby(
  { standby }: Pair,
  { standby: expected }: PairIdentity,
  forward: readonly ForwardSubscription[],
  failback: boolean,
) {
  const names = forward.map(({ name }) => name);
  const [rights, foreign, tables] = await Promise.all([
    readRights(standby, expected),
    readForeignSubscriptions(standby, expected, names),
    failback ? readWayBackTables(standby, expected, names) : [],
  ]);
  const unalterable = await readSubscriptionsOfSuperusers(standby, expected, names, rights);
  const without = tables.filter(({ identified }) => !identified).map(({ name }) => name);
  const owners = new Set(tables.flatMap(({ foreignOwner }) => foreignOwner ?? []));
  return {
    rights,
    tables,
    findings: [
      ...standbyRights(rights, failback),
      ...foreign.map((one) => subscriptionOfOthers(rights, one)),
      ...unalterable.map((one) => subscriptionWithoutPassword(rights.role, one)),
      ...[...owners].map((owner) => tablesOfOthers('standby', rights, owner)),
      ...(without.length === 0 ? [] : [needsIdentity(without)]),
    ],
  };
}
