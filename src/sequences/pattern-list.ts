import { tokenize, type Token } from './pattern.js';
import { WildcardAutomaton } from './wildcard-automaton.js';

/**
 * Patterns that are compiled once and matched with many names. All patterns without a wildcard together cost one look-up for
 * each name. Patterns with wildcards are matched together, in a time that grows linearly with the length of the name.
 */
export class PatternList {
  readonly #exact = new Map<string, number[]>();
  readonly #wildcards: WildcardAutomaton;

  /** @throws RangeError for a pattern that ends with a lone backslash. */
  constructor(patterns: readonly string[]) {
    const wildcards: { index: number; tokens: Token[] }[] = [];
    for (const [index, pattern] of patterns.entries()) {
      const tokens = tokenize(pattern);
      if (tokens.every((token) => typeof token === 'string')) {
        const name = tokens.join('');
        const known = this.#exact.get(name);
        if (known === undefined) this.#exact.set(name, [index]);
        else known.push(index);
      } else {
        wildcards.push({ index, tokens });
      }
    }
    this.#wildcards = new WildcardAutomaton(wildcards);
  }

  /** The indexes of the matching patterns, in ascending order. Matching is fastest if the names are sorted. */
  matching(name: string): number[] {
    const exact = this.#exact.get(name) ?? [];
    const wild = this.#wildcards.matching(name);
    if (exact.length === 0) return wild;
    return wild.length === 0 ? [...exact] : [...exact, ...wild].sort((a, b) => a - b);
  }

  /** How many characters were read so far to match wildcards. The work is proportional to it. */
  get charactersRead(): number {
    return this.#wildcards.charactersRead;
  }
}
