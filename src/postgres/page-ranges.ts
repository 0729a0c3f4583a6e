import type { PageRange, RawName } from '../contract/steps.js';

/**
 * Cuts the sequences of both sides into pages of at most `pageSize` different names. A name that either side gets
 * later falls into exactly one of them: the first range is open at its start, the last at its end, and each
 * begins where the one before it ends.
 *
 * @param primaryNames ordered by the bytes of its UTF-8, as `listSequenceNames` returns them
 * @param standbyNames likewise
 * @param pageSize at least 1
 * @returns at least one range, also where there is no sequence at all
 */
export function pageRanges(
  primaryNames: readonly RawName[],
  standbyNames: readonly RawName[],
  pageSize: number,
): PageRange[] {
  const ends = [...lastOfEachPage(primaryNames, standbyNames, pageSize)];
  return [null, ...ends].map((after, index) => ({ after, upTo: ends[index] ?? null }));
}

/** Of every page but the last. */
function* lastOfEachPage(
  primaryNames: readonly RawName[],
  standbyNames: readonly RawName[],
  pageSize: number,
): Generator<RawName> {
  let count = 0;
  let last: RawName | undefined;
  for (const name of merge(primaryNames, standbyNames)) {
    if (last && count % pageSize === 0) yield last;
    last = name;
    count++;
  }
}

function* merge(left: readonly RawName[], right: readonly RawName[]): Generator<RawName> {
  let i = 0;
  let j = 0;
  for (;;) {
    const a = left[i];
    const b = right[j];
    const order = a && b ? compareNames(a, b) : a ? -1 : 1;
    const least = order <= 0 ? a : b;
    if (!least) return;
    yield least;
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
