/** Any characters, none included. */
export const ANY_RUN = Symbol('*');
/** One code point. */
export const ANY_ONE = Symbol('?');

/** One code point that a name has to have, or a wildcard. */
export type Token = string | typeof ANY_RUN | typeof ANY_ONE;

/** Why a pattern cannot be used; null when it can. */
export function patternProblem(pattern: string): string | null {
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return trailing % 2 === 0
    ? null
    : 'ends with a lone backslash, which escapes nothing: write \\\\ for a backslash itself';
}

/**
 * Reads a pattern over raw `schema.name` text: `*` stands for any characters, dots and line breaks too, `?`
 * for one code point, and `\` takes the special meaning from what follows. Nothing else is special. Names are
 * compared by code point, case-sensitively.
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

/** The pattern that matches this name and no other. */
export function escapePattern(name: string): string {
  return name.replace(/[\\*?]/gu, String.raw`\$&`);
}
