import { isCancel, text } from '@clack/prompts';
import { EXIT, UsageError } from './exit-codes.js';

/** A text that a person has to type, so that nobody decides about the wrong thing by mistake. */
export interface Confirmation {
  /** Such as "the name of the pair". */
  what: string;
  expected: string;
  /** The action, as a verb: approve, promote. */
  verb: string;
}

/** @throws UsageError if there is no terminal */
export function assertTerminal(verb: string): void {
  if (process.stdin.isTTY) return;
  throw new UsageError(
    `There is no terminal to ask on, so nothing was done. To ${verb} without being asked, add --yes.`,
  );
}

/**
 * Asks until the person types the name of the pair or the fleet. Ctrl+C or Ctrl+D ends the command.
 *
 * @throws UsageError if there is no terminal
 */
export async function confirm({ what, expected, verb }: Confirmation): Promise<void> {
  assertTerminal(verb);
  // Ctrl+D ends the input: the question is never answered, and nothing is left to wait for.
  process.once('beforeExit', giveUp);
  const typed = await text({
    message: `To ${verb}, type ${what}: ${expected}`,
    validate: (value) =>
      value?.trim() === expected ? undefined : `That is not ${what}. Nothing was done yet; Ctrl+C ends.`,
    output: process.stderr,
  });
  process.off('beforeExit', giveUp);
  if (isCancel(typed)) giveUp();
}

function giveUp(): never {
  process.stderr.write('Nothing was done.\n');
  process.exit(EXIT.interrupted);
}
