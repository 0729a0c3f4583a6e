const BEGINNING = 'start a new run when ';

/** The end of the message of a run that failed: the command that starts the next one. @param when as in "it is time" */
export function startAgain(when: string, command: string): string {
  return `${BEGINNING}${when}: ${command}`;
}

/** A message without the end that `startAgain` has written, for a reader who gets the command with the whole input. */
export function withoutStartAgain(message: string): string {
  const at = message.lastIndexOf(BEGINNING);
  return at === -1 ? message : message.slice(0, at).replace(/[,;] $/u, '');
}
