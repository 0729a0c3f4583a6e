import { Context } from '@temporalio/activity';

/** A third of the shortest heartbeat timeout, which is that of a promotion's steps, so that a busy worker does not seem to be dead. */
const EVERY_MS = 1_000;

/** Sends heartbeats during the work, so that Temporal notices a dead worker, and a cancellation reaches the work. */
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
