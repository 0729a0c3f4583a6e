import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds that work may keep the event loop from everybody else: heartbeats, other runs' steps, timeouts. */
const TURN = 20;

/** Does work that takes long, step by step, and lets the event loop have its turn in between. */
export async function inTurns<T>(work: Generator<unknown, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - since < TURN) continue;
    await nextTurn();
    since = performance.now();
  }
}
