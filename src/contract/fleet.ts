import { z } from 'zod';
import { patternProblem } from '../sequences/pattern.js';
import { check } from './parsing/check.js';
import { form, list, object, text } from './parsing/fields.js';
import { runFields } from './input.js';
import { pair } from './pair-name.js';
import { parseStart } from './parsing/start.js';
import {
  accept,
  by,
  decision,
  namesOf,
  nothingToAccept,
  parseArgument,
  parseQuery,
  reason,
  remark,
  rows,
  type RowsNames,
} from './messages.js';
import type { FleetOutcome, MemberReport } from './fleet-status.js';

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
): { ok: true; input: FleetInput } | { ok: false; message: string } {
  const parsed = parseStart(inputSchema, args, EXAMPLE);
  if (!parsed.ok) return parsed;
  const written = args[0] as Record<string, unknown>;
  const defaults = Object.fromEntries(
    Object.keys(runFields)
      .filter((key) => written[key] !== undefined)
      .map((key) => [key, written[key]]),
  );
  return { ok: true, input: { ...parsed.input, defaults } };
}

const examples = {
  approve: '{"by": "alice", "pairs": ["orders"]}',
  reject: '{"by": "alice", "reason": "the change was called off"}',
  resynchronize: '{"by": "alice", "pairs": ["orders"]}',
  decide: '{"decision": "approve", "by": "alice"}',
};

const pairs = list(pair, `an array of 1 to ${MOST_PAIRS} pairs of the fleet; leave it out for all of them`, {
  min: 1,
  max: MOST_PAIRS,
})
  .transform((names) => [...new Set(names)])
  .optional();

const partial = z
  .boolean({
    error:
      'true to apply the decision to those pairs that can take it, false (the default) to apply it to all pairs or none',
  })
  .optional();

const approval = { by, reason: remark.optional(), pairs, accept: accept.optional(), partial, ...rows };
const rejection = { by, reason, pairs, partial };
const toApprove = (
  value: {
    by: string;
    reason?: string | undefined;
    pairs?: string[] | undefined;
    accept?: string[] | undefined;
    partial?: boolean | undefined;
  } & RowsNames,
) => ({
  kind: 'approve' as const,
  by: value.by,
  reason: value.reason || null,
  pairs: value.pairs ?? null,
  accept: value.accept ?? [],
  partial: value.partial ?? false,
  ...namesOf(value),
});
const toReject = (value: {
  by: string;
  reason: string;
  pairs?: string[] | undefined;
  partial?: boolean | undefined;
}) => ({
  kind: 'reject' as const,
  by: value.by,
  reason: value.reason,
  pairs: value.pairs ?? null,
  accept: [] as string[],
  partial: value.partial ?? false,
});

const decideApprove = object({ decision, ...approval }, `an object such as ${examples.decide}`).transform(
  toApprove,
);
const decideReject = object(
  { decision, ...rejection, accept: nothingToAccept.optional() },
  `an object such as ${examples.decide}`,
).transform(toReject);

const messages = {
  approve: object(approval, `an object such as ${examples.approve}`).transform(toApprove),
  reject: object(rejection, `an object such as ${examples.reject}`).transform(toReject),
  resynchronize: object(
    { by, pairs, partial, ...rows },
    `an object such as ${examples.resynchronize}`,
  ).transform((value) => ({
    kind: 'resynchronize' as const,
    by: value.by,
    reason: null,
    pairs: value.pairs ?? null,
    accept: [] as string[],
    partial: value.partial ?? false,
    ...namesOf(value),
  })),
  decide: form<typeof decideApprove | typeof decideReject>(`an object such as ${examples.decide}`, (value) =>
    (value as { decision?: unknown }).decision === 'reject' ? decideReject : decideApprove,
  ),
};

export type FleetMessageKind = keyof typeof messages;

/** The content of a message. `pairs` is null if the message is for all pairs. */
export interface FleetMessage extends RowsNames {
  kind: 'approve' | 'reject' | 'resynchronize';
  by: string;
  reason: string | null;
  pairs: string[] | null;
  accept: string[];
  /** Whether the decision may apply to only some of the pairs. */
  partial: boolean;
}

/** Checks the arguments of a fleet's signal or of its `decide`, like {@link import('./messages.js').parseMessage}. */
export function parseFleetMessage(kind: FleetMessageKind, args: readonly unknown[]) {
  return parseArgument<z.ZodType<FleetMessage>>(messages[kind], args, `for example ${examples[kind]}`);
}

const count = z.number().int().min(0);
const block = z.object({ code: z.string().max(300), sequence: z.string().max(300).nullable() });
/** Limits of a pair's report to its fleet: the number of blocks, and the UTF-16 code units of a block's text. */
export const BLOCKS_DESCRIBED = 5;
export const BLOCK_TEXT = 400;
const memberReport = z.object({
  pair: z.string(),
  gate: z.enum(['open', 'blocked']),
  counts: z.object({ total: count, applied: count, kept: count, skipped: count, failed: count }),
  minimumHeadroom: z
    .object({ sequence: z.string().max(300), calls: z.string().regex(/^-?\d{1,20}$/) })
    .nullable(),
  approvals: count,
  blockedBy: z.array(block).max(20),
  blockedCount: count,
  // Absent if an older worker runs the pair.
  blocks: z
    .array(block.extend({ message: z.string().max(BLOCK_TEXT), remedy: z.string().max(2 * BLOCK_TEXT) }))
    .max(BLOCKS_DESCRIBED)
    .optional(),
  refused: z
    .object({
      at: z.string().max(100),
      kind: z.string().max(600),
      by: z.string().max(600).nullable(),
      reason: z.string().max(600),
    })
    .nullable(),
  refusedCount: count,
});

/** A pair's report to its fleet. Null for anything else, because any client can send a signal with this name. */
export function parseMemberReport(args: readonly unknown[]): MemberReport | null {
  const checked = check(memberReport, args[0], 'the report');
  return checked.ok ? checked.value : null;
}

const outcomes = [
  ...['ready', 'planned', 'verified', 'synchronized', 'handed-off'],
  ...['failed', 'rejected', 'cancelled', 'pending'],
] as FleetOutcome[];

const MOST_ROWS = 200;

const pairsQuery = object(
  {
    after: text({ what: 'the "next" of the previous answer', max: 300, control: 'all' })
      .nullable()
      .optional()
      .transform((value) => value ?? undefined),
    limit: z
      .number({ error: `a whole number of rows, 1 to ${MOST_ROWS}` })
      .refine((value) => Number.isInteger(value) && value >= 1 && value <= MOST_ROWS, {
        error: `a whole number of rows, 1 to ${MOST_ROWS}`,
      })
      .default(MOST_ROWS),
    outcome: z
      .enum(outcomes, { error: `one of ${outcomes.map((outcome) => `"${outcome}"`).join(', ')}` })
      .optional(),
  },
  'a JSON object such as {"limit": 200}',
);

/** Checks the optional argument of the query `pairs`. Never throws. */
export function parsePairsQuery(args: readonly unknown[]) {
  return parseQuery(pairsQuery, args, '{"limit": 200, "outcome": "failed"}');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
