import type { z } from 'zod';
import { check } from './check.js';
import { cut } from './text.js';
import { isUndecodable, undecodableProblem } from './undecodable.js';

const NEXT_STEP = 'Correct the input and start the workflow again; no database was touched.';

/** The answer for an invalid input. */
export function refuseStart(problems: string): { ok: false; message: string } {
  const end = problems.includes('\n') ? '\n' : '. ';
  return { ok: false, message: cut(`Invalid input: ${problems}${end}${NEXT_STEP}`, 4000) };
}

/**
 * Checks the arguments of a workflow that takes one optional JSON object. Never throws. The message has at most 4,000 code points, is
 * well-formed, and names every invalid field with the next step.
 */
export function parseStart<T extends z.ZodType>(
  schema: T,
  args: readonly unknown[],
  example: string,
): { ok: true; input: z.output<T> } | { ok: false; message: string } {
  if (args.length > 1) {
    return refuseStart(
      `found ${args.length} arguments; expected at most one, a JSON object such as ${example}`,
    );
  }
  const [argument] = args;
  if (isUndecodable(argument)) {
    return refuseStart(`${undecodableProblem(argument)}, for example ${example}`);
  }
  const checked = check(schema, argument ?? {}, 'the argument');
  return checked.ok ? { ok: true, input: checked.value } : refuseStart(checked.problems);
}
