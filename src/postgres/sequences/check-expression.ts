import type { ValueRange } from '../../sequences/sequence.js';
import { everything, intersection, union } from './value-ranges.js';

/** The integers that a CHECK allows in one column. */
export interface CheckedRanges {
  /** In ascending order, with a gap between them. */
  ranges: readonly ValueRange[];
  /** Whether the ranges are everything that the CHECK demands of the column. */
  isWhole: boolean;
}

/** The values that a condition may be true for. */
interface Allowed extends CheckedRanges {
  /** Whether it has conditions that do not mention the column, and that are left out. */
  leavesOut: boolean;
}

const nothingKnown: Allowed = { ranges: everything, isWhole: false, leavesOut: false };

/**
 * Reads the comparisons with constants that `pg_get_constraintdef` prints: `CHECK (((no >= 1) AND (no <= 9999)))`. They may be joined by AND and OR,
 * or negated; the value may be null, or one of a list, and its length may be compared. Anything else, such as another function or a second
 * column, makes the result incomplete. Nothing is guessed.
 *
 * @param column raw, as in the catalog; `VALUE` in a domain
 */
export function readCheck(definition: string, column: string): CheckedRanges {
  const group = toTree(definition.replace(/^\s*CHECK\s*/u, ''))[0];
  // PostgreSQL 18 has constraints that are NOT ENFORCED.
  if (/\bNOT ENFORCED\s*$/u.test(definition)) return { ranges: everything, isWhole: true };
  const { ranges, isWhole } = Array.isArray(group) ? allowed(group, column) : nothingKnown;
  return { ranges, isWhole };
}

type Item = string | Item[];

const token =
  /\s*(E?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[\p{L}_][\p{L}\p{N}_$]*|::|[(),[\].]|[-+*/<>=~!@#%^&|`?:]+)/uy;

/** The tokens. Those between parentheses are in a nested list. */
function toTree(text: string): Item[] {
  const stack: Item[][] = [[]];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, found = ''] = match;
    if (found === '(') {
      stack.push([]);
    } else if (found === ')') {
      const closed = stack.pop() ?? [];
      if (stack.length === 0) stack.push([]);
      stack.at(-1)?.push(closed);
    } else {
      stack.at(-1)?.push(found);
    }
  }
  return stack[0] ?? [];
}

function allowed(items: Item[], column: string): Allowed {
  const inner = unwrapped(items);
  if (!mentions(inner, column)) return { ranges: everything, isWhole: true, leavesOut: true };
  if (inner.includes('CASE')) return nothingKnown;
  if (inner[0] === 'NOT') {
    const parts = negated(inner.slice(1));
    return parts === null ? nothingKnown : allOf(parts, column);
  }
  if (inner.includes('OR')) return inner.includes('AND') ? nothingKnown : oneOf(inner, column);
  if (inner.includes('AND') && !inner.includes('BETWEEN')) return allOf(partsBetween(inner, 'AND'), column);
  return comparison(inner, column);
}

function allOf(parts: readonly Item[][], column: string): Allowed {
  const all = parts.map((part) => allowed(part, column));
  return {
    ranges: all.reduce((ranges, one) => intersection(ranges, one.ranges), everything),
    isWhole: all.every(({ isWhole }) => isWhole),
    leavesOut: all.some(({ leavesOut }) => leavesOut),
  };
}

/** A sequence never gives null, so an alternative for null does not matter. */
function oneOf(items: Item[], column: string): Allowed {
  const all = partsBetween(items, 'OR')
    .filter((part) => !isNull(part, column))
    .map((part) => allowed(part, column));
  return {
    ranges: union(all.flatMap(({ ranges }) => ranges)),
    // With a condition on another column, an alternative does not always hold.
    isWhole: all.every(({ isWhole, leavesOut }) => isWhole && !leavesOut),
    leavesOut: false,
  };
}

function partsBetween(items: Item[], word: 'AND' | 'OR' | ','): Item[][] {
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (item === word) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
}

const inverse: Record<string, string> = {
  ...{ '<': '>=', '<=': '>', '>': '<=', '>=': '<', '=': '<>', '<>': '=' },
  ...{ ANY: 'ALL', ALL: 'ANY' },
};

/** The conditions that all have to hold where this one must not; null if that is not known. */
function negated(items: Item[]): Item[][] | null {
  const inner = unwrapped(items);
  if (inner[0] === 'NOT') return [inner.slice(1)];
  if (inner.includes('AND') || inner.includes('BETWEEN')) return null;
  const all: Item[][] = [];
  for (const part of partsBetween(inner, 'OR').map(unwrapped)) {
    if (part.filter(isOperator).length !== 1) return null;
    all.push(part.map((item) => (typeof item === 'string' ? (inverse[item] ?? item) : item)));
  }
  return all;
}

function unwrapped(items: Item[]): Item[] {
  const [only] = items;
  return items.length === 1 && Array.isArray(only) ? unwrapped(only) : items;
}

const mirrored: Record<string, string> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=', '<>': '<>' };

function isOperator(item: Item): item is string {
  return typeof item === 'string' && Object.hasOwn(mirrored, item);
}

function comparison(term: Item[], column: string): Allowed {
  if (isNotNull(term, column)) return { ranges: everything, isWhole: true, leavesOut: false };
  const at = term.findIndex(isOperator);
  const operator = term[at];
  if (operator === undefined || !isOperator(operator)) return nothingKnown;
  const before = term.slice(0, at);
  const after = term.slice(at + 1);
  if ((operator === '=' && after[0] === 'ANY') || (operator === '<>' && after[0] === 'ALL'))
    return isColumn(before, column) ? inList(before, operator, after) : nothingKnown;
  const isFirst = isColumn(before, column) || isLength(before, column);
  const subject = isFirst ? before : after;
  const bound = constant(isFirst ? after : before);
  const direction = isFirst ? operator : mirrored[operator];
  if (direction === undefined || bound === null) return nothingKnown;
  if (isLength(subject, column)) return byLength(direction, bound);
  if (!isColumn(subject, column)) return nothingKnown;
  const ranges = [byValue(direction, bound)];
  return { ranges: intersection(ranges, [rangeOfCasts(subject)]), isWhole: true, leavesOut: false };
}

/** Of a check that refuses single values: the call of nextval that gives one of them fails, and the next one succeeds. */
const withoutLimit: ValueRange = { low: null, high: null };

function byValue(operator: string, { floor, isInteger }: Bound): ValueRange {
  const ceil = isInteger ? floor : floor + 1n;
  switch (operator) {
    case '<':
      return { low: null, high: ceil - 1n };
    case '<=':
      return { low: null, high: floor };
    case '>':
      return { low: floor + 1n, high: null };
    case '>=':
      return { low: ceil, high: null };
    case '<>':
      return withoutLimit;
    default:
      return { low: ceil, high: floor };
  }
}

/**
 * One of the values of `= ANY (ARRAY[1, 2])` or `= ANY ('{1,2}'::integer[])`, as IN is printed; or none of those of `<> ALL (ARRAY[1, 2])`,
 * as NOT IN is.
 */
function inList(subject: Item[], operator: string, [, list, ...rest]: Item[]): Allowed {
  const values = Array.isArray(list) && rest.length === 0 ? listed(list) : null;
  if (values === null) return nothingKnown;
  const ranges =
    operator === '<>'
      ? [withoutLimit]
      : values.filter(({ isInteger }) => isInteger).map(({ floor }) => ({ low: floor, high: floor }));
  return { ranges: intersection(union(ranges), [rangeOfCasts(subject)]), isWhole: true, leavesOut: false };
}

/** The constants of an array. Null if one is no number: a null in the list lets every value pass. */
function listed(items: Item[]): Bound[] | null {
  const inner = unwrapped(items);
  if (inner[0] === 'ARRAY' && inner.indexOf(']') === inner.length - 1)
    return allKnown(partsBetween(inner.slice(2, -1), ',').map(constant));
  const { value, types } = withoutCasts(inner);
  if (!types.every((type) => /^(?:smallint|integer|bigint|numeric) \[ \]$/u.test(type))) return null;
  const [only, ...rest] = value;
  if (rest.length > 0 || typeof only !== 'string') return inner === value ? null : listed(value);
  const [, text] = /^'\{(.*)\}'$/su.exec(only) ?? [];
  return text === undefined ? null : allKnown(text.split(',').map((one) => constant([one])));
}

function allKnown(bounds: readonly (Bound | null)[]): Bound[] | null {
  const known = bounds.filter((bound) => bound !== null);
  return known.length === bounds.length ? known : null;
}

/** The length of a number as text; that of a negative one includes its sign. */
function byLength(operator: string, { floor, isInteger }: Bound): Allowed {
  if (operator === '<>') return nothingKnown;
  const most = operator === '<' ? floor - 1n : floor;
  const isGreatest = isInteger && most >= 1n && !operator.startsWith('>');
  // A least length, and that of `=`, would leave a gap around zero.
  const isWhole = isGreatest && operator !== '=';
  if (!isGreatest || most > MOST_DIGITS) return { ranges: everything, isWhole, leavesOut: false };
  const low = most === 1n ? 0n : 1n - 10n ** (most - 1n);
  return { ranges: [{ low, high: 10n ** most - 1n }], isWhole, leavesOut: false };
}

/** The digits of the longest value of a sequence, with its sign. */
const MOST_DIGITS = 20n;

/** A cast refuses what its type does not hold. */
function rangeOfCasts(items: Item[]): ValueRange {
  const { types } = withoutCasts(items);
  const bits = types.includes('smallint') ? 15n : types.includes('integer') ? 31n : null;
  return bits === null ? { low: null, high: null } : { low: -(2n ** bits), high: 2n ** bits - 1n };
}

function isNull(term: Item[], column: string): boolean {
  const inner = unwrapped(term);
  return inner.slice(-2).join(' ') === 'IS NULL' && isColumn(inner.slice(0, -2), column);
}

function isNotNull(term: Item[], column: string): boolean {
  return term.slice(-3).join(' ') === 'IS NOT NULL' && isColumn(term.slice(0, -3), column);
}

function mentions(items: Item[], column: string): boolean {
  return items.some((item) => (Array.isArray(item) ? mentions(item, column) : unquoted(item) === column));
}

/** The column itself, also cast to a number that holds it unchanged, or refuses it. The column of a domain is cast to the type of the domain. */
function isColumn(items: Item[], column: string): boolean {
  const { value, types } = withoutCasts(items);
  const [only] = value;
  return value.length === 1 && typeof only === 'string' && unquoted(only) === column && types.every(isWide);
}

/** `length((no)::text)`, or the same of a column of text. */
function isLength(items: Item[], column: string): boolean {
  const [name, argument, ...rest] = unwrapped(items);
  if (rest.length > 0 || typeof name !== 'string' || !Array.isArray(argument)) return false;
  if (!/^"?(?:length|char_length|character_length|octet_length)"?$/u.test(name)) return false;
  const { value, types } = withoutCasts(argument);
  const [type, ...others] = [...types].reverse();
  const isText = type === undefined || /^(?:text|character varying)$/u.test(type);
  return isText && isColumn(value, column) && others.every((one) => /^(?:integer|bigint)$/u.test(one));
}

interface Bound {
  floor: bigint;
  isInteger: boolean;
}

function constant(items: Item[]): Bound | null {
  const { value, types } = withoutCasts(items);
  const text = value.join('').replace(/^'(.*)'$/su, '$1');
  const match = /^(-?)(\d+)(?:\.(\d+))?$/u.exec(text);
  if (match === null || !types.every(isNumber)) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const isInteger = /^0*$/u.test(fraction);
  const size = BigInt(whole);
  if (sign === '') return { floor: size, isInteger };
  return { floor: isInteger ? -size : -size - 1n, isInteger };
}

/** Splits a cast such as `('9999'::integer)::numeric` into the value and its types. */
function withoutCasts(items: Item[]): { value: Item[]; types: string[] } {
  const inner = unwrapped(items);
  const at = inner.lastIndexOf('::');
  if (at === -1) return { value: inner, types: [] };
  // A type with a modifier, such as numeric(4,0), is no plain number.
  const type = inner.slice(at + 1).map((item) => (typeof item === 'string' ? item : '(…)'));
  const { value, types } = withoutCasts(inner.slice(0, at));
  return { value, types: [...types, type.join(' ')] };
}

function isNumber(type: string): boolean {
  return /^(smallint|integer|bigint|numeric|real|double precision)$/u.test(type);
}

function isWide(type: string): boolean {
  return /^(smallint|integer|bigint|numeric|double precision)$/u.test(type);
}

function unquoted(item: string): string {
  return item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item;
}
