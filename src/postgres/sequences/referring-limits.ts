import { columnLimit } from '../../sequences/bounds.js';
import type { ColumnType, Restriction } from '../../sequences/sequence.js';
import { BPCHAR, VARCHAR } from './column-limits-sql.js';
import type { Domain } from './domain-limits.js';
import { digits } from './digits.js';
import { alterColumn, nameOf, type ReferringColumn, widenLength } from './widen-limits.js';

/**
 * The limits of a fed column that come from the columns which refer to it by foreign keys: a row with a value beyond them is accepted, but no
 * row that refers to it.
 *
 * @param column the fed column
 * @param domains the chain of domains of each type
 */
export function referringLimits(
  column: string,
  referring: readonly ReferringColumn[],
  domains: ReadonlyMap<number, readonly Domain[]>,
): Restriction[] {
  return referring.flatMap((one): Restriction[] => {
    const name = nameOf(one);
    const chain = domains.get(one.type) ?? [];
    const base = chain.at(-1)?.base ?? one.type;
    const mod = [one, ...chain].find((each) => each.mod >= 0)?.mod ?? -1;
    const limit = limitOf(base, mod);
    if (limit === null) return [];
    const { range, described, change } = limit;
    const widen =
      change === null
        ? widenLength(name)
        : { statements: [alterColumn(name, change)], changesType: true as const };
    return [
      {
        ...{
          type: 'restriction',
          ...range,
          of: `the ${described} column ${name}, which refers to ${column}`,
        },
        refers: true,
        ...(chain.length === 0
          ? { widen }
          : { byHand: `the column ${name} by another type than its domain` }),
      },
    ];
  });
}

interface TypeLimit {
  range: Pick<Restriction, 'low' | 'high'>;
  /** The type in words. */
  described: string;
  /** What widens the column; null for more characters. */
  change: string | null;
}

/** The oids of smallint, integer and numeric. */
const [INT2, INT4, NUMERIC] = [21, 23, 1700];

/** Null for a type that holds every value of a sequence, or whose limit is not known. */
function limitOf(type: number, mod: number): TypeLimit | null {
  if (type === INT2) return ofType({ type: 'int2' }, 'smallint', 'TYPE bigint');
  if (type === INT4) return ofType({ type: 'int4' }, 'integer', 'TYPE bigint');
  if (type === NUMERIC && mod >= 4) {
    // As numeric_typmod_precision and numeric_typmod_scale in src/backend/utils/adt/numeric.c.
    const precision = ((mod - 4) >> 16) & 65535;
    const scale = (((mod - 4) & 2047) ^ 1024) - 1024;
    return ofType({ type: 'numeric', precision, scale }, `numeric(${precision},${scale})`, 'TYPE numeric');
  }
  if ((type !== BPCHAR && type !== VARCHAR) || mod < 5) return null;
  const described = `${type === BPCHAR ? 'character' : 'character varying'}(${mod - 4})`;
  return { range: digits(mod - 4), described, change: null };
}

function ofType(type: ColumnType, described: string, change: string): TypeLimit {
  return { range: { low: columnLimit(type, -1n), high: columnLimit(type, 1n) }, described, change };
}
