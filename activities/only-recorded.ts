import type { Finding } from '../src/contract/status.js';
import type { LastPrimary } from '../src/ledger/evidence.js';
import type { EvidenceContext } from '../src/planning/plan-by-evidence.js';
import { planMissing } from '../src/planning/plan-missing.js';
import { toColumnName } from '../src/planning/column-findings.js';
import { readColumns } from '../src/postgres/sequences/fed-columns.js';
import { compareNames } from '../src/postgres/sequences/page-ranges.js';
import { partsOfName, qualifiedName } from '../src/sequences/identifier.js';
import type { PageRange, PairIdentity, RawName } from '../src/steps/identity.js';
import type { PlannedSequence } from '../src/steps/rows.js';
import type { Pair } from './dependencies.js';
import { readLedger } from './read-ledger.js';

/**
 * The names of the sequences that the primary had according to the ledger, and that the standby does not have, in the order of
 * `compareNames`.
 */
export function onlyRecorded(last: LastPrimary | null, onStandby: readonly RawName[]): RawName[] {
  const present = new Set(onStandby.map((name) => qualifiedName(...name)));
  return (last?.sequences ?? [])
    .filter((sequence) => !present.has(sequence))
    .map((sequence): RawName => {
      const [schema = '', name = ''] = partsOfName(sequence);
      return [schema, name];
    })
    .sort(compareNames);
}

/** The rows and findings of those sequences of a page that only the ledger knows. There are none if the ledger cannot be read. */
export async function planOnlyRecorded(
  pair: Pair,
  identity: PairIdentity,
  range: PageRange,
  context: EvidenceContext,
  onStandby: readonly RawName[],
): Promise<{ rows: PlannedSequence[]; findings: Finding[] }> {
  const none = { rows: [], findings: [] };
  const { ledger } = pair;
  if (ledger === null) return none;
  const last = await readLedger<LastPrimary | null>(
    () => ledger.lastPrimary(identity.pair, identity.standby),
    () => null,
  );
  const names = onlyRecorded(last, onStandby).filter((name) => isWithin(range, name));
  if (names.length === 0) return none;
  const sequences = names.map((name) => qualifiedName(...name));
  const [evidence, definitions] = await readLedger(
    () => Promise.all([ledger.evidence(identity, sequences), ledger.definitions(identity, sequences)]),
    () => [new Map(), new Map()] as const,
  );
  const columns = [...definitions.values()].flatMap(({ feeds }) => feeds);
  const standby = await readColumns(pair.standby, identity.standby, {
    columns: columns.map(toColumnName),
    schemas: [...new Set(names.map(([schema]) => schema))],
  });
  return planMissing(context, sequences, { evidence, definitions, standby });
}

function isWithin({ after, upTo }: PageRange, name: RawName): boolean {
  return (
    (after === null || compareNames(name, after) > 0) && (upTo === null || compareNames(name, upTo) <= 0)
  );
}
