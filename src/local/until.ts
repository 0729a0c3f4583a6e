import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds until it fails; default two minutes. */
  readonly timeout?: number;
  /** Milliseconds between two checks; default 20. */
  readonly interval?: number;
  /** The condition, for the error message. */
  readonly what: string;
}

/**
 * Repeats the condition until it returns something other than undefined or false, and returns that.
 *
 * @throws the error of the condition; after the timeout, an Error that names `what`
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { timeout = 120_000, interval = 20, what }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${timeout} ms in vain for ${what}.`);
    await delay(interval);
  }
}
