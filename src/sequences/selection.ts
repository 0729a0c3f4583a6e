import { compilePattern } from './pattern.js';

/** Which sequences a run is about. An empty `include` is everything; `exclude` wins over `include`. */
export interface Selection {
  include: readonly string[];
  exclude: readonly string[];
}

export type Selected =
  { selected: true } | { selected: false; reason: 'not included' | `excluded by ${string}` };

/** Judges one sequence by its raw schema and name. */
export type Select = (schema: string, name: string) => Selected;

/** A pattern of an input and the list that it stands in. */
export interface PatternUse {
  list: 'include' | 'exclude' | 'overrides';
  pattern: string;
}

/** Collects, over a stream of names, which patterns match none of them. */
export interface PatternUsage {
  see(schema: string, name: string): void;
  /** In the order include, exclude, overrides; a pattern that a list holds twice appears once. */
  unmatched(): PatternUse[];
}

/**
 * Compiles the patterns of a run once, for many names.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function compileSelection({ include, exclude }: Selection): Select {
  const included = include.map(compilePattern);
  const excluded = exclude.map((pattern) => ({ pattern, matches: compilePattern(pattern) }));
  return (schema, name) => {
    const raw = rawName(schema, name);
    const exclusion = excluded.find(({ matches }) => matches(raw));
    if (exclusion) return { selected: false, reason: `excluded by ${exclusion.pattern}` };
    if (included.length > 0 && !included.some((matches) => matches(raw))) {
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
  const compiled = overrides.map((override) => ({ override, matches: compilePattern(override.match) }));
  return (schema, name) => {
    const raw = rawName(schema, name);
    return compiled.findLast(({ matches }) => matches(raw))?.override ?? null;
  };
}

/**
 * Every name counts, selected or not: an override of an excluded sequence is superfluous, but not misspelt.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function trackPatterns(
  selection: Selection & { overrides: readonly { match: string }[] },
): PatternUsage {
  const uses = (list: PatternUse['list'], patterns: readonly string[]) =>
    [...new Set(patterns)].map((pattern) => ({ list, pattern, matches: compilePattern(pattern) }));
  let pending = [
    ...uses('include', selection.include),
    ...uses('exclude', selection.exclude),
    ...uses(
      'overrides',
      selection.overrides.map(({ match }) => match),
    ),
  ];
  return {
    see(schema, name) {
      if (pending.length === 0) return;
      const raw = rawName(schema, name);
      pending = pending.filter(({ matches }) => !matches(raw));
    },
    unmatched: () => pending.map(({ list, pattern }) => ({ list, pattern })),
  };
}

function rawName(schema: string, name: string): string {
  return `${schema}.${name}`;
}
