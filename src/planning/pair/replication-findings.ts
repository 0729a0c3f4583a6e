import { listFirst } from '../../contract/list-first.js';
import { plural } from '../../contract/plural.js';
import { inQuotes, quoteIdentifier, quoteLiteral } from '../../sequences/identifier.js';
import { digest } from '../../steps/digest.js';
import type { ReplicationLag, SequencePublication, Subscription } from '../../steps/subscriptions.js';
import { pairFinding } from '../../findings/make-finding.js';
import { THINGS_AT_MOST } from '../../findings/finding-identity.js';
import type { Finding } from '../../contract/status.js';
import { type Publisher, recreateSubscription, subscribeFirst } from '../remedies/create-subscription.js';
import { WRITABLE } from '../remedies/writable-session.js';
import { sequencesSubscribed } from './subscribed-sequences.js';

/** What the findings about replication need of a subscription. */
export type SubscriptionState = Omit<Subscription, 'oid' | 'notCopied'>;

/** The publications of subscriptions that carry sequences; the primary is asked about them. */
export function publicationsOf(subscriptions: readonly SubscriptionState[]): string[] {
  const carrying = subscriptions.filter(({ sequences }) => sequences.count > 0);
  return [...new Set(carrying.flatMap(({ publications }) => publications))];
}

/** The slots of the subscriptions; one without a slot is left out. */
export function slotsOf(subscriptions: readonly SubscriptionState[]): string[] {
  return subscriptions.flatMap(({ slot }) => slot ?? []);
}

/**
 * The subscriptions whose slots the primary has. The others receive from other publishers. If the primary has none of the slots, all
 * subscriptions count: otherwise a dropped slot would look like a missing subscription.
 */
export function subscriptionsTo<T extends SubscriptionState>(
  lags: readonly ReplicationLag[],
  subscriptions: readonly T[],
): T[] {
  const toPrimary = subscriptions.filter((one) => hasSlot(lags, one));
  return toPrimary.length > 0 ? toPrimary : [...subscriptions];
}

function hasSlot(lags: readonly ReplicationLag[], subscription: SubscriptionState): boolean {
  return lags.some(({ slot, exists }) => exists && slot === subscription.slot);
}

/** A lag above either of these is a finding: the default size of a WAL segment, or a number of seconds. */
const LAG_BYTES = 16n * 1024n * 1024n;
const LAG_SECONDS = 10;

/**
 * Findings about replication: how far the standby's rows are behind, and what stops them.
 *
 * @param subscriptions all subscriptions of the standby's database
 * @param lags of all their slots; null if the primary is lost, and then every subscription counts
 * @param publications those of the primary that publish sequences; null if the primary is lost
 * @param publisher the primary
 */
export function replicationFindings(
  subscriptions: readonly SubscriptionState[],
  lags: readonly ReplicationLag[] | null,
  publications: readonly SequencePublication[] | null,
  publisher: Publisher,
): Finding[] {
  if (subscriptions.length === 0) {
    return [
      pairFinding(
        'NO_SUBSCRIPTION',
        'the standby has no subscription: the run cannot check that its rows are up to date',
        `check yourself that the standby has every row; or, if a subscription should bring them, ${subscribeFirst(publisher)}`,
      ),
    ];
  }
  const toPrimary = lags === null ? subscriptions : subscriptionsTo(lags, subscriptions);
  const working = toPrimary.filter((one) => one.enabled && (lags === null || hasSlot(lags, one)));
  const isLeftOver = (one: SubscriptionState) => isDetached(one) && working.length > 0;
  return [
    ...toPrimary.filter((one) => !one.enabled && !isLeftOver(one)).map((one) => disabled(one, lags)),
    // If the primary is lost, no apply worker can run.
    ...(lags === null ? [] : toPrimary.filter(lacksWorker).map(workerDown)),
    ...toPrimary.filter(({ notReady }) => notReady.count > 0).map(tablesNotReady),
    // The subscriptions to all publishers, not only to the primary.
    ...subscriptions
      .filter(({ sequences }) => sequences.count > 0)
      .map((one) => sequencesSubscribed(one, lags !== null && hasSlot(lags, one) ? publications : null)),
    ...(lags === null
      ? []
      : subscriptions
          .filter((one) => !hasSlot(lags, one))
          .map((one) => (isLeftOver(one) ? leftOver(one, working) : slotMissing(one, publisher)))),
    ...(lags ?? []).filter(isLagging).map(lagging),
  ];
}

function disabled(subscription: SubscriptionState, lags: readonly ReplicationLag[] | null): Finding {
  const { name, slot } = subscription;
  const brings = slot !== null && (lags === null || hasSlot(lags, subscription));
  const enable = !brings
    ? `otherwise ${slot === null ? 'it cannot be enabled, because it has no slot' : 'it brings no rows, because the primary does not have its slot'}: replace it, as SLOT_MISSING says`
    : `otherwise, unless SLOT_LOST is shown too, on the standby: ALTER SUBSCRIPTION ${inQuotes(name)} ENABLE; if it is disabled again at once, its option disable_on_error does that: fix the error that the server log of the standby shows, and enable it again`;
  return {
    ...pairFinding(
      'SUBSCRIPTION_DISABLED',
      `the subscription ${name} on the standby is disabled: rows are not arriving`,
      `if this standby has been promoted meanwhile, it is the primary: use the reversed pair instead; ${enable}`,
    ),
    subject: name,
  };
}

/** Whether the subscription is enabled and no process applies its changes. */
export function lacksWorker({ enabled, worker }: SubscriptionState): boolean {
  return enabled && worker === null;
}

function workerDown({ name }: SubscriptionState): Finding {
  return {
    ...pairFinding(
      'APPLY_WORKER_DOWN',
      `the subscription ${name} on the standby is enabled, but its apply worker does not keep running: rows are not arriving`,
      `read the standby's server log for "logical replication apply worker for subscription ${inQuotes(name)}" and fix the error that it shows, such as a row that exists already, a column that is missing, or a password that the owner of the subscription has to have in its connection; if it shows none, raise max_logical_replication_workers on the standby`,
    ),
    subject: name,
  };
}

/** It may be meant for another publisher: only a superuser can read its connection string. */
function slotMissing(subscription: SubscriptionState, publisher: Publisher): Finding {
  const { name, slot } = subscription;
  return {
    ...pairFinding(
      'SLOT_MISSING',
      slot === null
        ? `the subscription ${name} on the standby has no slot: it receives nothing`
        : `the subscription ${name} on the standby uses the slot ${slot}, which the primary does not have: it receives nothing from this primary`,
      `no action is needed if it receives from another server. If this standby has been promoted since, run no statement of this remedy: it would empty the tables of the new primary. Use the reversed pair instead. Otherwise its rows stopped arriving when its slot was dropped: ${recreateSubscription(subscription, publisher, true)}`,
    ),
    subject: name,
  };
}

/** Disabled and without a slot, as a promotion leaves the subscription of the old direction. It cannot be enabled as it is. */
function isDetached({ enabled, slot }: SubscriptionState): boolean {
  return !enabled && slot === null;
}

/** Its remedy must empty no table: another subscription brings rows to the same ones. */
function leftOver({ name }: SubscriptionState, working: readonly SubscriptionState[]): Finding {
  const others = working.map((one) => one.name);
  const tablesOf = (names: readonly string[]) =>
    `SELECT srrelid::regclass FROM pg_subscription_rel JOIN pg_subscription s ON s.oid = srsubid WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND subname IN (${names.map(quoteLiteral).join(', ')})`;
  return {
    ...pairFinding(
      'SLOT_MISSING',
      `the subscription ${name} on the standby is disabled and has no slot: it receives nothing; rows of this primary arrive through ${others.join(', ')}`,
      `no action is needed if it is left over from a promotion; this lists the tables whose rows only this subscription brought, on the standby: ${tablesOf([name])} EXCEPT ${tablesOf(others)}; if it returns no row, drop the subscription, on the standby: ${WRITABLE} DROP SUBSCRIPTION ${quoteIdentifier(name)};`,
    ),
    subject: name,
  };
}

function tablesNotReady({ name, notReady: { count, tables } }: SubscriptionState): Finding {
  const states = tables.map(({ table, state }) => `${table} (${state})`);
  const things = tables.map(({ table }) => digest(table)).sort();
  return {
    ...pairFinding(
      'TABLES_NOT_READY',
      `the subscription ${name} has ${plural(count, 'table that is', 'tables that are')} not ready: ${listFirst(states, 5, count)}`,
      "if a table stays in the state d, its copy fails again and again, and the standby's server log says why; wait until this returns no row on the standby: SELECT srrelid::regclass, srsubstate FROM pg_subscription_rel JOIN pg_class ON oid = srrelid WHERE srsubstate <> 'r' AND relkind <> 'S';",
    ),
    count,
    ...(count === things.length && count <= THINGS_AT_MOST
      ? { subject: name, things }
      : { subject: `${name} ${digest(things.join(' '))}` }),
  };
}

function isLagging({ bytes, seconds }: ReplicationLag): boolean {
  return (bytes !== null && bytes > LAG_BYTES) || (seconds !== null && seconds > LAG_SECONDS);
}

function lagging({ slot, bytes, seconds, active }: ReplicationLag): Finding {
  const time = seconds === null ? '' : `, ${seconds.toFixed(1)} s`;
  return pairFinding(
    'SUBSCRIPTION_LAG',
    `the slot ${slot} is ${String(bytes ?? 'an unknown number of')} bytes behind the primary${time}${active ? '' : ', and no receiver is connected to it'}`,
    untilCaughtUp(slot),
  );
}

/** Shows what the apply workers of the standby wait for, and which sessions block them. */
export const WAITING_WORKERS =
  'SELECT s.subname, a.pid, a.wait_event_type, a.wait_event, pg_blocking_pids(a.pid) FROM pg_stat_subscription s JOIN pg_stat_activity a ON a.pid = s.pid;';

function untilCaughtUp(slot: string): string {
  return `watch whether it catches up, on the primary: SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) AS bytes_behind FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)}; if it does not, see what its apply worker waits for and which sessions block it, on the standby: ${WAITING_WORKERS}`;
}

/**
 * The primary cannot be reached, and the standby has rows of it that are not applied yet.
 *
 * @param pid of the worker that applies them
 */
export function stillApplying({ subscription, pid }: { subscription: string; pid: number }): Finding {
  return {
    ...pairFinding(
      'STILL_APPLYING',
      `the subscription ${subscription} on the standby still applies rows that it has received: its process ${pid} has not confirmed all of them, and they may go beyond the sequences`,
      `wait until it has applied them, and the next recheck clears this; if it waits for a lock, this shows for whose, on the standby: SELECT pid, usename, state, xact_start, left(query, 100) AS query FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids(${pid})); to do without these rows, as the owner of the subscription or a superuser on the standby: ALTER SUBSCRIPTION ${subscription} DISABLE; SELECT pg_terminate_backend(${pid}); or accept STILL_APPLYING, for example if the subscription receives from another server, which is busy`,
    ),
    subject: subscription,
  };
}

/** A subscription that has not confirmed what the primary had written when the wait for it began, after an approval or before a fence. */
export function notCaughtUp(
  slot: string,
  confirmed: string | null,
  position: string,
  state: 'behind' | 'missing' | 'lost',
): Finding {
  const [message, remedy] = {
    behind: [
      `the slot ${slot} has confirmed ${confirmed ?? 'nothing'}, but the primary was at ${position} when the wait for it began`,
      untilCaughtUp(slot),
    ],
    missing: [
      `the standby's subscription uses the slot ${slot}, which the primary does not have`,
      'without its slot the standby receives nothing: follow the remedy of SLOT_MISSING',
    ],
    lost: [
      `the slot ${slot} of the standby's subscription is lost: the primary has removed WAL that the standby had not received`,
      'with a lost slot the standby receives nothing: follow the remedy of SLOT_LOST, which a run in the mode check shows',
    ],
  }[state] as [string, string];
  return { ...pairFinding('NOT_CAUGHT_UP', message, remedy), subject: slot };
}
