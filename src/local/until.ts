import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds until it fails; default two minutes. */
  readonly timeout?: number;
  /** Milliseconds between the first two checks; default 20. */
  readonly interval?: number;
  /** Whether all pauses are as long as the first: for a state that may soon be over. Default: they grow. */
  readonly constant?: boolean;
  /** The condition, for the error message. */
  readonly what: string;
}

/** By how much each pause is longer than the one before. So the end of the condition is noticed after at most a quarter more time than it took. */
const GROWTH = 1.25;

/** The longest pause, as a multiple of the first one, and in milliseconds. A check may cost as much as a connection or a query. */
const LONGEST = { times: 10, ms: 500 };

/**
 * Repeats the condition until it returns something other than undefined or false, and returns that.
 *
 * @throws the error of the condition; after the timeout, an Error that names `what`
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { timeout = 120_000, interval = 20, constant = false, what }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeout;
  const longest = constant ? interval : Math.max(interval, Math.min(interval * LONGEST.times, LONGEST.ms));
  let pause = interval;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${timeout} ms in vain for ${what}.`);
    await delay(pause);
    pause = Math.min(pause * GROWTH, longest);
  }
}
