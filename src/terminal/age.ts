import { timeText } from '../sequences/time-text.js';

/** Whole seconds between two times in milliseconds, at least 0. */
const seconds = (ms: number) => BigInt(Math.max(0, Math.floor(ms / 1000)));

/** How long ago it was: "2 minutes 5 seconds ago"; "just now" within a second. */
export function ago(instant: string, now: number): string {
  const past = seconds(now - Date.parse(instant));
  return past === 0n ? 'just now' : `${timeText(past)} ago`;
}

/** How long it still takes: "in 2 hours 5 minutes"; "now" once it is over. */
export function until(instant: string, now: number): string {
  const left = seconds(Date.parse(instant) - now);
  return left === 0n ? 'now' : `in ${timeText(left)}`;
}
