/** The range of integers that a CHECK allows in one column; null if that side is unlimited. */
export interface CheckedRange {
  low: bigint | null;
  high: bigint | null;
  /** Whether the range is everything that the CHECK demands of the column. */
  isWhole: boolean;
}

/**
 * Reads the comparisons with constants that `pg_get_constraintdef` prints: `CHECK (((no >= 1) AND (no <= 9999)))`. They may be negated, the value
 * may be null, and its length may be compared. Anything else, such as another function, an OR or a second column, makes the result incomplete.
 * Nothing is guessed.
 *
 * @param column raw, as in the catalog; `VALUE` in a domain
 */
export function readCheck(definition: string, column: string): CheckedRange {
  const range: CheckedRange = { low: null, high: null, isWhole: true };
  const group = toTree(definition.replace(/^\s*CHECK\s*/u, ''))[0];
  // PostgreSQL 18 has constraints that are NOT ENFORCED.
  if (/\bNOT ENFORCED\s*$/u.test(definition)) return range;
  if (!Array.isArray(group)) return { ...range, isWhole: false };
  for (const term of conjuncts(group, column)) narrow(range, term, column);
  return range;
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

/** The conditions that all have to hold. A sequence never gives null, so an alternative for null does not matter. */
function conjuncts(items: Item[], column: string): Item[][] {
  const inner = unwrapped(items);
  if (inner[0] === 'NOT')
    return negated(inner.slice(1))?.flatMap((part) => conjuncts(part, column)) ?? [inner];
  const alternatives = partsBetween(inner, 'OR').filter((part) => !isNull(part, column));
  const [only] = alternatives;
  if (only !== undefined && alternatives.length === 1 && inner.includes('OR')) return conjuncts(only, column);
  if (!inner.includes('AND') || inner.includes('OR') || inner.includes('BETWEEN')) return [inner];
  return partsBetween(inner, 'AND').flatMap((part) => conjuncts(part, column));
}

function partsBetween(items: Item[], word: 'AND' | 'OR'): Item[][] {
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (item === word) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
}

const inverse: Record<string, string> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

/** The conditions that all have to hold where this one must not; null if that is not known. */
function negated(items: Item[]): Item[][] | null {
  const inner = unwrapped(items);
  if (inner[0] === 'NOT') return [inner.slice(1)];
  if (inner.includes('AND') || inner.includes('BETWEEN')) return null;
  const all: Item[][] = [];
  for (const part of partsBetween(inner, 'OR').map(unwrapped)) {
    const operators = part.filter((item) => typeof item === 'string' && Object.hasOwn(inverse, item));
    if (operators.length !== 1) return null;
    all.push(part.map((item) => (typeof item === 'string' ? (inverse[item] ?? item) : item)));
  }
  return all;
}

function unwrapped(items: Item[]): Item[] {
  const [only] = items;
  return items.length === 1 && Array.isArray(only) ? unwrapped(only) : items;
}

const mirrored: Record<string, string> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' };

function narrow(range: CheckedRange, term: Item[], column: string): void {
  if (!mentions(term, column) || isNotNull(term, column)) return;
  const at = term.findIndex((item) => typeof item === 'string' && Object.hasOwn(mirrored, item));
  const operator = term[at];
  const before = term.slice(0, at);
  const after = term.slice(at + 1);
  const isFirst = isColumn(before, column) || isLength(before, column);
  const subject = isFirst ? before : after;
  const bound = constant(isFirst ? after : before);
  const comparison = typeof operator === 'string' ? (isFirst ? operator : mirrored[operator]) : undefined;
  if (comparison === undefined || bound === null) range.isWhole = false;
  else if (isLength(subject, column)) narrowByLength(range, comparison, bound);
  else if (isColumn(subject, column)) narrowByValue(range, comparison, subject, bound);
  else range.isWhole = false;
}

function narrowByValue(range: CheckedRange, comparison: string, subject: Item[], bound: Bound): void {
  limitByCasts(range, subject);
  const { floor, isInteger } = bound;
  const ceil = isInteger ? floor : floor + 1n;
  if (comparison === '<') lower(range, isInteger ? floor - 1n : floor);
  if (comparison === '<=' || comparison === '=') lower(range, floor);
  if (comparison === '>') raise(range, floor + 1n);
  if (comparison === '>=' || comparison === '=') raise(range, ceil);
}

/** The length of a number as text; that of a negative one includes its sign. */
function narrowByLength(range: CheckedRange, comparison: string, { floor, isInteger }: Bound): void {
  const most = comparison === '<' ? floor - 1n : floor;
  const isGreatest = isInteger && most >= 1n && !comparison.startsWith('>');
  // A least length, and that of `=`, would leave a gap around zero.
  if (!isGreatest || comparison === '=') range.isWhole = false;
  if (!isGreatest || most > MOST_DIGITS) return;
  lower(range, 10n ** most - 1n);
  raise(range, most === 1n ? 0n : 1n - 10n ** (most - 1n));
}

/** The digits of the longest value of a sequence, with its sign. */
const MOST_DIGITS = 20n;

/** A cast refuses what its type does not hold. */
function limitByCasts(range: CheckedRange, items: Item[]): void {
  for (const type of withoutCasts(items).types) {
    const most = type === 'smallint' ? 2n ** 15n : type === 'integer' ? 2n ** 31n : null;
    if (most === null) continue;
    lower(range, most - 1n);
    raise(range, -most);
  }
}

function lower(range: CheckedRange, high: bigint): void {
  if (range.high === null || high < range.high) range.high = high;
}

function raise(range: CheckedRange, low: bigint): void {
  if (range.low === null || low > range.low) range.low = low;
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
