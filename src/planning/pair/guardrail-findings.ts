import { listFirst } from '../../contract/list-first.js';
import type { FindingCode } from '../../contract/findings.js';
import { withoutEnd } from '../../contract/parsing/text.js';
import type { Finding } from '../../contract/status.js';
import type { SideOfPair } from '../../contract/side.js';
import { makeFinding } from '../../findings/make-finding.js';
import { NEXT_STEP, withNextStep } from '../../findings/remedy-text.js';
import { quoteLiteral } from '../../sequences/identifier.js';
import { digest } from '../../steps/digest.js';
import type { Obstruction } from '../../steps/obstruction.js';
import { type Publisher, recreateSubscription } from '../remedies/create-subscription.js';
import {
  compareColumns,
  giveReplicaIdentity,
  publishTables,
  receiveTablesRemedy,
  type Receiving,
  wholePublication,
} from '../remedies/table-remedies.js';
import { assigningTriggers, hiddenFeeds } from './hidden-feeds.js';
import { timeText } from '../../sequences/time-text.js';

/** A finding names at most this many tables. */
const NAMED_TABLES = 5;

interface Guardrails {
  primary: readonly Obstruction[];
  standby: readonly Obstruction[];
  /** The slots of the standby's subscriptions. */
  slots: readonly string[];
  /** The subscriptions to this primary. */
  receiving: readonly (Receiving & { slot: string | null })[];
  /** The primary. */
  publisher: Publisher;
}

/** Findings about things besides the sequences that a person should know before a switch. None of them makes a sequence wrong. */
export function guardrailFindings({ primary, standby, slots, receiving, publisher }: Guardrails): Finding[] {
  const publications = receiving.flatMap((one) => one.publications);
  const on = (side: readonly Obstruction[], kind: Obstruction['kind']) =>
    side.filter((one) => one.kind === kind);
  return [
    ...on(primary, 'transaction').map(longTransaction),
    ...on(primary, 'prepared').map(prepared),
    ...on(primary, 'slot').flatMap((slot) => {
      const subscription = receiving.find((one) => one.slot === slot.what);
      const again =
        subscription === undefined
          ? 'drop the subscription on the standby, and create it again with a copy of the data'
          : recreateSubscription(subscription, publisher, false);
      return slotFindings(slot, slots, again);
    }),
    ...tableFindings('NO_REPLICA_IDENTITY', on(primary, 'identity'), (names, all) => [
      `published tables of the primary have no replica identity: updates and deletes of ${names} fail there, or do not arrive`,
      giveReplicaIdentity(all, publications),
    ]),
    ...tableFindings('NOT_PUBLISHED', on(primary, 'unpublished'), (names, all) => [
      `tables of the primary have rows, but are in no publication that the standby subscribes to: after the switch, ${names} will lack these rows`,
      publishTables(all, receiving, {
        closed: on(primary, 'closed').map(({ what }) => what),
        gone: on(primary, 'gone').map(({ what }) => what),
        received: on(standby, 'table').map(({ what }) => what),
      }),
    ]),
    ...tableFindings('PARTLY_PUBLISHED', on(primary, 'partly'), (names) => [
      `no publication that the standby subscribes to publishes all rows, columns and operations of ${names}: after the switch, the standby lacks what is left out`,
      wholePublication(publications),
    ]),
    ...tableFindings(
      'NOT_SUBSCRIBED',
      unsubscribed(on(primary, 'table'), on(standby, 'table')),
      (names, all) => [
        `published tables of the primary are not received by the standby, since its subscription was not refreshed after they were published: after the switch, ${names} will lack all rows`,
        receiveTablesRemedy(all, receiving),
      ],
    ),
    ...on(primary, 'largeObjects').map(({ what }) =>
      guardrailFinding(
        'LARGE_OBJECTS',
        `the primary has ${what === '100000' ? 'at least 100000' : what} large objects, which logical replication does not carry`,
        'copy them to the standby, for example with pg_dump --large-objects (before PostgreSQL 16: --blobs), or move their contents into columns of type bytea',
        'all',
      ),
    ),
    ...on(standby, 'writer').map(writer),
    ...hiddenFeeds(on(standby, 'hidden')),
    ...assigningTriggers(on(primary, 'assigned'), on(standby, 'assigned')),
    ...tableFindings(
      'SCHEMA_DIFFERS',
      differing(on(primary, 'table'), on(standby, 'table')),
      (names, all) => [
        `the columns of replicated tables differ between the sides: ${names}`,
        compareColumns(all),
      ],
    ),
  ];
}

const UNREAD = {
  all: 'open transactions, slots, tables that are not replicated and other obstacles to a switch',
  tables:
    'tables that are not replicated, lack a replica identity or differ between the sides, and writers on the standby',
  feeds: 'columns that take values from a sequence which the catalog does not connect with them',
};

export type Unread = keyof typeof UNREAD;

/** The run goes on, since the guardrails are not about sequences. */
export function guardrailsUnread(what: Unread, why: string, remedy: string): Finding {
  return guardrailFinding(
    'GUARDRAILS_UNREAD',
    `${UNREAD[what]} could not be checked: ${withoutEnd(why)}`,
    withNextStep(remedy, NEXT_STEP.check),
    'all',
  );
}

/** For a lock that the guardrails waited for in vain. The worker's role may not see the statements of other roles, so the remedy is for a superuser. */
export function endTheLock(side: SideOfPair): string {
  return `wait until the transaction that holds an exclusive lock on a table has ended, or end it; this shows it, as a superuser on the ${side}: SELECT a.pid, a.usename, l.relation::regclass, a.state, a.query FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL AND a.datname = current_database();`;
}

function longTransaction({ what, owner, seconds, state, detail }: Obstruction): Finding {
  return guardrailFinding(
    'LONG_TRANSACTION',
    `on the primary the session ${what} of ${owner ?? 'an unknown user'} has had a transaction open for ${ageOf(seconds)} (${state ?? 'its state is not known'}${detail === null ? '' : `; it ${detail}`}): a switch has to wait for it, or end it`,
    `wait until it ends, or end it on the primary: SELECT pg_terminate_backend(${what});`,
    what,
  );
}

function prepared({ what, owner, seconds }: Obstruction): Finding {
  const gid = quoteLiteral(what);
  return guardrailFinding(
    'PREPARED_TRANSACTION',
    `on the primary ${owner ?? 'somebody'} prepared the transaction ${what} ${ageOf(seconds)} ago: it holds its locks, and its rows reach the standby only once it is committed`,
    `on the primary, in this database, as its owner or a superuser: COMMIT PREPARED ${gid}; or ROLLBACK PREPARED ${gid};`,
    what,
  );
}

const KEEP_WAL = 'ALTER SYSTEM SET max_slot_wal_keep_size = -1';

/** The slot by which a subscription copies a table. It is dropped when the copy is done. Before PostgreSQL 14 its name lacks the system identifier. */
const TABLE_COPY = /^pg_\d+_sync_\d+(?:_\d+)?$/u;

function slotFindings(
  { what, owner, state, detail }: Obstruction,
  slots: readonly string[],
  again: string,
): Finding[] {
  if (TABLE_COPY.test(what)) return [];
  if (!slots.includes(what))
    return [
      guardrailFinding(
        'OTHER_SLOT',
        `the primary has the logical slot ${what} (${owner ?? 'unknown plugin'}), which no subscription of the standby uses: after the switch, its consumer gets no changes from the standby`,
        `at the switch, move its consumer, for example Debezium, to a slot of the standby; or, if it has no consumer any more, on the primary, in this database: SELECT pg_drop_replication_slot(${quoteLiteral(what)});`,
        what,
      ),
    ];
  if (state === 'lost')
    return [
      guardrailFinding(
        'SLOT_LOST',
        `the slot ${what} of the standby's subscription is lost${detail === null ? '' : ` (${detail})`}: the primary has removed WAL that the standby had not received, so rows are missing there`,
        `so that it is not lost again, on the primary: ${detail === 'idle_timeout' ? 'ALTER SYSTEM SET idle_replication_slot_timeout = 0' : KEEP_WAL}; SELECT pg_reload_conf(); then ${again}`,
        what,
      ),
    ];
  if (state !== 'unreserved') return [];
  return [
    guardrailFinding(
      'SLOT_UNRESERVED',
      `the slot ${what} of the standby's subscription is unreserved${detail === null ? '' : ` (safe_wal_size ${detail})`}: the next checkpoint may remove WAL that the standby has not received`,
      `on the primary: ${KEEP_WAL}; SELECT pg_reload_conf(); then let the standby catch up`,
      what,
    ),
  ];
}

function writer({ what, owner, seconds, detail }: Obstruction): Finding {
  return guardrailFinding(
    'STANDBY_WRITERS',
    `on the standby the session ${what} of ${owner ?? 'an unknown user'}${detail === null || detail === '' ? '' : ` (${detail})`} has written in a transaction that is ${ageOf(seconds)} old: rows that are written there may collide with replicated rows`,
    `until the switch, let nothing but the subscription write to the standby; this ends the session, on the standby: SELECT pg_terminate_backend(${what});`,
    what,
  );
}

/** Without the tables of the ledger, which only one server has. */
function unsubscribed(primary: readonly Obstruction[], standby: readonly Obstruction[]): Obstruction[] {
  const onStandby = new Set(standby.map(({ what }) => what));
  return primary.filter(({ what }) => !onStandby.has(what) && !what.startsWith('sequence_failover.'));
}

function differing(primary: readonly Obstruction[], standby: readonly Obstruction[]): Obstruction[] {
  const onPrimary = new Map(primary.map(({ what, state }) => [what, state]));
  // A table that two subscriptions receive is there twice.
  const onStandby = new Map(standby.map((one) => [one.what, one]));
  return [...onStandby.values()].filter(
    ({ what, state }) => onPrimary.has(what) && onPrimary.get(what) !== state,
  );
}

/** One finding for all tables of a kind. */
function tableFindings(
  code: FindingCode,
  found: readonly Obstruction[],
  tell: (names: string, all: string[]) => [message: string, remedy: string],
): Finding[] {
  if (found.length === 0) return [];
  const all = found.map(({ what }) => what);
  const [message, remedy] = tell(listFirst(all, NAMED_TABLES), all);
  const things = found.map(({ what }) => digest(what)).sort();
  const subject = digest(things.join(' '));
  return [{ ...guardrailFinding(code, message, remedy, subject), count: found.length, things }];
}

function ageOf(seconds: number | null): string {
  return seconds === null ? 'an unknown time' : timeText(BigInt(Math.max(0, Math.floor(seconds))));
}

function guardrailFinding(code: FindingCode, message: string, remedy: string, subject: string): Finding {
  return makeFinding(code, { sequence: null, count: 1, message, remedy, subject });
}
