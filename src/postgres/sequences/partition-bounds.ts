import type { ValueRange } from '../../sequences/sequence.js';
import { everything, intersection, union } from './value-ranges.js';

/** How a table is partitioned, seen from a column. */
export interface Partitioning {
  /** pg_partitioned_table.partstrat: r (range), l (list), h (hash). */
  strategy: string;
  /** The positions of the column among the keys, from 0. */
  positions: number[];
  /** Whether an expression among the keys uses the column. */
  inExpression: boolean;
  /** Whether the column has a type for numbers. Bounds of another type are in its own order: as text, '10' comes before '9'. */
  isNumber: boolean;
}

/** Whether the first key alone decides which values of the column a partition takes, by a range or a list of numbers. */
export function isByValue({ strategy, positions, isNumber }: Partitioning): boolean {
  return (strategy === 'r' || strategy === 'l') && positions[0] === 0 && isNumber;
}

/**
 * Whether the partitions may refuse values of the column in a way that is not computed. Bounds of hash partitions refuse values only if a
 * remainder is missing; bounds of a later range key only if they are no MINVALUE or MAXVALUE.
 */
export function mayRefuse(partitioning: Partitioning, bounds: readonly (string | null)[]): boolean {
  const { strategy, positions, inExpression } = partitioning;
  if (positions.length === 0 && !inExpression) return false;
  if (strategy === 'h') return !isWholeHash(bounds);
  if (inExpression || strategy !== 'r') return true;
  return bounds.some((bound) => {
    const [from = [], to = []] = rangeOfBound(bound);
    return positions.some((at) => [from[at], to[at]].some((value) => !isOpen(value)));
  });
}

/**
 * The values of the first key that a partition takes; null if they are no integers. Of several keys, the upper bound itself is left out if
 * the other keys decide there.
 */
export function firstKeyRanges(bound: string | null): ValueRange[] | null {
  const list = listOfBound(bound);
  if (list !== null) return list.includes(undefined) ? null : union(list.flatMap(only));
  const range = firstKeyRange(bound);
  return range === null ? null : [range];
}

const only = (value: bigint | null | undefined): ValueRange[] =>
  typeof value === 'bigint' ? [{ low: value, high: value }] : [];

/** The values of `FOR VALUES IN ('1', NULL)`; null for another bound. A sequence never gives null. */
function listOfBound(bound: string | null): (bigint | null | undefined)[] | null {
  const [, list] = /^FOR VALUES IN \((.*)\)$/su.exec(bound ?? '') ?? [];
  return list === undefined ? null : list.split(', ').map((value) => toValue(value, 'NULL'));
}

function firstKeyRange(bound: string | null): ValueRange | null {
  const [from, to] = rangeOfBound(bound);
  const low = toValue(from?.[0], 'MINVALUE');
  const high = toValue(to?.[0], 'MAXVALUE');
  if (low === undefined || high === undefined) return null;
  const isWhole = to?.[1] === 'MAXVALUE' || low === high;
  return { low, high: high === null || isWhole ? high : high - 1n };
}

/**
 * The values of the first key that a DEFAULT partition takes: those that no sibling takes. A sibling takes only a part of the rows with the
 * value at one of its bounds, if the other keys decide there.
 *
 * @param bounds those of the siblings; they have to be integers, see {@link firstKeyRanges}
 */
export function defaultRanges(bounds: readonly (string | null)[]): readonly ValueRange[] {
  return bounds.reduce<readonly ValueRange[]>((left, bound) => {
    const list = listOfBound(bound);
    if (list !== null) return union(list.flatMap(only)).reduce(without, left);
    const [from, to] = rangeOfBound(bound);
    const low = toValue(from?.[0], 'MINVALUE') ?? null;
    const high = toValue(to?.[0], 'MAXVALUE') ?? null;
    const isWholeFrom = from?.[1] === undefined || from[1] === 'MINVALUE';
    const first = low === null || isWholeFrom ? low : low + 1n;
    const last = high === null || to?.[1] === 'MAXVALUE' ? high : high - 1n;
    if (first !== null && last !== null && first > last) return left;
    return without(left, { low: first, high: last });
  }, everything);
}

function without(left: readonly ValueRange[], { low, high }: ValueRange): readonly ValueRange[] {
  return intersection(left, [
    ...(low === null ? [] : [{ low: null, high: low - 1n }]),
    ...(high === null ? [] : [{ low: high + 1n, high: null }]),
  ]);
}

/** The values of `FOR VALUES FROM (1, 'a') TO (10000, MAXVALUE)`. */
function rangeOfBound(bound: string | null): [string[], string[]] | [] {
  const value = String.raw`'(?:[^']|'')*'|[^',()]+`;
  const tuple = String.raw`\(((?:${value})(?:, (?:${value}))*)\)`;
  const [, from, to] = new RegExp(`^FOR VALUES FROM ${tuple} TO ${tuple}$`, 'u').exec(bound ?? '') ?? [];
  if (from === undefined || to === undefined) return [];
  const values = (text: string) =>
    Array.from(text.matchAll(new RegExp(value, 'gu')), ([found]) => found.trim()).filter(
      (found) => found !== '',
    );
  return [values(from), values(to)];
}

function isOpen(value: string | undefined): boolean {
  return value === 'MINVALUE' || value === 'MAXVALUE';
}

/** Null for no limit, undefined if it is not an integer. */
function toValue(text: string | undefined, open: string): bigint | null | undefined {
  if (text === open) return null;
  const digits = /^'?(-?\d+)'?$/u.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

/** Whether there is a partition for each remainder. */
function isWholeHash(bounds: readonly (string | null)[]): boolean {
  const moduli = bounds.map((bound) => Number(/modulus (\d+)/u.exec(bound ?? '')?.[1]));
  const largest = Math.max(...moduli);
  return moduli.reduce((sum, modulus) => sum + largest / modulus, 0) === largest;
}
