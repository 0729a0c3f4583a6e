import { WorkflowUpdateFailedError } from '@temporalio/client';
import { SignalRefusedError } from '../client/signal-refused.js';
import { shellQuoted } from '../contract/shell.js';
import { LimitOver, type TimeLimit, TimeOverError } from './time-limit.js';
import { EXIT } from './exit-codes.js';
import { withShortCommands } from '../terminal/short-commands.js';
import { whileNoWorkerAnswers } from './note-if-slow.js';
import { printable } from '../contract/printable.js';
import type { Output } from './output.js';

/** The result of a decision: the answer; or, after a refusal, which is printed, the exit code. */
export type Decided<Answer> = { stands: true; answer: Answer } | { stands: false; code: number };

/**
 * Sends a decision. A refusal is a result: it is printed with its reason.
 *
 * @throws TimeOverError if no worker has answered within the limit
 */
export async function decide<Answer>(
  output: Output,
  { workflowId, limit }: { workflowId: string; limit: TimeLimit },
  send: () => Promise<Answer>,
): Promise<Decided<Answer>> {
  try {
    return { stands: true, answer: await whileNoWorkerAnswers(limit.within(send())) };
  } catch (error) {
    if (error instanceof LimitOver)
      throw new TimeOverError(
        `No worker has answered after --timeout ${limit.text ?? ''}, so it is not known whether the decision counts. Look: sequence-failover status ${printable(shellQuoted(workflowId))}`,
        { workflowId, sent: true, answer: null, timedOut: true },
      );
    const why = reasonOf(error);
    if (why === null) throw error;
    const shown = withShortCommands(why, { workflowId });
    output.refusal(printable(shown), { workflowId, sent: true, refused: why });
    return { stands: false, code: EXIT.failed };
  }
}

/** Why the workflow refused; null if the error is something else. */
function reasonOf(error: unknown): string | null {
  if (error instanceof SignalRefusedError) return error.message;
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
