import { parseRemedy } from '../../findings/remedy-text.js';

/**
 * Where to change the input of a promotion. Its findings are shown by a promotion, and at the gate of a run that hands off to one.
 *
 * @param change such as `"failback": false`
 */
export function withInput(change: string): string {
  return `start again with ${change} in the input of the promotion (of a run: in its handoff.input)`;
}

/** The change with which somebody accepts a block by its code. */
const accepting = (code: string) => `"accept": ["${code}"]`;

/**
 * A remedy of a block that somebody may rather accept.
 *
 * @param when the condition for that, such as `if no promotion has left this`
 */
export function unlessAccepted(when: string, code: string, remedy: string): string {
  return unlessInput(when, accepting(code), remedy);
}

/** The remedy at the gate of a run, where an approver accepts the block, and the promotion takes that over. */
export function acceptedAtGate(code: string, remedy: string): string {
  return remedy.replaceAll(withInput(accepting(code)), `accept ${code}`);
}

/** The change with which a promotion prepares no way back. */
export const NO_FAILBACK = '"failback": false';

/**
 * A remedy that another input makes unnecessary. The input comes first, since a run at its gate adds its next step to the end of the remedy.
 *
 * @param when the condition for the change, such as `if no way back is needed`
 */
export function unlessInput(when: string, change: string, remedy: string): string {
  // A statement is found after a colon.
  const otherwise = parseRemedy(remedy)[0]?.kind === 'prose' ? 'otherwise,' : 'otherwise:';
  return `${when}, ${withInput(change)}; ${otherwise} ${remedy}`;
}
