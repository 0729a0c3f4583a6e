import { partsOfName, qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';

/** A sequence that was renamed, or moved to another schema. */
export interface RenamedSequence {
  sequence: string;
  renamedTo: string;
  /** The column that owns it, as `schema.table.column`; null for none. */
  ownedBy: string | null;
}

/** Either the statements, or the sequence whose statements are for this one, too. */
export type RenameBack = { statements: string } | { seeSequence: string };

/** A name that no sequence has, for sequences that have exchanged their names. */
const MEANWHILE = 'sequence_failover_renames_it';

/**
 * The statements that give sequences their names back. A sequence that has the name of another one is renamed before it, and both belong to one
 * paste: that of the first. The sequences of a table that was moved to another schema also belong to one paste, since they move back with it.
 */
export function renameBack(renamed: readonly RenamedSequence[]): Map<string, RenameBack> {
  const pending = renamed.map((one) => ({ ...one }));
  const firstOf = groups(renamed);
  const statements = new Map<string, Set<string>>();
  const add = (sequence: string, some: readonly string[]) => {
    const first = firstOf.get(sequence) ?? sequence;
    statements.set(first, new Set([...(statements.get(first) ?? []), ...some]));
  };
  while (pending.length > 0) {
    const isFree = ({ sequence }: RenamedSequence) => !pending.some((one) => one.renamedTo === sequence);
    const free = pending.findIndex(isFree);
    const [move] = pending.splice(Math.max(0, free), 1);
    if (move === undefined) break;
    if (free >= 0) {
      add(move.sequence, moveTo(move, move.sequence));
      continue;
    }
    const [schema = ''] = partsOfName(move.renamedTo);
    const meanwhile = qualifiedName(schema, MEANWHILE);
    add(move.sequence, moveTo(move, meanwhile));
    pending.push({ ...move, renamedTo: meanwhile });
  }
  return new Map(
    renamed.map(({ sequence }): [string, RenameBack] => {
      const first = firstOf.get(sequence) ?? sequence;
      return first === sequence
        ? [sequence, { statements: [...(statements.get(first) ?? [])].join(' ') }]
        : [sequence, { seeSequence: first }];
    }),
  );
}

/** The first sequence of those that can only be renamed together, by each of them. */
function groups(renamed: readonly RenamedSequence[]): Map<string, string> {
  const firstOf = new Map(renamed.map(({ sequence }) => [sequence, sequence]));
  const unite = (one: string, other: string) => {
    const both = [firstOf.get(one) ?? one, firstOf.get(other) ?? other];
    const earliest = renamed.find(({ sequence }) => both.includes(sequence))?.sequence ?? one;
    for (const [sequence, first] of firstOf) if (both.includes(first)) firstOf.set(sequence, earliest);
  };
  const byTable = new Map<string, string>();
  for (const one of renamed) {
    const holder = renamed.find(({ renamedTo }) => renamedTo === one.sequence);
    if (holder !== undefined) unite(one.sequence, holder.sequence);
    const table = movedTable(one);
    if (table === null) continue;
    unite(byTable.get(table) ?? one.sequence, one.sequence);
    byTable.set(table, byTable.get(table) ?? one.sequence);
  }
  return firstOf;
}

function movedTable({ sequence, renamedTo, ownedBy }: RenamedSequence): string | null {
  if (ownedBy === null || partsOfName(sequence)[0] === partsOfName(renamedTo)[0]) return null;
  const [schema = '', table = ''] = partsOfName(ownedBy);
  return qualifiedName(schema, table);
}

function moveTo(move: RenamedSequence, to: string): string[] {
  const [schema = '', name = ''] = partsOfName(move.renamedTo);
  const [wantedSchema = '', wantedName = ''] = partsOfName(to);
  const statements: string[] = [];
  if (schema !== wantedSchema) {
    // PostgreSQL moves a sequence that a column owns only with its table.
    const table = movedTable({ ...move, sequence: to });
    const what = table === null ? `SEQUENCE ${move.renamedTo}` : `TABLE ${table}`;
    statements.push(`ALTER ${what} SET SCHEMA ${quoteIdentifier(wantedSchema)};`);
  }
  if (name !== wantedName) {
    const moved = qualifiedName(wantedSchema, name);
    statements.push(`ALTER SEQUENCE ${moved} RENAME TO ${quoteIdentifier(wantedName)};`);
  }
  return statements;
}
