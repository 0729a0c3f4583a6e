import { columnLimit } from '../sequences/bounds.js';
import { rangeBound } from '../sequences/range-bound.js';
import { partsOfName, qualifiedName, quoteIdentifier } from '../sequences/identifier.js';
import { callsUntil } from '../sequences/sequence.js';
import { asOwner } from './as-owner.js';
import type { StandbySequence } from './standby-sequence.js';

const widest = { most: 9_223_372_036_854_775_807n, least: -9_223_372_036_854_775_808n };

/**
 * The statements that give a used up sequence of the standby more values. They widen its own limit and those of its columns together, since
 * otherwise the next of these limits would stop it.
 *
 * @param next the value that has to fit
 * @param limit the limit of the primary's sequence, which is used if `next` fits in it
 */
export function widenRemedy(standby: StandbySequence, next: bigint, limit: bigint): string {
  const { sequence, definition, feeds } = standby;
  const { increment, min, max } = definition;
  const ascending = increment > 0n;
  const isUsedUp = (bound: bigint | null) => bound !== null && callsUntil(bound, next, increment) === 0n;
  const last = ascending ? widest.most : widest.least;
  if (isUsedUp(last)) {
    return `no integer type holds more: on both sides let its columns take other values, or those that are free again, such as ALTER SEQUENCE ${sequence} RESTART`;
  }
  const statements: string[] = [];
  const others: string[] = [];
  if (isUsedUp(ascending ? max : min)) {
    const bound = isUsedUp(limit) ? last : limit;
    statements.push(
      `ALTER SEQUENCE ${sequence} AS bigint ${ascending ? 'MAXVALUE' : 'MINVALUE'} ${String(bound)};`,
    );
  }
  for (const { column, limits } of feeds) {
    const tight = limits
      .flatMap((limit) => (limit.type === 'ranges' ? (rangeBound(limit, next, ascending) ?? []) : limit))
      .filter((limit) => isUsedUp(columnLimit(limit, increment)));
    others.push(...tight.flatMap((limit) => (limit.type === 'restriction' ? [limit.of] : [])));
    if (!tight.some(({ type }) => type !== 'restriction')) continue;
    const [schema = '', table = '', name = ''] = partsOfName(column);
    statements.push(
      `ALTER TABLE ${qualifiedName(schema, table)} ALTER COLUMN ${quoteIdentifier(name)} TYPE ${limits.some(({ type }) => type === 'numeric') ? 'numeric' : 'bigint'};`,
    );
  }
  const byHand = others.length === 0 ? null : `on the standby widen ${others.join(', ')}`;
  const byStatement = statements.length === 0 ? null : asOwner('standby', statements.join(' '));
  return [byStatement, byHand].filter((remedy) => remedy !== null).join(' and ');
}
