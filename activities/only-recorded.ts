import type { Finding } from '../src/contract/status.js';
import type { EvidenceContext } from '../src/planning/rows/plan-by-evidence.js';
import { planMissing } from '../src/planning/rows/plan-missing.js';
import { toColumnName } from '../src/planning/column-facts.js';
import { fedColumns } from '../src/planning/remedies/default-on-primary.js';
import { readColumns } from '../src/postgres/sequences/fed-columns.js';
import { compareNames } from '../src/postgres/sequences/page-ranges.js';
import { qualifiedName } from '../src/sequences/identifier.js';
import type { PageRange, RawName } from '../src/steps/identity.js';
import type { PlannedSequence } from '../src/steps/rows.js';
import type { PageOfPair } from './page-of-pair.js';
import { noteUnread, readLedger } from './read-ledger.js';

/**
 * The names of the sequences that the primary had according to the ledger, and that the standby does not have.
 *
 * @param recorded those of the ledger
 */
export function onlyRecorded(recorded: readonly RawName[], onStandby: readonly RawName[]): RawName[] {
  const present = new Set(onStandby.map((name) => qualifiedName(...name)));
  return recorded.filter((name) => !present.has(qualifiedName(...name)));
}

/**
 * The rows and findings of those sequences of a page that only the ledger knows. There are none if the ledger cannot be read.
 *
 * @param unread gets a finding for each reading of the ledger that fails
 */
export async function planOnlyRecorded(
  { pair, identity, range }: PageOfPair,
  context: EvidenceContext,
  onStandby: readonly RawName[],
  unread: Finding[],
): Promise<{ rows: PlannedSequence[]; findings: Finding[] }> {
  const none = { rows: [], findings: [] };
  const { ledger } = pair;
  if (ledger === null) return none;
  const note = noteUnread(ledger, unread);
  const recorded = await readLedger(() => ledger.recordedNames(identity.pair, identity.standby), note);
  if (recorded === null) return none;
  const names = onlyRecorded(within(range, recorded), onStandby);
  if (names.length === 0) return none;
  const sequences = names.map((name) => qualifiedName(...name));
  const known = await readLedger(
    () => Promise.all([ledger.evidence(identity, sequences), ledger.definitions(identity, sequences)]),
    note,
  );
  const [evidence, definitions] = known ?? [new Map<never, never>(), new Map<never, never>()];
  const columns = [...definitions.values()].flatMap(fedColumns);
  const standby = await readColumns(pair.standby, identity.standby, {
    columns: columns.map(toColumnName),
    schemas: [...new Set(names.map(([schema]) => schema))],
  });
  return planMissing(context, sequences, { evidence, definitions, standby, isRead: known !== null });
}

/** The names of a page, of names in the order of `compareNames`. */
function within({ after, upTo }: PageRange, names: readonly RawName[]): readonly RawName[] {
  return names.slice(
    after === null ? 0 : countUpTo(names, after),
    upTo === null ? undefined : countUpTo(names, upTo),
  );
}

/** How many names come before the limit or are equal to it. */
function countUpTo(names: readonly RawName[], limit: RawName): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const name = names[middle];
    if (name !== undefined && compareNames(name, limit) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
