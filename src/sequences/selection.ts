import { PatternList } from './pattern-list.js';

/** Which sequences a run selects. An empty `include` selects everything. `exclude` takes precedence over `include`. */
export interface Selection {
  include: readonly string[];
  exclude: readonly string[];
}

/** Whether a sequence is selected; if not, why. */
export type Selected =
  { selected: true } | { selected: false; reason: 'not included' | `excluded by ${string}` };

/** Decides about one sequence, by its unquoted schema and name. */
export type Select = (schema: string, name: string) => Selected;

/** A pattern of an input, and the list that it is in. */
export interface PatternUse {
  list: 'include' | 'exclude' | 'overrides';
  pattern: string;
}

/**
 * Compiles the patterns of a run once, for many names.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function compileSelection({ include, exclude }: Selection): Select {
  const included = new PatternList(include);
  const excluded = new PatternList(exclude);
  return (schema, name) => {
    const raw = rawName(schema, name);
    const [exclusion] = excluded.matching(raw);
    if (exclusion !== undefined)
      return { selected: false, reason: `excluded by ${exclude[exclusion] ?? ''}` };
    if (include.length > 0 && included.matching(raw).length === 0) {
      return { selected: false, reason: 'not included' };
    }
    return { selected: true };
  };
}

/**
 * Compiles overrides once, for many names; the answer is the last override whose pattern matches, or null.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function compileOverrides<T extends { match: string }>(
  overrides: readonly T[],
): (schema: string, name: string) => T | null {
  const patterns = new PatternList(overrides.map(({ match }) => match));
  return (schema, name) => {
    const last = patterns.matching(rawName(schema, name)).at(-1);
    return last === undefined ? null : (overrides[last] ?? null);
  };
}

/**
 * The patterns that match none of the names, in the order include, exclude, overrides. A pattern that is in a list twice
 * is returned once. Excluded sequences count too: an override for one is superfluous, but not misspelt. Yields after each name.
 *
 * @param names unquoted schema and name of each sequence
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function* unmatchedPatterns(
  selection: Selection & { overrides: readonly { match: string }[] },
  names: Iterable<readonly [schema: string, name: string]>,
): Generator<void, PatternUse[]> {
  const listed = (list: PatternUse['list'], patterns: readonly string[]): PatternUse[] =>
    [...new Set(patterns)].map((pattern) => ({ list, pattern }));
  const uses = [
    ...listed('include', selection.include),
    ...listed('exclude', selection.exclude),
    ...listed(
      'overrides',
      selection.overrides.map(({ match }) => match),
    ),
  ];
  const patterns = new PatternList(uses.map(({ pattern }) => pattern));
  const unused = new Set(uses.keys());
  for (const [schema, name] of names) {
    if (unused.size === 0) break;
    for (const index of patterns.matching(rawName(schema, name))) unused.delete(index);
    yield;
  }
  return uses.filter((_, index) => unused.has(index));
}

function rawName(schema: string, name: string): string {
  return `${schema}.${name}`;
}
