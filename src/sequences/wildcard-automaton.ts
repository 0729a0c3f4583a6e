import { ANY_ONE, ANY_RUN, type Token } from './pattern.js';

/** The most characters whose masks are kept, so that texts in a large alphabet do not fill the memory. */
const MASKS_KEPT = 256;

/** The tokens that may match next. */
interface State {
  bits: Int32Array;
  /** The indexes of the words in `bits` that are not 0, in order. Only the first `count` entries are valid. */
  live: Int32Array;
  count: number;
}

/**
 * Matches names with many patterns at once, by simulating all patterns in parallel: each bit of the state stands for one token of
 * one pattern, and says whether that token may match next (https://en.wikipedia.org/wiki/Bitap_algorithm). There is no
 * backtracking, so that a pattern with many wildcards, too, needs only one pass over the name.
 *
 * The states of the last name are kept. If the next name begins like it, only the rest is read.
 */
export class WildcardAutomaton {
  readonly #words: number;
  /** The bits whose token is `?`. */
  readonly #anyOne: Int32Array;
  /** The bits whose token is `*`. */
  readonly #anyRun: Int32Array;
  /** The bits after the last token of each pattern. */
  readonly #ends: Int32Array;
  readonly #patternAt = new Map<number, number>();
  readonly #bitsOf = new Map<string, number[]>();
  readonly #masks = new Map<string, Int32Array>();
  /** The last name. There is a state before each of its characters and after the last. */
  #name: readonly string[] = [];
  readonly #states: State[];
  #charactersRead = 0;

  constructor(patterns: readonly { index: number; tokens: readonly Token[] }[]) {
    const bits = patterns.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);
    this.#words = Math.ceil(bits / 32);
    this.#anyOne = new Int32Array(this.#words);
    this.#anyRun = new Int32Array(this.#words);
    this.#ends = new Int32Array(this.#words);
    const start = this.#emptyState();
    let bit = 0;
    for (const { index, tokens } of patterns) {
      setBit(start.bits, bit);
      if (tokens[0] === ANY_RUN) setBit(start.bits, bit + 1);
      for (const token of tokens) this.#addToken(token, bit++);
      setBit(this.#ends, bit);
      this.#patternAt.set(bit++, index);
    }
    for (const [word, value] of start.bits.entries()) if (value !== 0) start.live[start.count++] = word;
    this.#states = [start];
  }

  get charactersRead(): number {
    return this.#charactersRead;
  }

  /** The `index` of each matching pattern, in the order in which the patterns were given. */
  matching(text: string): number[] {
    if (this.#words === 0) return [];
    const name = Array.from(text);
    let length = 0;
    while (length < name.length && length < this.#name.length && name[length] === this.#name[length])
      length += 1;
    this.#name = name;
    for (; length < name.length; length += 1) this.#read(name[length] ?? '', length);
    return this.#matched(this.#stateAt(name.length));
  }

  #addToken(token: Token, bit: number): void {
    if (token === ANY_ONE) setBit(this.#anyOne, bit);
    else if (token === ANY_RUN) setBit(this.#anyRun, bit);
    else {
      const known = this.#bitsOf.get(token);
      if (known === undefined) this.#bitsOf.set(token, [bit]);
      else known.push(bit);
    }
  }

  #emptyState(): State {
    return { bits: new Int32Array(this.#words), live: new Int32Array(this.#words), count: 0 };
  }

  #stateAt(place: number): State {
    return (this.#states[place] ??= this.#emptyState());
  }

  /** Computes the state after the character at `place` from the state before it. */
  #read(character: string, place: number): void {
    this.#charactersRead += 1;
    const before = this.#stateAt(place);
    const after = this.#stateAt(place + 1);
    for (let index = 0; index < after.count; index += 1) after.bits[at(after.live, index)] = 0;
    after.count = 0;
    if (before.count > 0) step(before, after, this.#maskOf(character), this.#anyRun);
  }

  #maskOf(character: string): Int32Array {
    const known = this.#masks.get(character);
    if (known !== undefined) return known;
    const mask = Int32Array.from(this.#anyOne);
    for (const bit of this.#bitsOf.get(character) ?? []) setBit(mask, bit);
    if (this.#masks.size >= MASKS_KEPT) this.#masks.clear();
    this.#masks.set(character, mask);
    return mask;
  }

  #matched({ bits, live, count }: State): number[] {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const word = at(live, index);
      let ends = at(bits, word) & at(this.#ends, word);
      while (ends !== 0) {
        const lowest = 31 - Math.clz32(ends & -ends);
        found.push(this.#patternAt.get(word * 32 + lowest) ?? -1);
        ends &= ends - 1;
      }
    }
    return found;
  }
}

/**
 * If a token matches the character, the following token may match next. A `*` stays active, and the token after it may match at
 * the same time, because a `*` also matches nothing. That token is never another `*`.
 *
 * @param after all 0
 */
function step(before: State, after: State, mask: Int32Array, runs: Int32Array): void {
  let count = 0;
  /** The carry into the lowest bit of the next word: the highest bit of the previous word. */
  let carry = 0;
  let carriedTo = -1;
  const put = (word: number, bits: number): void => {
    const skipped = bits & at(runs, word);
    const closed = bits | (skipped << 1);
    carry |= skipped >>> 31;
    if (closed === 0) return;
    after.bits[word] = closed;
    after.live[count++] = word;
  };
  for (let index = 0; index < before.count; index += 1) {
    const word = at(before.live, index);
    if (carry !== 0 && carriedTo !== word) {
      carry = 0;
      put(carriedTo, 1);
    }
    const here = at(before.bits, word);
    const matched = here & at(mask, word);
    const carried = carry;
    carry = matched >>> 31;
    put(word, (matched << 1) | carried | (here & at(runs, word)));
    carriedTo = word + 1;
  }
  if (carry !== 0) put(carriedTo, 1);
  after.count = count;
}

/** Reads a word; the index is always within the bounds. */
function at(values: Int32Array, index: number): number {
  return values[index] as number;
}

function setBit(bits: Int32Array, bit: number): void {
  bits[bit >>> 5] = at(bits, bit >>> 5) | (1 << (bit & 31));
}
