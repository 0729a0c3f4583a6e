/** Whether a name matches; both are compared by code point, case-sensitively. */
export type Pattern = (name: string) => boolean;

const ANY_RUN = Symbol('*');
const ANY_ONE = Symbol('?');

type Token = string | typeof ANY_RUN | typeof ANY_ONE;

/** Why a pattern cannot be used; null when it can. */
export function patternProblem(pattern: string): string | null {
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return trailing % 2 === 0
    ? null
    : 'ends with a lone backslash, which escapes nothing: write \\\\ for a backslash itself';
}

/**
 * Compiles a pattern over raw `schema.name` text: `*` stands for any characters, dots and line breaks too, `?`
 * for one code point, and `\` takes the special meaning from what follows. Nothing else is special.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function compilePattern(pattern: string): Pattern {
  const problem = patternProblem(pattern);
  if (problem !== null) throw new RangeError(`pattern ${JSON.stringify(pattern)} ${problem}`);
  const tokens = tokenize(pattern);
  return (name) => matches(tokens, Array.from(name));
}

function tokenize(pattern: string): Token[] {
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

/**
 * Going back to the last `*` only is enough: whatever an earlier one took, a later one can take as well. So the
 * work is at most the product of the two lengths, whatever the pattern.
 */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let afterRun = -1;
  let runEnd = 0;
  while (at < name.length) {
    const expected = tokens[token];
    if (expected === ANY_RUN) {
      afterRun = ++token;
      runEnd = at;
    } else if (expected !== undefined && (expected === ANY_ONE || expected === name[at])) {
      token++;
      at++;
    } else if (afterRun >= 0) {
      token = afterRun;
      at = ++runEnd;
    } else {
      return false;
    }
  }
  if (tokens[token] === ANY_RUN) token++;
  return token === tokens.length;
}

/** The pattern that matches this name and no other. */
export function escapePattern(name: string): string {
  return name.replace(/[\\*?]/gu, String.raw`\$&`);
}
