import { tokenize, type Token } from './pattern.js';
import { WildcardAutomaton } from './wildcard-automaton.js';

/**
 * Patterns that many names are held against, compiled once. A pattern without a wildcard costs nothing but one look-up for
 * all of them; those with wildcards are matched together, in time that is linear in the length of the name.
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

  /** Which of the patterns match, by their place in the list, in order. Names in order are matched fastest. */
  matching(name: string): number[] {
    const exact = this.#exact.get(name) ?? [];
    const wild = this.#wildcards.matching(name);
    if (exact.length === 0) return wild;
    return wild.length === 0 ? [...exact] : [...exact, ...wild].sort((a, b) => a - b);
  }

  /** Characters that were read so far to match wildcards: what the work grows with. */
  get charactersRead(): number {
    return this.#wildcards.charactersRead;
  }
}
