import type { Client } from '@temporalio/client';
import { FailoverRun, type RunEnding } from '../client/failover-run.js';
import { errorText } from '../terminal/error-text.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';

/** A run in a mode that only reads. */
interface RunToRead {
  workflowId: string;
  input: Record<string, unknown>;
  /** It is stopped if it has not ended after this time. */
  seconds: number;
  memo?: Record<string, unknown>;
}

/** Milliseconds until a run that has not ended is asked for its status. */
const ASK_AFTER_MS = 5_000;

/** Each stops a run that this process started. On Ctrl+C and SIGTERM all are stopped before the process exits. */
const stops = new Set<(why: string) => Promise<unknown>>();
let leaving: Promise<never> | null = null;

function interrupted(): void {
  // The server may not answer: whoever asks again does not want to wait for it.
  if (leaving !== null) process.exit(EXIT.interrupted);
  leaving = Promise.allSettled([...stops].map((stop) => stop('the command was interrupted'))).then(() =>
    process.exit(EXIT.interrupted),
  );
}

/**
 * Starts a run that only reads, and waits for its end. If no worker answers meanwhile, a note says so. On Ctrl+C, and when its time is over,
 * its workflow is terminated: nobody else waits for it, and there is nothing to undo.
 *
 * @returns null if it has not ended in time
 */
export async function tryToRead(
  output: Output,
  client: Client,
  { workflowId, input, seconds, memo = {} }: RunToRead,
): Promise<{ run: FailoverRun; ending: RunEnding } | null> {
  const starting = FailoverRun.start(client, workflowId, input, memo);
  const stop = async (why: string) => (await starting).terminate(`${why}; it has only read`);
  if (stops.size === 0) process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  stops.add(stop);
  const timers: NodeJS.Timeout[] = [];
  try {
    const run = await starting;
    const ask = () => {
      run.snapshot().catch((error: unknown) => {
        if (stops.has(stop)) output.note(errorText(error));
      });
    };
    timers.push(setTimeout(ask, ASK_AFTER_MS));
    const timedOut = new Promise<null>((resolve) => timers.push(setTimeout(resolve, seconds * 1000, null)));
    const ending = await Promise.race([run.ending(), timedOut]);
    if (ending !== null) return { run, ending };
    // It may have ended meanwhile, or this caller may not terminate it.
    await stop(`the command waited for ${seconds} seconds`).catch(() => undefined);
    return null;
  } finally {
    timers.forEach(clearTimeout);
    // The end that an interruption brings about is no result: the process exits.
    await leaving;
    stops.delete(stop);
    if (stops.size === 0) process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

/**
 * The same for a command that can do nothing without the end.
 *
 * @throws Error if the run has not ended in time
 */
export async function runToRead(
  output: Output,
  client: Client,
  asked: RunToRead,
): Promise<{ run: FailoverRun; ending: RunEnding }> {
  const read = await tryToRead(output, client, asked);
  if (read !== null) return read;
  throw new Error(
    `${asked.workflowId} has not ended within ${asked.seconds} seconds, so it was stopped. It only reads: nothing was changed. To find the cause: sequence-failover doctor`,
  );
}
