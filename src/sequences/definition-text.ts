import { startOf } from './phase.js';
import { type Definition, MAX_BIGINT } from './sequence.js';

/** The largest value of each type, which limits a sequence of that type. bigint is the default of CREATE SEQUENCE. */
const TYPES = [
  { type: 'smallint', max: 32_767n },
  { type: 'integer', max: 2_147_483_647n },
  { type: 'bigint', max: MAX_BIGINT },
] as const;

/**
 * The options of CREATE SEQUENCE after the name, without those that have their default: `AS integer`, or an empty text for a plain
 * sequence. The type is the one whose limits the sequence has.
 */
export function definitionText(definition: Definition): string {
  const { increment, min, max, cache, cycle } = definition;
  const own = TYPES.find((one) => one.max === max || -one.max - 1n === min) ?? TYPES[2];
  const fits = -own.max - 1n <= min && max <= own.max;
  const { type, max: most } = fits ? own : TYPES[2];
  const [defaultMin, defaultMax] = defaultBounds(most, increment);
  return [
    ...(type === 'bigint' ? [] : [`AS ${type}`]),
    ...(increment === 1n ? [] : [`INCREMENT BY ${String(increment)}`]),
    ...(min === defaultMin ? [] : [`MINVALUE ${String(min)}`]),
    ...(max === defaultMax ? [] : [`MAXVALUE ${String(max)}`]),
    ...(startOf(definition) === (increment > 0n ? min : max)
      ? []
      : [`START WITH ${String(startOf(definition))}`]),
    ...(cache === 1n ? [] : [`CACHE ${String(cache)}`]),
    ...(cycle ? ['CYCLE'] : []),
  ].join(' ');
}

/** Reads the result of {@link definitionText}. */
export function parseDefinition(text: string): Definition & { start: bigint; type: string } {
  const number = (word: string, otherwise: bigint) => {
    const found = new RegExp(`\\b${word} (-?\\d+)`, 'u').exec(text)?.[1];
    return found === undefined ? otherwise : BigInt(found);
  };
  const type = /^AS (\w+)/u.exec(text)?.[1] ?? 'bigint';
  const most = TYPES.find((one) => one.type === type)?.max ?? MAX_BIGINT;
  const increment = number('INCREMENT BY', 1n);
  const [defaultMin, defaultMax] = defaultBounds(most, increment);
  const min = number('MINVALUE', defaultMin);
  const max = number('MAXVALUE', defaultMax);
  return {
    ...{ type, increment, min, max, cache: number('CACHE', 1n), cycle: /\bCYCLE$/u.test(text) },
    start: number('START WITH', increment > 0n ? min : max),
  };
}

/** https://www.postgresql.org/docs/current/sql-createsequence.html */
function defaultBounds(most: bigint, increment: bigint): [bigint, bigint] {
  return increment > 0n ? [1n, most] : [-most - 1n, -1n];
}
