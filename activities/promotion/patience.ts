/**
 * How long a step waits, in milliseconds: a little less than it may, so that it can say what it waited for before the outage budget ends the
 * promotion.
 *
 * @param withinMs what is left of the outage budget
 */
export function patience(withinMs: number): number {
  return withinMs - Math.min(withinMs / 10, 1_000);
}
