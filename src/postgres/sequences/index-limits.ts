import { quoteIdentifier } from '../../sequences/identifier.js';
import type { LimitsRow } from './column-limits-sql.js';

/** Descriptions of the indexes that may refuse values of a column. */
export function limitsOfIndexes(
  {
    unique_expressions: unique,
    casting_indexes: casting,
  }: Pick<LimitsRow, 'unique_expressions' | 'casting_indexes'>,
  ofTable: string,
): string[] {
  const named = (unique ?? []).map(({ name, isExclusion }) => {
    const kind = isExclusion ? 'exclusion constraint' : 'unique index';
    return `the ${kind} ${quoteIdentifier(name)} of ${ofTable}, on an expression`;
  });
  const others = (casting ?? []).filter((name) => unique?.some((one) => one.name === name) !== true);
  return [
    ...named,
    ...others.map(
      (name) => `the index ${quoteIdentifier(name)} of ${ofTable}, which casts the values to a smaller type`,
    ),
  ];
}
