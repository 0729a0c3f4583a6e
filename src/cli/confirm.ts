import { createInterface } from 'node:readline/promises';
import { UsageError } from './exit-codes.js';

/**
 * Asks for the name of the pair, so that nobody decides about another one by mistake.
 *
 * @param what happens then: approve, promote
 * @throws UsageError where there is no terminal, or something else is typed
 */
export async function confirmPair(pair: string | null, what: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UsageError(`There is no terminal to ask on; ${what} without being asked with --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(`Type the name of the pair (${pair ?? '?'}) to ${what}: `);
    if (typed.trim() !== pair) throw new UsageError('That is not the name of the pair: nothing was done.');
  } finally {
    terminal.close();
  }
}
