import { log } from '@temporalio/activity';
import type { Finding } from '../src/contract/status.js';
import { guardrailFindings, guardrailsUnread } from '../src/planning/guardrail-findings.js';
import { slotsOf, subscriptionsTo } from '../src/planning/replication-findings.js';
import { classify } from '../src/postgres/failures/classify.js';
import { ConnectionError } from '../src/postgres/failures/errors.js';
import {
  type Obstruction,
  readPrimaryActivity,
  readPrimaryTables,
  readStandbyGuardrails,
} from '../src/postgres/server/read-guardrails.js';
import type { PairIdentity } from '../src/steps/identity.js';
import { toActivityFailure } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import type { Replication } from './read-replication.js';

/**
 * Reads the obstacles to a switch apart from the sequences. If some of them cannot be read, for example because a table is locked, the run
 * still continues, and the others are found.
 */
export async function readGuardrails(
  { primary, standby }: Pair,
  identity: PairIdentity,
  { subscriptions, lags }: Replication,
): Promise<Finding[]> {
  const toPrimary = subscriptionsTo(lags, subscriptions);
  const publications = [...new Set(toPrimary.flatMap((one) => one.publications))];
  const unread = (what: 'all' | 'tables', error: unknown): Finding => {
    const { scope, reason } = classify(error);
    if (scope === 'connection')
      throw toActivityFailure(error, error instanceof ConnectionError ? error.side : 'primary');
    log.warn('what a switch meets besides the sequences could not be read', { reason });
    return guardrailsUnread(what, reason);
  };
  const findings = (here: readonly Obstruction[], there: readonly Obstruction[]) =>
    guardrailFindings(here, there, slotsOf(subscriptions), toPrimary);
  const [activity, tables] = await Promise.allSettled([
    readPrimaryActivity(primary, identity.primary),
    Promise.all([
      readPrimaryTables(primary, identity.primary, publications),
      readStandbyGuardrails(standby, identity.standby),
    ]),
  ]);
  if (activity.status === 'rejected') return [unread('all', activity.reason)];
  // The tables of one side say nothing without those of the other.
  if (tables.status === 'rejected') return [...findings(activity.value, []), unread('tables', tables.reason)];
  const [here, there] = tables.value;
  return findings([...activity.value, ...here], there);
}
