import type { PageRange, RawName } from '../../steps/identity.js';

/** How large a page may be. */
export interface PageLimits {
  /** Up to this many sequences are one page: the contract promises their rows in one answer. */
  onePage: number;
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

/**
 * A larger list is divided into pages, even if the number of sequences would fit. Temporal refuses a payload of 2 MiB, and the same number
 * of sequences with plain names takes a tenth of that.
 */
const WHOLE_BYTES = 1_000_000;

/** The last name of each page except the last page. */
function lastOfEachPage(names: readonly RawName[], { onePage, sequences, bytes }: PageLimits): RawName[] {
  // Sizes are whole bytes, so that they add up exactly.
  const least = Math.floor(bytes / sequences);
  const sizes = names.map((name) => Math.max(least, rowBytes(name)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (names.length <= onePage && total <= WHOLE_BYTES) return [];
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
 * The size of a row in JSON, in bytes, in the payload where it is largest. The name stands there twice if the sequence feeds a column with
 * a similar name. A name that needs quotes stands there a third time, since its parts travel separately. A quote in it is escaped, and
 * doubled in two of the three places.
 */
function rowBytes([schema, name]: RawName): number {
  const plain = /^[a-z_][a-z0-9_]*$/;
  if (plain.test(schema) && plain.test(name)) return BYTES_WITHOUT_NAMES + schema.length + 2 * name.length;
  const parts = schema + name;
  const escaped = parts.match(/["\\]/g)?.length ?? 0;
  // A control character is written as \u0001, in each of the three places.
  const controls = parts.match(/\p{Cc}/gu)?.length ?? 0;
  return BYTES_WITHOUT_NAMES + 3 * Buffer.byteLength(parts) + 7 * escaped + 15 * controls;
}

/** The size of a row without its names, in bytes. */
const BYTES_WITHOUT_NAMES = 50;

/** Merges the names of both sides, each once, in the order of both lists. */
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

/** Compares by the bytes of UTF-8, the schema first. JavaScript's own order differs above U+FFFF. */
export function compareNames(a: RawName, b: RawName): number {
  return compareBytes(a[0], b[0]) || compareBytes(a[1], b[1]);
}

function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return order(a, i) - order(b, i);
}

/** UTF-16 puts characters that need surrogates before U+E000; UTF-8 puts them after U+FFFF. */
function order(text: string, index: number): number {
  if (index >= text.length) return -1;
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
