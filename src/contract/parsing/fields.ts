import { z } from 'zod';
import { patternProblem } from '../../sequences/pattern.js';
import { jsonBytes } from './json-size.js';
import { characters, hasControl, utf8Bytes } from './text.js';

/*
 * The error of every schema of the contract continues the sentence "expected …". If the next step is not obvious, it says
 * that too. `describeProblems` adds the field and the value that was found.
 */

interface TextRule {
  /** A noun for the message, such as "the name of a pair". */
  what: string;
  /** Code points. */
  max: number;
  min?: number;
  /** Which control characters are allowed; `all` means all except NUL, which PostgreSQL cannot store. */
  control?: 'none' | 'line breaks' | 'all';
}

/** A well-formed string of `min` (1) to `max` code points. */
export function text({ what, max, min = 1, control = 'none' }: TextRule) {
  const controls = {
    none: 'no control characters',
    'line breaks': 'no control characters but line breaks',
    all: 'no NUL',
  };
  const length = min === 0 ? `at most ${max} characters` : `${min} to ${max} characters`;
  const expected = `${what}: ${length} of well-formed Unicode, ${controls[control]}`;
  return z.string({ error: expected }).refine(
    (value) => {
      // Cheap checks first, because a payload may have 2 MB of text.
      if (value.length > 2 * max || !value.isWellFormed()) return false;
      const count = characters(value);
      if (count < min || count > max) return false;
      return control === 'all' ? !value.includes('\0') : !hasControl(value, control);
    },
    // One problem for each field: further checks would repeat it.
    { error: expected, abort: true },
  );
}

/** A short text of a person, such as a ticket: at most 500 code points, without control characters. It may be empty. */
export function note(what: string) {
  return text({ what, max: 500, min: 0 });
}

/** A pattern with the wildcards `*` and `?`: 1 to 300 code points. */
export function patternText(what: string) {
  return text({ what, max: 300, control: 'all' }).refine((value) => patternProblem(value) === null, {
    error: 'a pattern that does not end with a lone backslash; write \\\\ for a backslash itself',
  });
}

/** A whole number from `min` to `max`. */
export function wholeNumber(expected: string, { min, max }: { min: number; max: number }) {
  return z
    .number({ error: expected })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, { error: expected });
}

/**
 * Any JSON value, or none, of at most `maxBytes` as JSON in UTF-8.
 *
 * @param what continues the error, such as `, the argument of your workflow`
 */
export function jsonValue(maxBytes: number, what = '') {
  return z.unknown().refine((value) => value === undefined || jsonBytes(value as object) <= maxBytes, {
    error: `at most ${maxBytes} bytes of JSON${what}`,
  });
}

/** A name or an ID in Temporal: 1 to 1,000 bytes of UTF-8, the server's default limit (`limit.maxIDLength`). */
export function temporalName(what: string) {
  const expected = `${what}: 1 to 1000 bytes of well-formed Unicode, no control characters`;
  return z
    .string({ error: expected })
    .refine(
      (value) =>
        value.length > 0 &&
        value.length <= 1000 &&
        value.isWellFormed() &&
        utf8Bytes(value) <= 1000 &&
        !hasControl(value),
      { error: expected },
    );
}

/** A task queue on which a workflow can run. */
export function taskQueueName(what: string) {
  return temporalName(what).refine(
    // With the first prefix, the server fails the workflow task again and again. With the second, no worker gets the tasks.
    (name) => !name.startsWith('/_sys/') && !name.startsWith('temporal-sys-'),
    {
      error:
        'a task queue whose name does not begin with "/_sys/" or "temporal-sys-", which are reserved for the Temporal server',
    },
  );
}

/** An array of `min` to `max` items. An array that is too long is refused before its items are checked. */
export function list<T extends z.ZodType>(
  item: T,
  expected: string,
  { min = 0, max }: { min?: number; max: number },
) {
  return z
    .custom<z.input<T>[]>((value) => Array.isArray(value) && value.length >= min && value.length <= max, {
      error: expected,
    })
    .pipe(z.array(item));
}

/**
 * A plain object with these fields and no others. Its error for unknown keys is the list of the known keys, from which
 * `describeProblems` makes a suggestion.
 */
export function object<S extends z.core.$ZodShape>(shape: S, expected: string) {
  const known = Object.keys(shape).join(' ');
  const fields = z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? known : expected),
  });
  return z.custom<z.input<typeof fields>>(isPlainObject, { error: expected }).pipe(fields);
}

/**
 * An object of one of several forms, which `choose` selects by the object's keys. Unlike `z.union`, it reports only the
 * problems of the selected form.
 */
export function form<T extends z.ZodType>(expected: string, choose: (value: object) => T | string) {
  return z.custom<z.input<T>>(isPlainObject, { error: expected }).transform((value, context): z.output<T> => {
    const chosen = choose(value as object);
    if (typeof chosen === 'string') {
      context.addIssue({ code: 'custom', message: chosen, input: value });
      return z.NEVER;
    }
    const parsed = chosen.safeParse(value, PARSING);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push(issue as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}

/** Issues have the value that was found. `jitless` avoids generated code, which the workflow sandbox should not run. */
export const PARSING = { reportInput: true, jitless: true } as const;

// Zod accepts any object: an empty Uint8Array, a Date or a Map would pass as {}. The check uses the prototype's prototype,
// because the workflow sandbox has a different Object.prototype.
function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** One of these words. */
export function word<const T extends readonly string[]>(words: T) {
  return z.enum(words, { error: `one of ${words.map((one) => JSON.stringify(one)).join(', ')}` });
}
