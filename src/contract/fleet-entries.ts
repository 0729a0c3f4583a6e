import { z } from 'zod';
import { list, object, PARSING, patternText, wholeNumber } from './parsing/fields.js';
import { pair } from './pair-name.js';

/** The entries of `pairs`, of a fleet of runs and of a fleet of promotions. */

const PATTERNS = '"*" or an array of 1 to 500 patterns such as ["app_*"]';
const ENTRY = 'the name of a pair, or an object such as {"pair": "users", "databases": "*"}';

const databasePattern = patternText('a pattern of a database name');

const databases = z
  .custom<'*' | string[]>((value) => value === '*' || Array.isArray(value), { error: PATTERNS })
  .transform((value) => (value === '*' ? ['*'] : value))
  .pipe(list(databasePattern, PATTERNS, { min: 1, max: 500 }));

const named = pair.transform((name) => ({ pair: name, databases: null, except: [] as string[], input: {} }));

/** An entry that is an object. `ownInput` is what its `input` may have. */
export function describedEntry<T extends z.ZodType>(ownInput: T) {
  return object(
    {
      pair,
      databases: databases.optional(),
      except: list(databasePattern, 'an array of at most 500 patterns such as ["template_*"]', {
        max: 500,
      }).optional(),
      input: ownInput.optional(),
    },
    ENTRY,
  ).refine(({ databases: some, except }) => some !== undefined || except === undefined, {
    path: ['except'],
    error: 'no except without databases; add "databases": "*", or leave except out',
  });
}

/** An entry as it was written. It is checked later, by {@link entriesOf}. */
const entry = z.custom<string | object>((value) => typeof value === 'string' || isObject(value), {
  error: ENTRY,
});

/** `pairs` as they were written. */
export function entryList(most: number) {
  return list(entry, `an array of 1 to ${most} pairs, each ${ENTRY}`, { min: 1, max: most });
}

/** The field `concurrency`. */
export const pairsAtOnce = wholeNumber('how many pairs are prepared at once, 1 to 100', {
  min: 1,
  max: 100,
}).default(10);

/** One entry of `pairs`. */
export interface FleetEntry {
  pair: string;
  /** Patterns of the databases that the entry stands for; null means only the database of the pair itself. */
  databases: string[] | null;
  except: string[];
  /** Fields of the input for the workflows of this entry. They replace those that the fleet gives for all of them. */
  input: object;
}

/** Checks each entry, and adds an issue for each that is invalid or that names a pair again. */
export function entriesOf(
  written: readonly (string | object)[],
  described: z.ZodType<{ pair: string; databases?: string[] | undefined; except?: string[] | undefined }>,
  context: z.core.$RefinementCtx,
): FleetEntry[] {
  const entries: FleetEntry[] = [];
  written.forEach((one, index) => {
    const parsed =
      typeof one === 'string' ? named.safeParse(one, PARSING) : described.safeParse(one, PARSING);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        context.issues.push({ ...issue, path: ['pairs', index, ...issue.path] } as z.core.$ZodRawIssue);
      return;
    }
    const { pair: name, databases: some, except } = parsed.data;
    if (entries.some((other) => other.pair === name)) {
      context.issues.push({
        code: 'custom',
        path: ['pairs', index],
        input: name,
        message: 'each pair only once; this one is in the list already',
      });
    }
    entries.push({
      pair: name,
      databases: some ?? null,
      except: except ?? [],
      // Without defaults: the pair's own workflow applies them.
      input: typeof one === 'string' ? {} : { ...(one as { input?: object }).input },
    });
  });
  return entries;
}

export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
