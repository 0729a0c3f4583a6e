import { cutBytes } from '../../contract/parsing/text.js';
import { WORKFLOW_TYPES } from '../../contract/names.js';
import { shellQuoted } from '../../contract/shell.js';

/** The longest command that is put into a message, in characters. */
const LONGEST = 2_500;
/** In bytes: the server's default limit for IDs, with room for quotes. */
const LONGEST_ID = 900;

export interface Start {
  taskQueue: string;
  workflowId: string;
  /** The input, beginning with the pair. The rest is left out if it does not fit. */
  input: Record<string, unknown>;
}

/** The line that starts a run from a shell, ready to be pasted. */
export function startCommand({ taskQueue, workflowId, input }: Start): string {
  const command = (json: Record<string, unknown>) =>
    [
      `temporal workflow start --type ${WORKFLOW_TYPES.run} --task-queue ${shellQuoted(taskQueue)} --fail-existing`,
      `--workflow-id ${shellQuoted(cutBytes(workflowId, LONGEST_ID))} --input ${shellQuoted(JSON.stringify(json))}`,
    ].join(' ');
  const whole = command(input);
  if (whole.length <= LONGEST) return whole;
  const { pair, mode, primary } = input;
  return `${command({ pair, mode, primary })} (and in the input what this run had besides, which does not fit here)`;
}
