import type { z } from 'zod';
import { PARSING } from './fields.js';
import { describeProblems } from './problems.js';

export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string };

/** Never throws, because an exception in workflow code that is not one of the SDK's failures would hang the run. */
export function check<T extends z.ZodType>(schema: T, value: unknown, subject: string): Checked<z.output<T>> {
  try {
    const parsed = schema.safeParse(value, PARSING);
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, problems: describeProblems(parsed.error.issues, subject) };
  } catch {
    // A getter or a proxy has thrown. Parsed JSON never has these.
    return { ok: false, problems: `${subject}: found a value that cannot be read; expected a JSON object` };
  }
}
