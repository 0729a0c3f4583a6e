/** Any number of characters, also none. */
export const ANY_RUN = Symbol('*');
/** One code point. */
export const ANY_ONE = Symbol('?');

/** One literal code point, or a wildcard. */
export type Token = string | typeof ANY_RUN | typeof ANY_ONE;

/** Why a pattern is invalid; null if it is valid. */
export function patternProblem(pattern: string): string | null {
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return trailing % 2 === 0
    ? null
    : 'ends with a lone backslash, which escapes nothing: write \\\\ for a backslash itself';
}

/**
 * Parses a pattern for unquoted `schema.name` texts. `*` matches any characters, including dots and line breaks. `?` matches
 * one code point. `\` removes the special meaning of the next character. No other character is special. Names are compared
 * by code point, case-sensitively.
 *
 * @returns never two `ANY_RUN` next to each other
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function tokenize(pattern: string): Token[] {
  const problem = patternProblem(pattern);
  if (problem !== null) throw new RangeError(`pattern ${JSON.stringify(pattern)} ${problem}`);
  const tokens: Token[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (escaped) {
      tokens.push(character);
      escaped = false;
    } else if (character === '\\') {
      escaped = true;
    } else if (character === '*') {
      if (tokens.at(-1) !== ANY_RUN) tokens.push(ANY_RUN);
    } else {
      tokens.push(character === '?' ? ANY_ONE : character);
    }
  }
  return tokens;
}

/** The pattern that matches only this name. */
export function escapePattern(name: string): string {
  return name.replace(/[\\*?]/gu, String.raw`\$&`);
}
