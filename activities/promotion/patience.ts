/**
 * How long a step waits, in milliseconds. A fifth of the budget, at most 2 seconds, is left, so that the step can name the obstacle before
 * the budget ends the promotion.
 *
 * @param withinMs what is left of the outage budget
 */
export function patience(withinMs: number): number {
  return withinMs - Math.min(withinMs / 5, 2_000);
}
