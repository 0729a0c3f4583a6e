import { WorkflowUpdateFailedError } from '@temporalio/client';
import { SignalRefusedError } from '../client/signal-refused.js';
import { EXIT } from './exit-codes.js';
import { withShortCommands } from '../terminal/short-commands.js';
import { printable } from '../contract/printable.js';
import type { Output } from './output.js';

/** The result of a decision: the answer; or, after a refusal, which is printed, the exit code. */
export type Decided<Answer> = { stands: true; answer: Answer } | { stands: false; code: number };

/** Sends a decision. A refusal is a result: it is printed with its reason. */
export async function decide<Answer>(
  output: Output,
  workflowId: string,
  send: () => Promise<Answer>,
): Promise<Decided<Answer>> {
  try {
    return { stands: true, answer: await send() };
  } catch (error) {
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
