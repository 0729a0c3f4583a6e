import type { PromotionCode, PromotionFinding } from '../../../src/contract/promotion.js';
import {
  oldPrimaryBehind,
  oldPrimaryNotAhead,
  standbyNotOpened,
  trafficNotMoved,
  trafficOfPairsNotMoved,
  wayBackBroken,
  wayBackNotEnabled,
} from '../../../src/planning/promotion/after-switch-findings.js';
import {
  earlierFenceUnknown,
  earlierFenceUnread,
  fencedByRunning,
  fenceLeft,
  leftFenceUnread,
} from '../../../src/planning/promotion/earlier-fence-findings.js';
import { asHandoffBlocks } from '../../../src/planning/promotion/handoff-blocks.js';
import { newPrimaryNotOpen } from '../../../src/planning/promotion/new-primary-findings.js';
import {
  grantsByOthers,
  needsIdentity,
  noSynchronousStandby,
  preparedTransaction,
  primarySubscribes,
  standbySynchronous,
  roleUnknown,
  roleUnknownAtHandoff,
  superuserSession,
} from '../../../src/planning/promotion/promotion-findings.js';
import {
  missingPrimaryPrivileges,
  roleCannotBeAltered,
  roleStaysReadOnly,
  missingStandbyPrivileges,
  subscriptionOfOthers,
  subscriptionWithoutPassword,
  tablesOfOthers,
} from '../../../src/planning/promotion/promotion-privileges.js';

import { slotWillWait } from '../../../src/planning/promotion/slot-blocked.js';
import { needsRoom } from '../../../src/planning/promotion/way-back-room.js';
import { fenceChange } from '../../../src/planning/remedies/undo-statements.js';

const nothing = {
  ...{ role: '"Runner 1"', database: '"The shop"', owner: 'alice', superuser: false },
  ...{ replication: false, ownsDatabase: false },
  ...{ createInDatabase: false, signalsOthers: false, seesOthers: false, createsSubscriptions: false },
  memberships: [
    { member: 'alice', via: 'alice', grantor: 'postgres' },
    { member: 'bob', via: 'bob', grantor: 'alice' },
  ],
  version: 160_000,
};

/** Findings that only a promotion makes. The steps after the switch write their own messages and remedies. */
/** As the gate of a run that hands off to a promotion shows them. */
const atHandoff = (found: PromotionFinding[]) => [...found, ...asHandoffBlocks(found)];

export const promotionExamples = {
  PRIVILEGE_MISSING: () =>
    atHandoff([
      ...[150_000, 160_000].flatMap((version) =>
        missingPrimaryPrivileges({ ...nothing, version }, 'read-only', true),
      ),
      ...missingStandbyPrivileges(nothing, true),
      subscriptionOfOthers(nothing, { name: '"Sub 1"', owner: 'alice' }),
      ...[true, false].map((ofSuperuser) =>
        subscriptionWithoutPassword(nothing.role, { name: '"Sub 1"', ofSuperuser }),
      ),
      tablesOfOthers('standby', nothing, 'alice'),
      ...[true, false].map((superuser) =>
        roleStaysReadOnly({ quoted: '"App 1"', superuser }, nothing, 'shop'),
      ),
      ...[true, false].map((isSetInDatabase) =>
        roleCannotBeAltered(
          { quoted: '"App 1"', isSetInDatabase, isSetEverywhere: !isSetInDatabase },
          nothing.database,
        ),
      ),
    ]),
  PREPARED_TRANSACTION: () => [preparedTransaction("it's mine")],
  SESSION_CANNOT_BE_ENDED: () =>
    [null, 'pg_cron launcher'].map((background) =>
      superuserSession({ pid: 4711, role: 'postgres', background }),
    ),
  ROLE_UNKNOWN: () => [roleUnknown('reports'), roleUnknownAtHandoff('reports')],
  FENCE_LEFT: () =>
    atHandoff([
      ...[true, false].flatMap((isUnderWay) =>
        [true, false].map((mayBeOpen) =>
          fenceLeft(
            { workflowId: 'promote-orders', isUnderWay },
            'The shop',
            fenceChange('The shop', { readOnly: { database: null, roles: [] }, connect: null }).undo,
            mayBeOpen,
          ),
        ),
      ),
      fencedByRunning("promote-it's"),
    ]),
  GRANT_BY_OTHERS: () =>
    atHandoff([
      grantsByOthers(
        [
          { role: 'PUBLIC', grantor: 'carol' },
          { role: '"App 1"', grantor: 'bob' },
          { role: 'carol', grantor: 'bob' },
        ],
        nothing.database,
      ),
    ]),
  STANDBY_SYNCHRONOUS: () => atHandoff([standbySynchronous({ name: '"Sub 1"', setting: '"Sub 1"' })]),
  NO_SYNCHRONOUS_STANDBY: () =>
    atHandoff(
      [0, 1].map((present) =>
        noSynchronousStandby({
          ...{ setting: 'ANY 2 (a, "B 1")', needed: 2, present, roles: 3 },
          ...(present === 0 ? { waiting: 3, named: ['app'] } : { waiting: 1, named: ['app'] }),
        }),
      ),
    ),
  STANDBY_TRANSACTION: () =>
    [
      { pid: 4711, gid: null, background: false },
      { pid: 4712, gid: null, background: true },
      { pid: null, gid: "it's mine", background: false },
      { pid: null, gid: 'pg_gid_16394_751', background: false },
    ].map((one) =>
      slotWillWait({
        ...{ ...one, role: 'app', application: 'nightly', database: 'The shop' },
        ...{ since: '2026-01-02T03:04:05Z', seconds: 90 },
      }),
    ),
  PRIMARY_SUBSCRIBES: () => atHandoff([primarySubscribes('"Sub 2"')]),
  WAY_BACK_NEEDS_IDENTITY: () =>
    atHandoff([
      needsIdentity(['public.t', 'public."T 2"']),
      needsIdentity(Array.from({ length: 21 }, (_, at) => `public.t${String(at)}`)),
    ]),
  WAY_BACK_NEEDS_ROOM: () =>
    atHandoff([
      ...needsRoom('primary', [
        { setting: 'max_logical_replication_workers', value: 4, needed: 5 },
        { setting: 'max_worker_processes', value: 5, needed: 6 },
      ]),
      ...needsRoom('standby', [{ setting: 'max_wal_senders', value: 10, needed: 11 }]),
    ]),
  WAY_BACK_NOT_ENABLED: () => {
    const names = { subscription: 'way_back', slot: "it's", publication: 'way_back' };
    const publisher = { host: '10.0.0.2', port: 5432, database: 'The shop' };
    return [
      wayBackNotEnabled(names, 'it did not connect'),
      ...[true, false].flatMap((hasSubscription) =>
        (['ready', 'lost', 'missing'] as const)
          .filter((slot) => !hasSubscription || slot !== 'ready')
          .map((slot) =>
            wayBackBroken(names, 'it is lost', { hasSubscription, slot, filtersByOrigin: true }, publisher),
          ),
      ),
    ];
  },
  STANDBY_NOT_OPENED: () => [standbyNotOpened('shop', 'promote-shop', 'it is down')],
  TRAFFIC_NOT_MOVED: () => [
    trafficNotMoved('it answered 500'),
    trafficOfPairsNotMoved(['orders', 'users'], 'it answered 500'),
  ],
  NEW_PRIMARY_NOT_OPEN: () =>
    (
      [{ state: 'closed' }, { state: 'silent', why: 'refused' }, { state: 'unread', why: 'timeout' }] as const
    ).map((look) =>
      newPrimaryNotOpen(look, {
        ...{ database: 'The shop', openedAt: '2026-01-02T03:04:05.000Z', withoutIt: 'start a run' },
        subscriptions: [{ name: 'Sub 1', slot: 'sub_1' }],
      }),
    ),
  OLD_PRIMARY_BEHIND: () => [
    oldPrimaryBehind('reversed:shop', 'it is down'),
    oldPrimaryNotAhead('reversed:shop', {
      message: 'public.s is missing',
      remedy: 'on the standby: CREATE SEQUENCE public.s;',
      count: 1,
    }),
  ],
} satisfies Record<PromotionCode, () => PromotionFinding[]>;

const unread = {
  reason: 'permission denied',
  remedy: 'GRANT USAGE ON SCHEMA sequence_failover TO runner;',
};

/** The code that runs use too. */
export const earlierFence = () =>
  atHandoff([
    earlierFenceUnknown('The shop', [null, 'App 1']),
    earlierFenceUnread('shop', unread),
    leftFenceUnread('shop', unread),
  ]);
