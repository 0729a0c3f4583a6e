import { WorkflowUpdateFailedError } from '@temporalio/client';
import { EXIT } from './exit-codes.js';
import { withShortCommands } from '../terminal/short-commands.js';
import { printable } from '../terminal/printable.js';
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
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    const shown = withShortCommands(why, { workflowId });
    output.result([output.colors.red(`Refused: ${printable(shown)}`)], { workflowId, refused: why });
    return { stands: false, code: EXIT.failed };
  }
}
