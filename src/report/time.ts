/** A time of a history for a person, to the millisecond. Temporal's own times have up to nine digits of a second. */
export function shortTime(at: string): string {
  return at.replace(/(\.\d{3})\d+Z$/u, '$1Z');
}
