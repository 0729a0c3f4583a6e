import {
  grantsByOthers,
  needsIdentity,
  noSynchronousStandby,
  preparedTransaction,
  primarySubscribes,
  standbySynchronous,
  roleUnknown,
  superuserSession,
} from '../../src/planning/promotion/promotion-findings.js';
import {
  missingPrimaryPrivileges,
  roleCannotBeAltered,
  roleStaysReadOnly,
  missingStandbyPrivileges,
  subscriptionOfOthers,
  subscriptionWithoutPassword,
  tablesOfOthers,
} from '../../src/planning/promotion/promotion-privileges.js';
import { readFenceMemory } from '../../src/postgres/promotion/fence-state.js';
import {
  readEnabledSubscriptions,
  readForeignSubscriptions,
  readGrantsByOthers,
  readPrivileges,
  readSubscriptionsOfSuperusers,
  readSuperuserSessions,
  readUnalterable,
  readUnknownRoles,
} from '../../src/postgres/promotion/privileges.js';
import {
  readForeignOwners,
  readUnidentified,
  readWayBackTables,
} from '../../src/postgres/promotion/way-back-tables.js';
import { slotWillWait } from '../../src/planning/promotion/slot-blocked.js';
import { readSlotBlockers } from '../../src/postgres/promotion/slot-blockers.js';
import { readSynchronous, readSynchronousNeed } from '../../src/postgres/promotion/synchronous.js';
import { readPrepared } from '../../src/postgres/promotion/writers.js';
import type {
  ForwardSubscription,
  PromotionActivities,
  PromotionCheckInput,
  PromotionCheckReport,
} from '../../src/steps/promotion-steps.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies, Pair } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { enabledToPrimary, readReplication } from '../read-replication.js';
import { readEarlierFence } from './earlier-fence.js';
import { checkSequencePrivileges } from './check-sequence-privileges.js';
import { checkLeftFence, type IsRunning } from './left-fence.js';
import { pairOf } from './pair-of.js';
import { readReadOnlyToLift } from './read-only-to-lift.js';
import { readWayBackRoom } from './way-back-room.js';

/** A transaction of this age, in seconds, probably outlasts the attempts to create the slot of the way back. */
const SLOT_BLOCKED_AFTER_S = 30;

/** Reports everything that would stop a promotion halfway, before anything is changed. */
export function checkPromotion(dependencies: Dependencies): PromotionActivities['checkPromotion'] {
  return (input) => withHeartbeat(() => readObstacles(pairOf(dependencies, input.identity), input));
}

/** @param isRunning whether another promotion is running. None is for a promotion, which holds the locks of the pair and of its databases. */
export async function readObstacles(
  pair: Pair,
  input: PromotionCheckInput,
  isRunning: IsRunning = () => Promise.resolve(false),
): Promise<PromotionCheckReport> {
  const { identity, fence, failback } = input;
  const forward = enabledToPrimary(await readReplication(pair, identity)).flatMap(
    ({ name, slot }): ForwardSubscription[] => (slot === null ? [] : [{ name, slot }]),
  );
  const [ofPrimary, ofStandby] = await Promise.all([
    onSide('primary', () => checkPrimary(pair, identity, fence, { failback, forward })),
    onSide('standby', () => checkStandby(pair, identity, forward, failback)),
  ]);
  const { tables, findings } = ofStandby;
  const ofSequences = await checkSequencePrivileges(pair, input);
  const earlier = await readEarlierFence(pair, identity);
  const toLift = await readReadOnlyToLift(pair, identity, earlier.fence);
  const readOnlyRoles = await onSide('standby', () =>
    readUnalterable(
      pair.standby,
      identity.standby,
      toLift.roles.map(({ role }) => role),
    ),
  );
  const left =
    fence.kind === 'workflow' ? [] : await checkLeftFence(pair, identity, forward.length === 0, isRunning);
  const room = failback ? await readWayBackRoom(pair, identity) : [];
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
      ...ofPrimary.findings,
      ...owners.map((owner) => tablesOfOthers('primary', ofPrimary.privileges, owner)),
      ...findings,
      ...ofSequences,
      ...earlier.findings,
      ...readOnlyRoles.map((role) =>
        roleStaysReadOnly(role, ofStandby.privileges, ofPrimary.privileges.database),
      ),
      ...left,
      ...room,
    ],
    subscriptions: forward,
    tables: tables.length,
  };
}

async function checkPrimary(
  { primary }: Pair,
  { primary: expected }: PairIdentity,
  fence: PromotionCheckInput['fence'],
  { failback, forward }: { failback: boolean; forward: readonly ForwardSubscription[] },
) {
  const slots = forward.map(({ slot }) => slot);
  const [privileges, unknown, prepared, subscribes, synchronous] = await Promise.all([
    readPrivileges(primary, expected),
    readUnknownRoles(primary, expected, fence.except),
    readPrepared(primary, expected),
    readEnabledSubscriptions(primary, expected),
    readSynchronous(primary, expected, slots),
  ]);
  const findings = [
    ...missingPrimaryPrivileges(privileges, fence.kind, failback),
    ...unknown.map(roleUnknown),
    ...prepared.map(preparedTransaction),
    ...subscribes.map(primarySubscribes),
    ...synchronous.map(standbySynchronous),
  ];
  if (fence.kind === 'workflow') return { privileges, findings };
  const { readOnly } = await readFenceMemory(primary, expected, fence);
  const [unalterable, byOthers, superusers] = await Promise.all([
    readUnalterable(
      primary,
      expected,
      readOnly.roles.map(({ role }) => role),
    ),
    fence.kind === 'no-connections' ? readGrantsByOthers(primary, expected) : [],
    privileges.superuser ? [] : readSuperuserSessions(primary, expected, fence.except),
  ]);
  return {
    privileges,
    findings: [
      ...findings,
      ...unalterable.map((role) => roleCannotBeAltered(role, privileges.database)),
      ...(byOthers.length === 0 ? [] : [grantsByOthers(byOthers, privileges.database)]),
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
  const [privileges, foreign, tables, without, blockers, synchronous] = await Promise.all([
    readPrivileges(standby, expected),
    readForeignSubscriptions(standby, expected, names),
    failback ? readWayBackTables(standby, expected, names) : [],
    failback ? readUnidentified(standby, expected, names) : [],
    failback ? readSlotBlockers(standby, expected, SLOT_BLOCKED_AFTER_S) : [],
    readSynchronousNeed(standby, expected),
  ]);
  const unalterable = await readSubscriptionsOfSuperusers(standby, expected, names, privileges);
  const owners = new Set(tables.flatMap(({ foreignOwner }) => foreignOwner ?? []));
  return {
    privileges,
    tables,
    findings: [
      ...missingStandbyPrivileges(privileges, failback),
      ...foreign.map((one) => subscriptionOfOthers(privileges, one)),
      ...unalterable.map((one) => subscriptionWithoutPassword(privileges.role, one)),
      ...[...owners].map((owner) => tablesOfOthers('standby', privileges, owner)),
      ...(without.length === 0 ? [] : [needsIdentity(without)]),
      ...blockers.map(slotWillWait),
      ...synchronous.map(noSynchronousStandby),
    ],
  };
}
