import { secondsBetween, timeText } from '../sequences/time-text.js';

/** The time since then: "2 minutes 5 seconds ago"; "just now" within a second. */
export function ago(instant: string, now: number): string {
  const past = secondsBetween(Date.parse(instant), now);
  return past === 0n ? 'just now' : `${timeText(past)} ago`;
}

/** The time until then: "in 2 hours 5 minutes"; "now" after it. */
export function until(instant: string, now: number): string {
  const left = secondsBetween(now, Date.parse(instant));
  return left === 0n ? 'now' : `in ${timeText(left)}`;
}
