import type { SequenceOrigin, SideFacts } from '../../steps/columns.js';
import type { PrimarySequence } from '../../steps/rows.js';
import { qualifiedName, quoteIdentifier, requoted } from '../../sequences/identifier.js';
import { callingSequences, type ColumnFacts } from '../column-facts.js';
import type { StandbySequence } from '../standby-sequence.js';
import { grantsAsOnPrimary, schemaStatements } from './standby-statements.js';

/**
 * The sequence of the standby that the primary has under another name, as after a rename there that nobody has repeated on the standby: it
 * feeds the same columns, belongs to the same one, and has the same increment.
 *
 * @param primary a sequence that the standby does not have under this name
 * @param candidates sequences of the standby that the primary does not have under their names
 * @returns null if there is none, or if more than one may be it, or if the facts about it could not be read
 */
export function earlierName(
  primary: PrimarySequence,
  candidates: readonly StandbySequence[],
  facts: ColumnFacts,
): StandbySequence | null {
  const { standby } = facts;
  const origin = facts.origins.get(primary.oid);
  if (standby === null || facts.primary === null || origin === undefined) return null;
  const onPrimary = facts.primary.columns;
  const fed = (primary.feeds ?? []).map(requoted).filter((column) => standby.columns.has(column));
  const [one, ...others] = new Set(fed.flatMap((column) => callingSequences(standby.columns.get(column))));
  const found = candidates.find(({ sequence }) => sequence === one);
  if (found === undefined || others.length > 0 || found.extension !== null || found.temporary) return null;
  const { sequence, feeds, definition } = found;
  const isSame =
    definition.increment === BigInt(primary.increment) &&
    feeds.length === fed.length &&
    feeds.every(({ column }) => fed.includes(column)) &&
    ownedBy(sequence, standby) === origin.ownedBy &&
    feeds.every(
      ({ column }) => standby.columns.get(column)?.isIdentity === onPrimary.get(column)?.isIdentity,
    );
  return isSame ? found : null;
}

/** The column that owns it, among those that were read. */
function ownedBy(sequence: string, { columns }: SideFacts): string | null {
  for (const [column, { feeders }] of columns)
    if (feeders.some((feeder) => feeder.sequence === sequence && feeder.via !== 'default')) return column;
  return null;
}

/** The statements that give the sequence of the standby the name that it has on the primary, and the grants. */
export function renameStatements(
  primary: PrimarySequence,
  origin: SequenceOrigin | null,
  standby: SideFacts,
  from: StandbySequence,
): string[] {
  const { schema, name } = primary;
  const [fed] = from.feeds.flatMap(({ column }) => standby.columns.get(column) ?? []);
  // One that a column owns is in the schema of its table on both sides, so that it is never moved.
  const moves = from.schema !== schema;
  return [
    ...(moves ? schemaStatements(primary, origin, standby) : []),
    ...(moves ? [`ALTER SEQUENCE ${from.sequence} SET SCHEMA ${quoteIdentifier(schema)};`] : []),
    ...(from.name === name
      ? []
      : [`ALTER SEQUENCE ${qualifiedName(schema, from.name)} RENAME TO ${quoteIdentifier(name)};`]),
    ...grantsAsOnPrimary(primary, origin, standby, fed?.owner),
  ];
}
