import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may block the event loop, in milliseconds. Heartbeats, other runs' steps and timeouts wait for it. */
const LONGEST_BLOCK_MS = 20;

/** Runs a long generator to its end, and lets the event loop run in between. */
export async function runCooperatively<T>(work: Generator<unknown, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - since < LONGEST_BLOCK_MS) continue;
    await nextTurn();
    since = performance.now();
  }
}
