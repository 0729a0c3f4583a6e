import { makeFinding } from '../../findings/make-finding.js';
import { listFirst } from '../../contract/list-first.js';
import { plural } from '../../contract/plural.js';
import { inQuotes, quoteLiteral } from '../../sequences/identifier.js';
import type { Finding } from '../../contract/status.js';
import type { SequencePublication, Subscription } from '../../steps/subscriptions.js';

/** What concerns sequences of a subscription of the standby. */
export type SequenceSubscription = Pick<Subscription, 'name' | 'publications' | 'tables' | 'sequences'>;

/**
 * A subscription that carries sequences may set them at any time to the primary's exact values: when a person refreshes it, or when it
 * retries a sequence that it could not set before.
 *
 * @param publications those of the primary that publish sequences; null where the primary cannot be asked
 */
export function sequencesSubscribed(
  subscription: SequenceSubscription,
  publications: readonly SequencePublication[] | null,
): Finding {
  const { name, sequences } = subscription;
  const { count, pending } = sequences;
  const retried =
    pending.count === 0
      ? ''
      : `. It could not set ${pending.count} of them yet, and will as soon as it can: ${listFirst(pending.names, 5, pending.count)}`;
  return makeFinding('SEQUENCES_SUBSCRIBED', {
    sequence: null,
    count,
    message: `the subscription ${name} on the standby carries ${plural(count, 'sequence')}: whenever anybody runs ALTER SUBSCRIPTION … REFRESH SEQUENCES, it sets them to the primary's exact values, lower than what this run sets${retried}`,
    remedy: `let nobody refresh them until the promotion is over; or, to rule it out, take them out of the subscription: ${withoutSequences(subscription, publications)}${pending.count === 0 ? '' : ` A statement that hangs waits for the subscription's worker, which waits for a lock: ${freeWorker(name)};`}`,
    subject: name,
  });
}

/** Until the worker of the subscription has the lock that it waits for, no statement that changes the subscription gets through. */
export function freeWorker(subscription: string): string {
  return `this ends the sessions that hold it, on the standby, as a superuser: SELECT pg_terminate_backend(blocker) FROM pg_stat_subscription, unnest(pg_blocking_pids(pid)) AS blocker WHERE subname = ${quoteLiteral(subscription)}`;
}

/** Statements after which the subscription carries no sequences, and the tables that it did. */
function withoutSequences(
  subscription: SequenceSubscription,
  publications: readonly SequencePublication[] | null,
): string {
  const name = inQuotes(subscription.name);
  const refresh = `on the standby: ALTER SUBSCRIPTION ${name} REFRESH PUBLICATION;`;
  if (publications === null) {
    const all = subscription.publications.map(inQuotes).join(', ');
    return `on its publisher make ${all} publish no sequences (ALTER PUBLICATION … SET ALL TABLES), then ${refresh}`;
  }
  const received = publications.filter((one) => subscription.publications.includes(one.name));
  const mixed = received.filter(({ allTables }) => allTables);
  const pure = received.filter(({ allTables }) => !allTables);
  // A subscription needs at least one publication.
  if (pure.length > 0 && pure.length === subscription.publications.length)
    return `on the standby: DROP SUBSCRIPTION ${name}; it carries nothing else`;
  const onPrimary = mixed.map(
    ({ name: publication, except }) =>
      `ALTER PUBLICATION ${inQuotes(publication)} SET ALL TABLES${except.length === 0 ? '' : ` EXCEPT (TABLE ${except.join(', ')})`};`,
  );
  const onStandby =
    pure.length === 0
      ? `ALTER SUBSCRIPTION ${name} REFRESH PUBLICATION;`
      : `ALTER SUBSCRIPTION ${name} DROP PUBLICATION ${pure.map((one) => inQuotes(one.name)).join(', ')};`;
  return [
    ...(onPrimary.length === 0 ? [] : [`on the primary: ${onPrimary.join(' ')}`]),
    `on the standby: ${onStandby}`,
  ].join(' then ');
}
