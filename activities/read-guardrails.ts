import { log } from '@temporalio/activity';
import type { Finding } from '../src/contract/status.js';
import type { SideOfPair } from '../src/contract/side.js';
import {
  endTheLock,
  guardrailFindings,
  guardrailsUnread,
  type Unread,
} from '../src/planning/pair/guardrail-findings.js';
import { hiddenFeeds } from '../src/planning/pair/hidden-feeds.js';
import { slotsOf, subscriptionsTo } from '../src/planning/pair/replication-findings.js';
import { classify } from '../src/postgres/failures/classify.js';
import { ConnectionError } from '../src/postgres/failures/errors.js';
import { isLocked } from '../src/postgres/failures/narrow-down-failures.js';
import {
  readHiddenFeeds,
  readPrimaryActivity,
  readStandbyGuardrails,
} from '../src/postgres/server/read-guardrails.js';
import { readPrimaryTables } from '../src/postgres/server/read-tables.js';
import type { Endpoint } from '../src/postgres/endpoint.js';
import type { Identity, PairIdentity } from '../src/steps/identity.js';
import type { Obstruction } from '../src/steps/obstruction.js';
import type { TablesState } from '../src/steps/readiness.js';
import { toActivityFailure } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import type { Replication } from './read-replication.js';

export interface Guardrails {
  findings: Finding[];
  /** Null if they could not be read. */
  tables: TablesState | null;
}

/**
 * Reads the obstacles to a switch apart from the sequences. If some of them cannot be read, for example because a table is locked, the run
 * still continues, and the others are found.
 */
export async function readGuardrails(
  { primary, standby }: Pair,
  identity: PairIdentity,
  { subscriptions, lags }: Pick<Replication, 'subscriptions' | 'lags'>,
): Promise<Guardrails> {
  const toPrimary = subscriptionsTo(lags, subscriptions);
  const publications = [...new Set(toPrimary.flatMap((one) => one.publications))];
  const findings = (onPrimary: readonly Obstruction[], onStandby: readonly Obstruction[]) =>
    guardrailFindings({
      ...{ primary: onPrimary, standby: onStandby, slots: slotsOf(subscriptions) },
      ...{ receiving: toPrimary, publisher: primary.address },
    });
  const [activity, onPrimary, onStandby] = await Promise.allSettled([
    readPrimaryActivity(primary, identity.primary),
    readPrimaryTables(primary, identity.primary, publications),
    readStandbyGuardrails(standby, identity.standby),
  ]);
  if (activity.status === 'rejected')
    return { findings: [unread('all', 'primary', activity.reason)], tables: null };
  // The tables of one side say nothing without those of the other.
  if (onPrimary.status === 'rejected' || onStandby.status === 'rejected') {
    const failed = [
      ...(onPrimary.status === 'rejected' ? [unread('tables', 'primary', onPrimary.reason)] : []),
      ...(onStandby.status === 'rejected' ? [unread('tables', 'standby', onStandby.reason)] : []),
    ];
    return { findings: [...findings(activity.value, []), ...failed], tables: null };
  }
  const [published, received] = [onPrimary.value, onStandby.value];
  return {
    findings: findings([...activity.value, ...published.obstructions], received.obstructions),
    tables: { published: published.digest, received: received.digest, publications },
  };
}

/** Without the primary, nothing else of the guardrails can be checked. */
export async function findHiddenFeeds(standby: Endpoint, expected: Identity): Promise<Finding[]> {
  try {
    return hiddenFeeds(await readHiddenFeeds(standby, expected), 'the standby');
  } catch (error) {
    return [unread('feeds', 'standby', error)];
  }
}

/** @throws if the connection failed */
function unread(what: Unread, side: SideOfPair, error: unknown): Finding {
  const { scope, reason, remedy } = classify(error);
  if (scope === 'connection')
    throw toActivityFailure(error, error instanceof ConnectionError ? error.side : side);
  log.warn('obstacles to a switch apart from the sequences could not be read', { reason });
  return guardrailsUnread(what, `on the ${side}: ${reason}`, isLocked(error) ? endTheLock(side) : remedy);
}
