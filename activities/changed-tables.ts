import type { Finding } from '../src/contract/status.js';
import { OF_CHANGED_TABLES } from '../src/findings/missing-rows.js';
import { slotsOf } from '../src/planning/pair/replication-findings.js';
import { isLocked } from '../src/postgres/failures/narrow-down-failures.js';
import { readReplicationLag } from '../src/postgres/replication/read-replication-lag.js';
import { readSubscriptions } from '../src/postgres/replication/read-subscriptions.js';
import { readReceivedDigest } from '../src/postgres/server/read-guardrails.js';
import { readPublishedDigest } from '../src/postgres/server/read-tables.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { TablesState } from '../src/steps/readiness.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import { readGuardrails } from './read-guardrails.js';

/**
 * A table that was created after the check, or that was empty then, may have rows that no subscription receives; a trigger that was created
 * since may give a column values that nobody compared with its rows. If the digests of both sides
 * are the same as at the check, nothing else is read.
 *
 * @returns null if they are the same
 */
export async function findChangedTables(
  pair: Pair,
  identity: PairIdentity,
  { published, received, publications }: TablesState,
): Promise<Finding[] | null> {
  const { primary, standby } = pair;
  const [onPrimary, onStandby] = await Promise.all([
    onSide('primary', () => readPublishedDigest(primary, identity.primary, publications).catch(nullIfLocked)),
    onSide('standby', () => readReceivedDigest(standby, identity.standby)),
  ]);
  if (onPrimary === published && onStandby === received) return null;
  const subscriptions = await onSide('standby', () => readSubscriptions(standby, identity.standby));
  const lags = await onSide('primary', () =>
    readReplicationLag(primary, identity.primary, slotsOf(subscriptions)),
  );
  const { findings } = await readGuardrails(pair, identity, { subscriptions, lags });
  return findings.filter(({ code }) => OF_CHANGED_TABLES.has(code));
}

/** A table that somebody has locked for itself. The guardrails say how to find and end the lock. */
function nullIfLocked(error: unknown): null {
  if (isLocked(error)) return null;
  throw error;
}
