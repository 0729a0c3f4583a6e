/**
 * The time of an event as a text that sorts correctly. Temporal leaves out zeros at the end of the fraction of a second, three at a time.
 *
 * @param at ISO 8601, in UTC, with up to nine digits of a second
 */
export function sortable(at: string): string {
  const [seconds = '', fraction = ''] = at.replace(/Z$/u, '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

/** For Array.sort, which keeps the order of equal times. */
export function byTime(a: { at: string }, b: { at: string }): number {
  const [left, right] = [sortable(a.at), sortable(b.at)];
  return left < right ? -1 : left > right ? 1 : 0;
}
