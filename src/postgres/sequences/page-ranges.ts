import type { PageRange, RawName } from '../../steps/identity.js';

export interface PageLimits {
  /** Up to this many sequences are one page: the contract promises their rows in one answer. */
  whole: number;
  /** The largest number of sequences on a page. */
  sequences: number;
  /** The approximate largest size of a page's payload, in bytes. */
  bytes: number;
}

/**
 * Divides sequences into pages of about the same size. A sequence that either side gets later belongs to exactly one page: the first range is
 * open at its start, the last at its end, and each range begins where the previous one ends.
 *
 * @param names in the order of `compareNames`, without duplicates
 * @returns at least one range, even without any sequence
 */
export function pageRanges(names: readonly RawName[], limits: PageLimits): PageRange[] {
  const ends = lastOfEachPage(names, limits);
  return [null, ...ends].map((after, index) => ({ after, upTo: ends[index] ?? null }));
}

/** What is beyond it is cut up even so: Temporal takes no payload of 2 MiB, and of plain names so many sequences have a tenth of it. */
const WHOLE_BYTES = 1_000_000;

/** Of every page but the last. */
function lastOfEachPage(names: readonly RawName[], { whole, sequences, bytes }: PageLimits): RawName[] {
  // In bytes, too: whole numbers add up exactly.
  const least = Math.floor(bytes / sequences);
  const sizes = names.map((name) => Math.max(least, rowBytes(name)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (names.length <= whole && total <= WHOLE_BYTES) return [];
  const pages = Math.max(2, Math.ceil(total / (least * sequences)));
  const ends: RawName[] = [];
  let taken = 0;
  for (const [index, name] of names.entries()) {
    taken += sizes[index] ?? 0;
    if (index < names.length - 1 && ends.length < pages - 1 && taken >= ((ends.length + 1) * total) / pages)
      ends.push(name);
  }
  return ends;
}

/**
 * What a row takes in JSON, in bytes, in whatever payload takes most: its name comes twice where it feeds a column of a similar one. One
 * that needs quotes comes a third time, since it travels with its parts, and a quote of its own is escaped, and doubled in two of them.
 */
function rowBytes([schema, name]: RawName): number {
  const plain = /^[a-z_][a-z0-9_]*$/;
  if (plain.test(schema) && plain.test(name)) return FIGURES + schema.length + 2 * name.length;
  const parts = schema + name;
  const escaped = parts.match(/["\\]/g)?.length ?? 0;
  // A control character is written as \u0001, once more for each of the three.
  const controls = parts.match(/\p{Cc}/gu)?.length ?? 0;
  return FIGURES + 3 * Buffer.byteLength(parts) + 7 * escaped + 15 * controls;
}

/** What a row takes besides its names. */
const FIGURES = 50;

/** The names of either side, each once, in their order, in which both lists are. */
export function mergeNames(left: readonly RawName[], right: readonly RawName[]): RawName[] {
  const merged: RawName[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const a = left[i];
    const b = right[j];
    const order = a && b ? compareNames(a, b) : a ? -1 : 1;
    const least = order <= 0 ? a : b;
    if (!least) return merged;
    merged.push(least);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** By the bytes of UTF-8, the schema first: JavaScript's own order differs above U+FFFF. */
export function compareNames(a: RawName, b: RawName): number {
  return compareBytes(a[0], b[0]) || compareBytes(a[1], b[1]);
}

function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return order(a, i) - order(b, i);
}

/** UTF-16 puts what is written with surrogates before U+E000, UTF-8 behind U+FFFF. */
function order(text: string, index: number): number {
  if (index >= text.length) return -1;
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
