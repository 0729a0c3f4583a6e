import { Context } from '@temporalio/activity';

/** A third of the shortest heartbeat timeout, that of a promotion's steps, so that a busy worker is not taken for a dead one. */
const EVERY_MS = 1_000;

/** Heartbeats while the work runs: a worker that dies is noticed, and a cancellation reaches the work. */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
