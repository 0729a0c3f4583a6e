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
}

/** Milliseconds until a run that has not ended is asked for its status. */
const LOOK_AFTER = 5_000;

/**
 * Starts a run that only reads, and waits for its end. If no worker answers meanwhile, a note says so. On Ctrl+C, and when its time is over,
 * its workflow is terminated: nobody else waits for it, and there is nothing to undo.
 *
 * @throws Error if it has not ended in time
 */
export async function runToRead(
  output: Output,
  client: Client,
  { workflowId, input, seconds }: RunToRead,
): Promise<{ run: FailoverRun; ending: RunEnding }> {
  const run = await FailoverRun.start(client, workflowId, input);
  const stop = (why: string) => run.terminate(`${why}; it has only read`);
  const leaving: Promise<never>[] = [];
  const interrupted = () => {
    const leave = () => process.exit(EXIT.interrupted);
    leaving.push(stop('the command was interrupted').then(leave, leave));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  let isOver = false;
  const look = setTimeout(() => {
    run.snapshot().catch((error: unknown) => {
      if (!isOver) output.note(errorText(error));
    });
  }, LOOK_AFTER);
  let limit: NodeJS.Timeout | undefined;
  const timedOut = new Promise<null>((resolve) => {
    limit = setTimeout(resolve, seconds * 1000, null);
  });
  try {
    const ending = await Promise.race([run.ending(), timedOut]);
    // The end that the interruption brings about is no result.
    await Promise.all(leaving);
    if (ending !== null) return { run, ending };
    await stop(`the command waited for ${seconds} seconds`);
    throw new Error(
      `${workflowId} has not ended within ${seconds} seconds, so it was stopped. It only reads: nothing was changed. What is wrong may be shown by: sequence-failover doctor`,
    );
  } finally {
    isOver = true;
    clearTimeout(look);
    clearTimeout(limit);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}
