import type { FindingCode } from '../../src/contract/findings.js';
import type { Finding } from '../../src/contract/status.js';
import { readTablesDigest } from '../../src/postgres/server/read-tables.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import type { TablesState } from '../../src/steps/readiness.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';
import { readGuardrails } from '../read-guardrails.js';
import { readReplication } from '../read-replication.js';

/** Findings about tables whose rows the standby lacks, or may lack. */
const OF_MISSING_ROWS: ReadonlySet<FindingCode> = new Set([
  'NOT_PUBLISHED',
  'PARTLY_PUBLISHED',
  'NOT_SUBSCRIBED',
  'GUARDRAILS_UNREAD',
]);

/**
 * A table that was created after the check, or that was empty then, may have rows that no subscription receives. If a digest shows no change,
 * nothing else is read: applications cannot write meanwhile.
 */
export async function findChangedTables(
  pair: Pair,
  identity: PairIdentity,
  { digest, publications }: TablesState,
): Promise<Finding[]> {
  const present = await onSide('primary', () =>
    readTablesDigest(pair.primary, identity.primary, publications),
  );
  if (present === digest) return [];
  const { findings } = await readGuardrails(pair, identity, await readReplication(pair, identity));
  return findings.filter(({ code }) => OF_MISSING_ROWS.has(code));
}
