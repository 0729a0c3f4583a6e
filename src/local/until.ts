import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds until it fails. */
  readonly timeout: number;
  /** Milliseconds between two looks; default 20. */
  readonly interval?: number;
  /** What the error says was waited for. */
  readonly what: string;
}

/**
 * Looks until the condition gives something other than undefined or false, and returns that.
 *
 * @throws what the condition throws, or an Error that names `what` after the timeout
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { timeout, interval = 20, what }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${timeout} ms in vain for ${what}.`);
    await delay(interval);
  }
}
