import type { Policy } from '../src/steps/identity.js';
import type { PrimarySequence } from '../src/steps/rows.js';
import { callingSequencesIn, type ColumnFacts, noFacts, toColumnName } from '../src/planning/column-facts.js';
import { wantedFacts } from '../src/planning/rows/plan-page.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { readColumns } from '../src/postgres/sequences/fed-columns.js';
import { compareNames } from '../src/postgres/sequences/page-ranges.js';
import { readOrigins } from '../src/postgres/sequences/sequence-origins.js';
import { classify } from '../src/postgres/failures/classify.js';
import { partsOfName } from '../src/sequences/identifier.js';
import { isBug, onSide } from './activity-failure.js';
import type { PageOfPair } from './page-of-pair.js';
import { isWorthARetry } from './worth-a-retry.js';

/**
 * Reads the facts about columns that one side's sequence feeds and the other side's does not. It reads nothing if the sides agree. The
 * sequence that feeds the column on the other side may be on another page, so it is found by the column.
 */
export async function readColumnFacts(
  { pair, identity }: Pick<PageOfPair, 'pair' | 'identity'>,
  policy: Policy,
  { primary, standby }: { primary: readonly PrimarySequence[]; standby: readonly StandbySequence[] },
): Promise<ColumnFacts> {
  const wanted = wantedFacts(policy, primary, standby, byName);
  if (wanted === null) return noFacts;
  const reasons: string[] = [];
  const onPrimary = await unlessUnreadable(null, reasons, () =>
    readColumns(pair.primary, identity.primary, { columns: wanted.onPrimary.map(toColumnName) }),
  );
  // Sequences of other pages included.
  const feeders = [...(onPrimary?.columns.values() ?? [])].flatMap(({ feeders }) => feeders);
  const oids = new Set([...wanted.origins, ...feeders.flatMap(({ oid }) => oid ?? [])]);
  const origins = await unlessUnreadable(noFacts.origins, reasons, () =>
    readOrigins(pair.primary, identity.primary, [...oids]),
  );
  const onStandby = await readColumns(pair.standby, identity.standby, {
    columns: wanted.onStandby.map(toColumnName),
    schemas: wanted.schemas,
    sequences: callingSequencesIn(onPrimary).map((name) => partsOfName(name)),
    roles: rolesIn(origins),
  });
  return { standby: onStandby, primary: onPrimary, origins, unread: reasons[0] ?? null };
}

function rolesIn(origins: ColumnFacts['origins']): string[] {
  const all = [...origins.values()].flatMap(({ owner, grants, schemaOwner, schemaUsers }) => [
    owner,
    ...(schemaOwner === null ? [] : [schemaOwner]),
    ...schemaUsers,
    ...grants.map(({ grantee }) => grantee),
  ]);
  return [...new Set(all)].filter((role) => role !== 'PUBLIC');
}

/** Compares names by their bytes, like the order of the pages. */
export function byName(a: { schema: string; name: string }, b: { schema: string; name: string }): number {
  return compareNames([a.schema, a.name], [b.schema, b.name]);
}

/**
 * If the primary is there and this query fails, the advice is less complete, and gives the reason. Without a connection the step fails, as
 * it would have if the positions had been read a moment later: a column's default that is not known looks like one that differs.
 */
function unlessUnreadable<T>(otherwise: T, reasons: string[], read: () => Promise<T>): Promise<T> {
  return onSide('primary', async () => {
    try {
      return await read();
    } catch (error) {
      const { scope, reason } = classify(error);
      if (scope === 'connection' || isWorthARetry(error) || isBug(error)) throw error;
      reasons.push(reason.replace(/\.$/u, ''));
      return otherwise;
    }
  });
}
