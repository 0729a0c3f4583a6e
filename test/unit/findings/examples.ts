import { promotionExamples } from './promotion-examples.js';
import type { FindingCode } from '../../../src/contract/findings.js';
import type { PromotionCode, PromotionFinding } from '../../../src/contract/promotion.js';
import type { Finding } from '../../../src/contract/status.js';
import { adviceFor } from '../../../src/planning/rows/advice.js';
import {
  columnFindings,
  feedsDifferFindings,
  missingFinding,
  standbyOnlyFinding,
} from '../../../src/planning/sequence/column-findings.js';
import { noFacts } from '../../../src/planning/column-facts.js';
import { chooseDatabases } from '../../../src/planning/pair/databases-of-pair.js';
import {
  ledgerUnreadable,
  noEvidence,
  primaryBack,
  primaryLost,
  weakEvidence,
} from '../../../src/planning/sequence/evidence-findings.js';
import {
  endTheLock,
  guardrailFindings,
  guardrailsUnread,
} from '../../../src/planning/pair/guardrail-findings.js';
import { assigningTriggers } from '../../../src/planning/pair/hidden-feeds.js';
import { handoffId, handoffWorker } from '../../../src/planning/pair/handoff-findings.js';
import { obstaclesOf } from '../../../src/planning/sequence/obstacles.js';
import { limitNotComputed } from '../../../src/planning/sequence/limit-not-computed.js';
import { planSequence } from '../../../src/planning/rows/plan-sequence.js';
import { subscriptionsGone, subscriptionsReplaced } from '../../../src/planning/pair/subscriptions-gone.js';
import { readOnlyByDefault, unmatchedPattern } from '../../../src/planning/pair/readiness-findings.js';
import {
  notCaughtUp,
  replicationFindings,
  stillApplying,
  type SubscriptionState,
} from '../../../src/planning/pair/replication-findings.js';
import { withoutSubscriptionAtHandoff } from '../../../src/planning/promotion/no-subscription.js';
import type { ReplicationLag } from '../../../src/steps/subscriptions.js';
import { rowsNote } from '../../../src/planning/sequence/rows-findings.js';
import {
  dataNotChecked,
  skippedBehindData,
  unlogged,
} from '../../../src/planning/sequence/sequence-findings.js';
import { sequencesRefreshing } from '../../../src/planning/pair/sequence-synchronization.js';
import type { StandbyFeed, StandbySequence } from '../../../src/planning/standby-sequence.js';
import {
  behindItsRows,
  behindLastReading,
  consumptionLasts,
  goneFromStandby,
  neverCompared,
  notAhead,
  vanishedFromStandby,
} from '../../../src/planning/sequence/verification-findings.js';
import type { Mode } from '../../../src/contract/input.js';
import type { PrimarySequence } from '../../../src/steps/rows.js';
import type { Obstruction } from '../../../src/steps/obstruction.js';
import { ledgerFinding } from '../../../workflows/failover/ledger-finding.js';
import { outcomesLost } from '../../../workflows/failover/outcomes-lost.js';
import { unknownChanges } from '../../../workflows/failover/top-up.js';
import { troubleFinding } from '../../../workflows/failover/trouble.js';
import { setvalFailed } from '../../../workflows/pages/apply-settings.js';

const MOST = 9223372036854775807n;
/** A name that has to be quoted everywhere. */
const named = { schema: 'public', name: "O'Brien s", sequence: `public."O'Brien s"` };
const { sequence } = named;
const column = 'public.orders.id';

const primary = (more: Partial<PrimarySequence> = {}): PrimarySequence => ({
  ...{ ...named, oid: 1, increment: '1', min: '1', max: String(MOST), cache: '1', last: '42', called: true },
  ...more,
});

const feed: StandbyFeed = {
  ...{ column, oid: 7, attnum: 1, name: 'id', plain: true, via: 'default', type: 'int8' },
  ...{ limits: [{ type: 'int8' }], subscribed: true, logged: true, isAlone: true },
};

const standby = (more: Partial<StandbySequence> = {}): StandbySequence => ({
  ...{ ...named, oid: 2, temporary: false, unlogged: false, extension: null, grantsToSet: null },
  definition: { increment: 1n, min: 1n, max: MOST, cache: 1n, cycle: false },
  ...{ feeds: [feed], furthest: null, dataNotChecked: null },
  reading: { position: { lastValue: 1n, isCalled: false } },
  ...more,
});

function planned(
  onPrimary: Partial<PrimarySequence>,
  onStandby: Partial<StandbySequence>,
  mode: Mode = 'failover',
) {
  const context = { mode, primaryMaxConnections: 100, buffer: 1_000n, rows: null, future: [] };
  return planSequence(context, primary(onPrimary), standby(onStandby)).findings;
}

const publisher = { host: 'db.example', port: 5432, database: 'shop' };
const applied = { worker: { pid: 1, receivedLsn: null } };
const subscription = (more: Partial<SubscriptionState> = {}): SubscriptionState => ({
  ...{ name: 'Sub 1', publications: ['Pub 1'], tables: 1, enabled: true, slot: 'sub_1', ...applied },
  notReady: { count: 0, tables: [] },
  sequences: { count: 0, pending: { count: 0, names: [] } },
  ...more,
});
const lag = (more: Partial<ReplicationLag> = {}): ReplicationLag => ({
  ...{ slot: 'sub_1', exists: true, active: true, confirmedFlushLsn: '0/1', bytes: 0n, seconds: 0 },
  ...more,
});

function replication(one: Partial<SubscriptionState>, of: Partial<ReplicationLag> = {}) {
  const publications = [
    { name: 'Pub 1', allTables: true, except: ['public.log'] },
    { name: 'Pub 2', allTables: false, except: [] },
  ];
  return replicationFindings([subscription(one)], [lag(of)], publications, publisher);
}

function guardrail(
  kind: Obstruction['kind'],
  more: Partial<Obstruction> = {},
  side: 'primary' | 'standby' = 'primary',
) {
  const found: Obstruction = {
    kind,
    what: 'public.orders',
    owner: 'alice',
    seconds: 900,
    state: 'idle',
    detail: null,
    ...more,
  };
  const receiving = [{ name: 'Sub 1', publications: ['Pub 1'], slot: 'sub_1' }];
  const [onPrimary, onStandby] = side === 'primary' ? [[found], []] : [[], [found]];
  return guardrailFindings({
    primary: onPrimary,
    standby: onStandby,
    slots: ['sub_1'],
    receiving,
    publisher,
  });
}

const many = Array.from({ length: 30 }, (_, at) => `public.t_${String(at)}`);
const grants = `GRANT SELECT, UPDATE ON SEQUENCE ${sequence} TO runner;`;
const problem = { code: 'NO_READ_PRIVILEGE', reason: 'permission denied', remedy: grants } as const;
const failed = {
  code: 'READ_FAILED',
  reason: 'could not open file',
  remedy: "Look at the server's log.",
} as const;
const fedBy = (other: string, columns: string[] = []) => ({
  ...noFacts,
  standby: {
    ...{ role: 'runner', isSuperuser: false, schemas: new Map(), sequences: new Set<string>() },
    columns: new Map(),
  },
  primary: {
    ...{ role: 'runner', isSuperuser: false, schemas: new Map(), sequences: new Set([other]) },
    columns: new Map(
      columns.map((name) => [
        name,
        {
          ...{ relkind: 'r', owner: 'alice', isIdentity: false, hasDefault: false, schemaUsage: true },
          ...{ maySelect: true, feeders: [] },
        },
      ]),
    ),
  },
  unread: 'permission denied for table pg_attrdef',
});
/** Of a column that the standby numbers by no sequence. */
const withoutDefault = (insertTriggers?: string[]) =>
  columnFindings(primary({ feeds: [column] }), standby({ feeds: [] }), {
    ...fedBy(sequence),
    standby: {
      ...{ role: 'runner', isSuperuser: false, schemas: new Map(), sequences: new Set([sequence]) },
      columns: new Map([
        [
          column,
          {
            ...{ relkind: 'r', owner: 'alice', isIdentity: false, hasDefault: false, schemaUsage: true },
            ...{ maySelect: true, feeders: [] },
            ...(insertTriggers !== undefined && { insertTriggers }),
          },
        ],
      ]),
    },
  });
const carrying = (pending: string[]) => ({
  sequences: { count: 2, pending: { count: pending.length, names: pending } },
});

type Found = readonly (Finding | PromotionFinding | null)[];

/** Findings of every code, made as runs make them. A code that is added to the catalog needs an example here, or this does not compile. */
export const examples: Record<FindingCode | PromotionCode, () => Found> = {
  ...promotionExamples,
  MISSING_ON_STANDBY: () => [
    missingFinding(primary(), noFacts, []),
    missingFinding(
      primary({ feeds: [column], increment: '-5', cycle: true }),
      { ...noFacts, unread: 'it timed out' },
      [],
    ),
    goneFromStandby([1, 2]),
    ...[{ unread: null }, { unread: 'it is down' }].map((definition) =>
      vanishedFromStandby(
        { sequence, renamedTo: null },
        { reading: { primaryNext: 50n, buffer: 10n }, definition, back: null, takenBy: null },
      ),
    ),
    vanishedFromStandby(
      { sequence, renamedTo: null },
      {
        definition: { definition: 'INCREMENT BY 5', feeds: [column], defaults: null },
        ...{ back: null, takenBy: 'public.other' },
      },
    ),
    ...[{ statements: `ALTER SEQUENCE other."New name" SET SCHEMA public;` }, { seeSequence: sequence }].map(
      (back) =>
        vanishedFromStandby(
          { sequence, renamedTo: 'other."New name"' },
          { definition: { unread: null }, back, takenBy: null },
        ),
    ),
  ],
  NO_READ_PRIVILEGE: () => [
    ...obstaclesOf(primary({ problem }), standby()),
    ...obstaclesOf(primary(), standby({ reading: { problem } })),
  ],
  NO_UPDATE_PRIVILEGE: () => obstaclesOf(primary(), standby({ grantsToSet: grants })),
  READ_FAILED: () => obstaclesOf(primary({ problem: failed }), standby({ reading: { problem: failed } })),
  DEFINITION_DIFFERS: () => [
    ...obstaclesOf(primary({ increment: '7' }), standby()),
    ...obstaclesOf(primary({ increment: '-1', min: '-900', max: '-1' }), standby()),
  ],
  FEEDS_DIFFER: () => [
    ...feedsDifferFindings(primary({ feeds: [] }), standby(), noFacts),
    ...feedsDifferFindings(primary({ feeds: [] }), standby(), { ...noFacts, unread: 'it timed out' }),
    ...withoutDefault(['audit']),
    ...withoutDefault(['audit', '"New id"']),
  ],
  STANDBY_ONLY_FEEDS: () => [standbyOnlyFinding(standby(), fedBy('public.other', [column]), () => true)],
  EXHAUSTED: () =>
    [
      ...planned({ last: String(MOST) }, {}),
      ...planned({ last: '40000' }, { feeds: [{ ...feed, type: 'int2', limits: [{ type: 'int2' }] }] }),
    ].filter(({ code }) => code === 'EXHAUSTED'),
  OUTLIER_DATA: () =>
    (['failover', 'sync'] as const).flatMap((mode) =>
      [1n, 90_000_000n].flatMap((at) =>
        planned(
          {},
          { furthest: 90_000_000n, reading: { position: { lastValue: at, isCalled: true } } },
          mode,
        ).filter(({ code }) => code === 'OUTLIER_DATA'),
      ),
    ),
  NOT_AHEAD: () => [
    notAhead(sequence, null, 100n),
    notAhead(sequence, 5n, 100n),
    notAhead(sequence, 5n, 100n, { wasSet: true }),
    notAhead(sequence, 5n, 100n, { wasSet: true, stillThere: true }),
    notAhead(sequence, 5n, 100n, { wasSet: true, stillThere: false }),
    notAhead(sequence, -5n, 10n, { goesRound: 'ascending' }),
    notAhead(sequence, -5n, 10n, { goesRound: 'descending' }),
    behindLastReading(sequence, 5n, 100n),
    neverCompared(standby()),
    neverCompared(standby({ furthest: 50n })),
    neverCompared(standby({ furthest: 50n }), { primaryNext: 70n, buffer: 10n }),
    behindItsRows(sequence),
  ],
  SETVAL_FAILED: () => [
    setvalFailed(
      { sequence, setting: { oid: 2, increment: '1', target: '5', called: true } },
      {
        ...{ oid: 2, reason: 'out of range', retryable: false },
        remedy:
          'Where they are too tight, as its owner: ALTER SEQUENCE <sequence> AS bigint MAXVALUE 9223372036854775807; or choose a smaller buffer.',
      },
    ),
  ],
  UNLOGGED: () => [unlogged(sequence, [column])],
  NO_EVIDENCE: () => [
    noEvidence(standby()),
    noEvidence(standby({ reading: { problem } })),
    noEvidence(standby({ dataNotChecked: { reason: 'it is locked', remedy: 'wait' } })),
  ],
  TABLES_NOT_READY: () =>
    replication({ notReady: { count: 1, tables: [{ table: 'public.t', state: 'i' }] } }),
  SUBSCRIPTION_DISABLED: () => replication({ enabled: false, worker: null }),
  SUBSCRIPTION_GONE: () => [
    ...[null, ['Pub 1']].flatMap((names) => subscriptionsGone(['Sub 1'], [], publisher, () => names)),
    ...subscriptionsReplaced(
      [
        { name: 'Sub 1', oid: '1', firstSlot: 'a' },
        { name: 'Sub 2', oid: '2', firstSlot: 'a' },
        { name: 'Sub 3', oid: '3', firstSlot: 'c', isSlotNew: true },
      ],
      [
        { name: 'Sub 1', oid: '3', slot: 'a', notCopied: 2 },
        { name: 'Sub 2', oid: '2', slot: 'b' },
        { name: 'Sub 3', oid: '3', slot: 'c' },
      ],
    ),
  ],
  APPLY_WORKER_DOWN: () => replication({ worker: null }),
  SLOT_LOST: () =>
    ['sub_1', 'sub_1'].flatMap((what, at) =>
      guardrail('slot', { what, state: 'lost', detail: at === 0 ? null : 'idle_timeout' }),
    ),
  NOT_CAUGHT_UP: () =>
    (['behind', 'missing', 'lost'] as const).map((state) => notCaughtUp('sub_1', null, '0/1', state)),
  STILL_APPLYING: () => [stillApplying({ subscription: '"Sub 1"', pid: 4711 })],
  SEQUENCES_REFRESHING: () => [
    sequencesRefreshing({
      ...{ subscription: '5', name: 'Sub 1', enabled: true, fingerprint: '1', pendingCount: 1 },
      ...{ pendingNames: ['public.s'], working: true, failures: 0n },
    }),
  ],
  PATTERN_UNMATCHED: () => [
    unmatchedPattern({ list: 'include', pattern: 'public.x' }),
    ...chosen(['gone']).filter(({ code }) => code === 'PATTERN_UNMATCHED'),
  ],
  HANDOFF_NO_WORKER: () =>
    (
      [
        'promotion',
        'hook',
        { operators: ['traffic'] },
        { operators: ['fence', 'traffic'], isAhead: true },
      ] as const
    ).flatMap((starts) => handoffWorker('q', [], starts)),
  HANDOFF_ID_TAKEN: () =>
    ['COMPLETED', 'RUNNING'].flatMap((status) =>
      handoffId({ workflowId: "promote-o'shop", runId: 'r', workflowType: 'promoteStandby', status }),
    ),
  PRIMARY_UNREACHABLE: () => [troubleFinding('PrimaryUnreachable', 'connection refused')],
  PRIMARY_LOST: () => [primaryLost('it is down', null)],
  PRIMARY_BACK: () => [primaryBack('it accepts connections')],
  LEDGER_UNREADABLE: () => [
    ledgerUnreadable({
      ...{ reason: 'permission denied' },
      remedy: 'as the owner of the schema run: GRANT USAGE ON SCHEMA sequence_failover TO runner;',
    }),
  ],
  STANDBY_UNREACHABLE: () => [troubleFinding('StandbyUnreachable', 'connection refused')],
  LOOK_FAILED: () => [troubleFinding('Retryable', 'it timed out')],
  DATABASE_MISSING_ON_STANDBY: () => chosen(['*'], ['one', 'two'], ['one']),
  DATABASE_ONLY_ON_STANDBY: () => chosen(['*'], ['one'], ['one', 'two']),
  BUFFER_REDUCED: () => noted('BUFFER_REDUCED', { last: '9223372036854775000' }),
  BEHIND_DATA: () => noted('BEHIND_DATA', {}, { furthest: 1_100n }),
  ROWS_AHEAD: () => [
    rowsNote(sequence, { kind: 'rowsBeforeWrap', first: 5n, calls: 7n }, null),
    rowsNote(sequence, { kind: 'rowsBeforeWrap', first: null, calls: null }, null),
  ],
  LIMIT_NOT_COMPUTED: () => [
    limitNotComputed(named, ['CHECK (is_odd(id))'], null),
    ...(['planned', 'set', 'stands'] as const).map((state) =>
      limitNotComputed(named, ['CHECK (is_odd(id))'], {
        ...{ next: 10_031n, state, lower: { calls: 100n, next: 131n } },
      }),
    ),
  ],
  NO_HEADROOM: () => noted('NO_HEADROOM', { last: String(MOST - 1n) }),
  PRIMARY_LIMIT: () => noted('PRIMARY_LIMIT', { max: '100' }),
  STANDBY_LIMIT: () =>
    noted('STANDBY_LIMIT', {}, { reading: { position: { lastValue: MOST - 9n, isCalled: true } } }),
  CYCLES: () => noted('CYCLES', { cycle: true }),
  CACHED: () => noted('CACHED', { cache: '50' }),
  DATA_NOT_CHECKED: () =>
    (['primary', 'standby'] as const).map((side) =>
      dataNotChecked(sequence, side, {
        reason: 'permission denied',
        remedy: 'GRANT SELECT ON TABLE public.t TO runner;',
      }),
    ),
  NO_DEFAULT: () => withoutDefault(),
  SKIPPED_BEHIND_DATA: () => [
    skippedBehindData(standby(), 1n, 50n, 'excluded'),
    skippedBehindData(standby({ extension: 'postgis' }), 1n, MOST - 1n, 'excluded'),
  ],
  WEAK_EVIDENCE: () => [weakEvidence(sequence, 'the ledger has one reading of it')],
  NO_SUBSCRIPTION: () => [
    ...replicationFindings([], [], [], publisher),
    ...withoutSubscriptionAtHandoff(publisher, []),
  ],
  SEQUENCES_SUBSCRIBED: () => [
    ...replication(carrying(['public.s'])),
    ...replication({ ...carrying([]), publications: ['Pub 1', 'Pub 2'] }),
    ...replication({ ...carrying([]), publications: ['Pub 2'] }),
    ...replicationFindings([subscription(carrying([]))], null, null, publisher),
  ],
  SLOT_MISSING: () => [
    ...replication({}, { exists: false }),
    ...replicationFindings(
      [subscription(), subscription({ name: 'old', slot: null, enabled: false, worker: null })],
      [lag()],
      [],
      publisher,
    ),
  ],
  SUBSCRIPTION_LAG: () => replication({}, { bytes: 10n ** 9n }),
  LONG_TRANSACTION: () => guardrail('transaction', { what: '4711' }),
  PREPARED_TRANSACTION: () => [
    ...guardrail('prepared', { what: "it's mine" }),
    ...promotionExamples.PREPARED_TRANSACTION(),
  ],
  OTHER_SLOT: () => guardrail('slot', { what: 'debezium' }),
  SLOT_UNRESERVED: () => guardrail('slot', { what: 'sub_1', state: 'unreserved' }),
  NO_REPLICA_IDENTITY: () => [...guardrail('identity'), ...ofMany('identity')],
  NOT_PUBLISHED: () => [...guardrail('unpublished'), ...ofMany('unpublished')],
  PARTLY_PUBLISHED: () => guardrail('partly'),
  NOT_SUBSCRIBED: () => guardrail('table'),
  LARGE_OBJECTS: () => guardrail('largeObjects', { what: '12' }),
  STANDBY_WRITERS: () => guardrail('writer', { what: '4711' }, 'standby'),
  GUARDRAILS_UNREAD: () =>
    (['primary', 'standby'] as const).map((side) =>
      guardrailsUnread('tables', 'it timed out', endTheLock(side)),
    ),
  SCHEMA_DIFFERS: () => {
    const table = (state: string): Obstruction => ({
      ...{ kind: 'table', what: 'public.orders', owner: null, seconds: null, state, detail: null },
    });
    return guardrailFindings({
      ...{ primary: [table('a')], standby: [table('b')] },
      ...{ slots: [], receiving: [], publisher },
    });
  },
  FEEDS_UNKNOWN: () => {
    const hidden = (what: string, detail: string): Finding[] => {
      const found: Obstruction = { kind: 'hidden', what, owner: null, seconds: null, state: null, detail };
      return guardrailFindings({ primary: [], standby: [found], slots: [], receiving: [], publisher });
    };
    return [
      ...hidden('public."No.1"."it\'s"', 'its default calls public.next_id'),
      ...hidden('public.orders', 'its trigger t calls public.next_id'),
      ...assigningTriggers(
        [],
        [
          {
            ...{ kind: 'assigned', what: 'public."No.1"."it\'s"', owner: '"T"', seconds: null, state: '1' },
            detail: 'public.f',
          },
        ],
      ),
    ];
  },
  CHANGES_UNKNOWN: () => unknownChanges('the workflow p can no longer be read'),
  COUNTS_INCOMPLETE: () => outcomesLost(true),
  LEDGER_UNAVAILABLE: () => ledgerFinding('permission denied'),
  READ_ONLY_DEFAULT: () =>
    (['primary', 'standby'] as const).flatMap((side) =>
      readOnlyByDefault(side, {
        ...{ unsupported: null, inRecovery: false, writesRefused: null, readOnlyByDefault: true },
        ...{ publicMayConnect: false, readOnlyRoles: ['"App 1"'], database: 'The shop', user: 'Runner' },
      }),
    ),
  ROWS_DECIDED: () => [
    rowsNote(sequence, { kind: 'rowsIgnored', furthest: 5n }, { choice: 'ignore', by: 'alice' }),
    rowsNote(sequence, { kind: 'behindData', furthest: 5n, from: 1n, to: 9n }, { choice: 'raise', by: null }),
  ],
  OWN_PHASE: () =>
    planned(
      { increment: '100', start: '1', last: '101' },
      {
        definition: { increment: 100n, min: 1n, max: MOST, cache: 1n, cycle: false, start: 2n },
        reading: { position: { lastValue: 102n, isCalled: true } },
      },
    ).filter(({ code }) => code === 'OWN_PHASE'),
  CONSUMPTION: () => [consumptionLasts(sequence, 500n, { calls: 10n, elapsedMs: 1_000n })],
  NEAR_LIMIT: () => advised('NEAR_LIMIT'),
  BUFFER_SUGGESTED: () => advised('BUFFER_SUGGESTED'),
};

function ofMany(kind: Obstruction['kind']): Finding[] {
  const found = many.map((what) => ({ kind, what, owner: null, seconds: null, state: null, detail: null }));
  return guardrailFindings({
    ...{ primary: found, standby: [], slots: ['sub_1'], publisher },
    receiving: [{ name: 'Sub 1', publications: ['Pub 1'], slot: 'sub_1' }],
  });
}

function chosen(patterns: string[], onPrimary: string[] = [], onStandby: string[] = []): Finding[] {
  const own = { primary: 'own', standby: 'own' };
  const databases = { primary: ['own', ...onPrimary], standby: ['own', ...onStandby], own };
  return chooseDatabases(databases, patterns, []).findings;
}

function noted(
  wanted: FindingCode,
  onPrimary: Partial<PrimarySequence>,
  onStandby: Partial<StandbySequence> = {},
): Finding[] {
  return planned(onPrimary, onStandby).filter(({ code }) => code === wanted);
}

function advised(wanted: FindingCode): Finding[] {
  const there = primary({ last: '9000000000000000000', rate: { calls: '100000', elapsedMs: '1000' } });
  return adviceFor({
    ...{ mode: 'plan', primary: there, standby: standby() },
    target: {
      ...{
        outcome: 'keep',
        primaryNext: 9_000_000_000_000_000_001n,
        standbyNext: 9_000_000_000_000_000_001n,
      },
      ...{ buffer: 10n, notes: [], target: 9_000_000_000_000_000_001n },
    },
  }).filter(({ code }) => code === wanted);
}
