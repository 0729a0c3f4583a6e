import { z } from 'zod';
import { patternProblem } from '../sequences/pattern.js';
import { list, object, text } from './parsing/fields.js';
import { runFields } from './input.js';
import { pair } from './pair-name.js';
import { approvalSchema, notBeforeProblem } from './approval-input.js';
import { approversProblem } from './approvers.js';
import { check } from './parsing/check.js';
import { parseStart, refuseStart } from './parsing/start.js';

/** The most pairs of one fleet, databases included: the history has room for the starts, messages and endings of this many. */
export const MOST_PAIRS = 1_000;

const EXAMPLE = '{"pairs": ["orders", {"pair": "users", "databases": "*"}]}';
const PATTERNS = '"*" or an array of 1 to 500 patterns such as ["app_*"]';
const ENTRY = 'the name of a pair, or an object such as {"pair": "users", "databases": "*"}';
const HANDOFF_ID =
  'no workflowId, because two promotions cannot share it; leave it out, and the promotion of each pair is promote-<pair>';

const databasePattern = text({ what: 'a pattern of a database name', max: 300, control: 'all' }).refine(
  (value) => patternProblem(value) === null,
  { error: 'a pattern that does not end with a lone backslash; write \\\\ for a backslash itself' },
);

const databases = z
  .custom<'*' | string[]>((value) => value === '*' || Array.isArray(value), { error: PATTERNS })
  .transform((value) => (value === '*' ? ['*'] : value))
  .pipe(list(databasePattern, PATTERNS, { min: 1, max: 500 }));

// All pairs of a fleet have the same mode, because there is one gate for all.
const ownInput = object(
  {
    ...runFields,
    mode: z
      .never({
        error: 'no mode here, because all pairs of a fleet have the same mode; set it for the whole fleet',
      })
      .optional(),
  },
  'an object such as {"buffer": {"preset": "high"}}',
);

const named = pair.transform((name) => ({ pair: name, databases: null, except: [] as string[], input: {} }));

const described = object(
  {
    pair,
    databases: databases.optional(),
    except: list(databasePattern, 'an array of at most 500 patterns such as ["template_*"]', {
      max: 500,
    }).optional(),
    input: ownInput.optional(),
  },
  ENTRY,
)
  .refine(({ databases: some, except }) => some !== undefined || except === undefined, {
    path: ['except'],
    error: 'no except without databases; add "databases": "*", or leave except out',
  })
  .refine(({ databases: some, input }) => some === undefined || input?.handoff?.workflowId === undefined, {
    path: ['input', 'handoff', 'workflowId'],
    error: HANDOFF_ID,
  });

/** An entry as it was written. It is checked later, with {@link named} or {@link described}. */
const entry = z.custom<string | object>((value) => typeof value === 'string' || isObject(value), {
  error: ENTRY,
});

const fleetFields = {
  pairs: list(entry, `an array of 1 to ${MOST_PAIRS} pairs, each ${ENTRY}`, { min: 1, max: MOST_PAIRS }),
  concurrency: z
    .number({ error: 'how many pairs are prepared at once, 1 to 100' })
    .refine((value) => Number.isInteger(value) && value >= 1 && value <= 100, {
      error: 'how many pairs are prepared at once, 1 to 100',
    })
    .default(10),
};

const inputSchema = object({ ...fleetFields, ...runFields }, `a JSON object such as ${EXAMPLE}`)
  .refine(({ handoff }) => handoff?.workflowId === undefined, {
    path: ['handoff', 'workflowId'],
    error: HANDOFF_ID,
  })
  .superRefine(({ approval, requestedBy, pairs }, context) => {
    // An entry may say who approves, or who asked, for itself.
    const isOwn = (one: string | object) => {
      const { input = {} } = (typeof one === 'string' ? {} : one) as { input?: object };
      return isObject(input) && ('approval' in input || 'requestedBy' in input);
    };
    const problem = pairs.some(isOwn) ? null : approversProblem(approval, requestedBy);
    if (problem !== null) context.addIssue({ code: 'custom', ...problem });
  })
  .transform((value, context) => {
    const entries: FleetEntry[] = [];
    value.pairs.forEach((one, index) => {
      const parsed =
        typeof one === 'string' ? named.safeParse(one, REPORTING) : described.safeParse(one, REPORTING);
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
        // Without defaults: the pair's own run applies them.
        input: typeof one === 'string' ? {} : { ...(one as { input?: object }).input },
      });
    });
    return {
      entries,
      concurrency: value.concurrency,
      mode: value.mode,
      requestedBy: value.requestedBy ?? null,
      ticket: value.ticket ?? null,
    };
  });

const REPORTING = { reportInput: true, jitless: true } as const;

/** One entry of `pairs`. */
export interface FleetEntry {
  pair: string;
  /** Patterns of the databases that the entry stands for; null means only the database of the pair itself. */
  databases: string[] | null;
  except: string[];
  /** Fields of the input for the runs of this entry. They replace those that the fleet gives for all runs. */
  input: object;
}

export interface FleetInput extends z.output<typeof inputSchema> {
  /** The fields of the input for all runs, as they were written. */
  defaults: object;
}

/**
 * Checks the arguments that `fleetFailover` was started with. Never throws. The message has the form that
 * {@link import('./input.js').parseInput} describes.
 */
export function parseFleetInput(
  args: readonly unknown[],
  start?: { now: number },
): { ok: true; input: FleetInput } | { ok: false; message: string } {
  const parsed = parseStart(inputSchema, args, EXAMPLE);
  if (!parsed.ok) return parsed;
  const written = args[0] as Record<string, unknown>;
  const defaults = Object.fromEntries(
    Object.keys(runFields)
      .filter((key) => written[key] !== undefined)
      .map((key) => [key, written[key]]),
  );
  const approval = check(approvalSchema, defaults['approval'] ?? {}, 'approval');
  const problem = approval.ok && start !== undefined ? notBeforeProblem(approval.value, start) : null;
  return problem === null ? { ok: true, input: { ...parsed.input, defaults } } : refuseStart(problem);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
