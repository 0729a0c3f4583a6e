import { log } from '@temporalio/activity';
import type { Finding } from '../src/contract/status.js';
import { guardrailFindings, guardrailsUnread } from '../src/planning/guardrail-findings.js';
import { slotsOf, subscriptionsTo } from '../src/planning/replication-findings.js';
import { classify } from '../src/postgres/failures/classify.js';
import { ConnectionError } from '../src/postgres/failures/errors.js';
import { readPrimaryGuardrails, readStandbyGuardrails } from '../src/postgres/server/read-guardrails.js';
import type { PairIdentity } from '../src/steps/identity.js';
import { toActivityFailure } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import type { Replication } from './read-replication.js';

/**
 * Reads the obstacles to a switch apart from the sequences. If some of them cannot be read, for example because a table is locked, the run
 * still continues.
 */
export async function readGuardrails(
  { primary, standby }: Pair,
  identity: PairIdentity,
  { subscriptions, lags }: Replication,
): Promise<Finding[]> {
  const toPrimary = subscriptionsTo(lags, subscriptions);
  const publications = [...new Set(toPrimary.flatMap((one) => one.publications))];
  try {
    const [here, there] = await Promise.all([
      readPrimaryGuardrails(primary, identity.primary, publications),
      readStandbyGuardrails(standby, identity.standby),
    ]);
    return guardrailFindings(here, there, slotsOf(subscriptions), toPrimary);
  } catch (error) {
    const { scope, reason } = classify(error);
    if (scope === 'connection')
      throw toActivityFailure(error, error instanceof ConnectionError ? error.side : 'primary');
    log.warn('what a switch meets besides the sequences could not be read', { reason });
    return [guardrailsUnread(reason)];
  }
}
