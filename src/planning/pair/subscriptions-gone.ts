import { plural } from '../../contract/plural.js';
import type { Finding } from '../../contract/status.js';
import { pairFinding } from '../../findings/make-finding.js';
import type { SubscriptionDetail } from '../../steps/readiness.js';
import { createSubscription, type Publisher } from '../remedies/create-subscription.js';

/**
 * Findings for subscriptions to the primary that the run has seen and that no longer exist.
 *
 * @param known their names
 * @param present all subscriptions of the standby's database
 * @param publicationsOf the publications of each; null if they are not known
 */
export function subscriptionsGone(
  known: readonly string[],
  present: readonly string[],
  publisher: Publisher,
  publicationsOf: (name: string) => readonly string[] | null,
): Finding[] {
  const here = new Set(present);
  return known
    .filter((name) => !here.has(name))
    .map((name) => ({
      ...pairFinding(
        'SUBSCRIPTION_GONE',
        `the subscription ${name} on the standby existed earlier in this run, and was dropped: rows that it had not received are missing`,
        `compare the tables of both sides; to receive the rest, on the standby, under the same name and with the words in <> filled in: ${createSubscription(name, publisher, publicationsOf(name))} (empty its tables first; or add WITH (copy_data = false), which skips the rows that it had not received, and has to be accepted); or accept it, for example if the standby had confirmed everything after the primary was fenced`,
      ),
      subject: name,
    }));
}

/**
 * Findings for subscriptions that were created again while the run waited, without a copy of their tables, that were given another slot, or
 * whose slot was created again: rows that were written in between may be missing.
 *
 * @param known as `mergeSubscriptions` keeps them
 * @param now as they were just read
 */
export function subscriptionsReplaced(
  known: readonly Pick<SubscriptionDetail, 'name' | 'oid' | 'firstSlot' | 'isSlotNew'>[],
  now: readonly Omit<SubscriptionDetail, 'publications'>[],
): Finding[] {
  return now.flatMap(({ name, oid, slot, notCopied = 0 }) => {
    const first = known.find((one) => one.name === name);
    const isNew = first?.oid !== undefined && oid !== undefined && first.oid !== oid;
    const before = first?.firstSlot;
    const hasOtherSlot = before !== undefined && slot !== null && slot !== before;
    const what =
      isNew && notCopied > 0
        ? `was dropped and created again without copying ${plural(notCopied, 'table')}`
        : hasOtherSlot && !isNew
          ? `was given the slot ${slot} instead of ${before}`
          : first?.isSlotNew === true && !isNew
            ? `has lost its place in the changes of the primary, since its slot ${slot ?? ''} was dropped there and created again`
            : null;
    if (what === null) return [];
    const finding = pairFinding(
      'SUBSCRIPTION_GONE',
      `the subscription ${name} on the standby ${what} while this run waited: rows that were written in between may be missing`,
      'compare the tables of both sides, and bring the rows that are missing to the standby; then accept it',
    );
    return [{ ...finding, subject: name }];
  });
}
