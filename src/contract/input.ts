import { z } from 'zod';
import { patternProblem } from '../sequences/pattern.js';
import { bufferPolicySchema } from './buffer-policy.js';
import { check } from './parsing/check.js';
import { duration, durationMs } from './parsing/duration.js';
import { list, object, temporalName, text } from './parsing/fields.js';
import { jsonBytes } from './parsing/json-size.js';
import { RESERVED_PREFIX } from './lock.js';
import { MODES } from './modes.js';
import { cut, looksLikeConnectionString } from './parsing/text.js';
import { isUndecodable } from './parsing/undecodable.js';

export type { Mode } from './modes.js';
export type { Preset } from '../sequences/buffer.js';
export type { BufferPolicy } from './buffer-policy.js';

const EXAMPLE = '{"pair": "default", "mode": "failover"}';

const NEXT_STEP = 'Correct the input and start the workflow again; no database was touched.';

/** Twice what a thousand of the longest names take. */
const PATTERNS_AT_MOST = 300_000;

const mode = z.enum(MODES, { error: `one of ${MODES.map((name) => `"${name}"`).join(', ')}` });

export const pair = text({ what: 'the name of a pair that the worker knows', max: 200 }).refine(
  (name) => !looksLikeConnectionString(name),
  { error: 'the name of a pair that the worker knows, never a connection string' },
);

const pattern = text({ what: 'a pattern of schema.name', max: 300, control: 'all' }).refine(
  (value) => patternProblem(value) === null,
  { error: 'a pattern that does not end with a lone backslash; write \\\\ for a backslash itself' },
);

const patterns = (min: number, advice: string) =>
  list(pattern, `an array of ${min} to 500 patterns such as ["public.*"]${advice}`, { min, max: 500 });

const OVERRIDE = '{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}';

const override = object(
  {
    match: pattern,
    buffer: bufferPolicySchema.optional(),
    rows: z.enum(['ignore', 'raise'], { error: '"ignore" or "raise"' }).optional(),
  },
  `an override such as ${OVERRIDE}`,
).superRefine(({ buffer, rows }, context) => {
  if (buffer !== undefined || rows !== undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['buffer'],
    input: undefined,
    message: `a buffer, or rows: "ignore" or "raise", such as ${OVERRIDE}`,
  });
});

const approval = object(
  {
    timeout: duration('24 hours', 1, '1 ms').default('24 hours'),
    required: z
      .number({ error: 'a whole number of approvals, 1 to 20' })
      .refine((value) => Number.isInteger(value) && value >= 1 && value <= 20, {
        error: 'a whole number of approvals, 1 to 20',
      })
      .default(1),
    recheckEvery: duration('1 minute', 1000, '1 second').default('1 minute'),
  },
  'an object such as {"timeout": "24 hours", "required": 1, "recheckEvery": "1 minute"}',
).transform((value) => ({
  ...value,
  timeoutMs: milliseconds(value.timeout),
  recheckEveryMs: milliseconds(value.recheckEvery),
}));

const handoff = object(
  {
    workflowType: temporalName('the type of the promotion workflow'),
    taskQueue: temporalName('the task queue of the promotion workflow').refine(
      // On the first the server fails the workflow task again and again, on the second its own workers take nothing.
      (name) => !name.startsWith('/_sys/') && !name.startsWith('temporal-sys-'),
      {
        error:
          'a task queue of your own: the server keeps names that start with "/_sys/" or "temporal-sys-" to itself',
      },
    ),
    workflowId: temporalName('the ID of the promotion workflow')
      .refine((id) => !id.startsWith(RESERVED_PREFIX), {
        error: `an ID of your own: "${RESERVED_PREFIX}" begins the IDs of the pairs' locks`,
      })
      .optional(),
  },
  'an object such as {"workflowType": "promoteStandby", "taskQueue": "promotion"}',
);

const note = (what: string) => text({ what, max: 500, min: 0 });

/** What a run takes besides its pair; a fleet takes the same for all of its runs. */
export const runFields = {
  mode: mode.default('failover'),
  buffer: bufferPolicySchema.optional(),
  include: patterns(1, '; leave it out to include everything').optional(),
  exclude: patterns(0, '').default([]),
  overrides: list(
    override,
    'an array of at most 500 overrides such as [{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}]',
    { max: 500 },
  ).default([]),
  approval: approval.prefault({}),
  handoff: handoff.optional(),
  requestedBy: note('who asked for this').optional(),
  ticket: note('a ticket').optional(),
  primary: z.literal('lost', { error: '"lost" where the primary is gone for good, or nothing' }).optional(),
};

/** The one optional argument of the workflow `sequenceFailover`. */
const inputSchema = object(
  { pair: pair.default('default'), ...runFields },
  `a JSON object such as ${EXAMPLE}`,
)
  .superRefine(({ mode, primary, include, exclude, overrides }, context) => {
    if (primary === 'lost' && mode !== 'failover' && mode !== 'plan') {
      context.addIssue({
        code: 'custom',
        path: ['primary'],
        input: primary,
        message: `only with the modes failover and plan: ${mode} reads the primary`,
      });
    }
    // Every step is given them, besides a page of sequences.
    const bytes = jsonBytes({ include, exclude, overrides });
    if (bytes > PATTERNS_AT_MOST) {
      context.addIssue({
        code: 'custom',
        path: ['include, exclude and overrides'],
        input: `${bytes} bytes`,
        message: `at most ${PATTERNS_AT_MOST} bytes of JSON in all; let a pattern with * stand for many names`,
      });
    }
  })
  .transform((value) => ({
    pair: value.pair,
    mode: value.mode,
    /** Targets come from evidence, and nobody waits for the primary; absent otherwise. */
    ...(value.primary === undefined ? {} : { primary: value.primary }),
    /** Null: the worker's SEQUENCE_BUFFER decides. */
    buffer: value.buffer ?? null,
    /** Empty: everything. */
    include: value.include ?? [],
    exclude: value.exclude,
    /** The last that matches and says something of a buffer, or of rows, wins. */
    overrides: value.overrides,
    /** The durations as they were written, and in milliseconds. */
    approval: value.approval,
    handoff: value.handoff
      ? { ...value.handoff, workflowId: value.handoff.workflowId ?? `promote-${value.pair}` }
      : null,
    requestedBy: value.requestedBy ?? null,
    ticket: value.ticket ?? null,
  }));

/** What a run was asked to do, defaults applied. JSON carries it unchanged. */
export type RunInput = z.output<typeof inputSchema>;
export type BufferOverride = RunInput['overrides'][number];

/**
 * Judges the arguments that `sequenceFailover` was started with. Never throws; the message, of at most 4,000 code
 * points and well-formed, names every field that is wrong and what to do.
 */
export function parseInput(
  args: readonly unknown[],
): { ok: true; input: RunInput } | { ok: false; message: string } {
  return parseStart(inputSchema, args, EXAMPLE);
}

/** As {@link parseInput}, of any workflow that takes one optional JSON object. */
export function parseStart<T extends z.ZodType>(
  schema: T,
  args: readonly unknown[],
  example: string,
): { ok: true; input: z.output<T> } | { ok: false; message: string } {
  const refuse = (problems: string) => {
    const end = problems.includes('\n') ? '\n' : '. ';
    return { ok: false, message: cut(`Invalid input: ${problems}${end}${NEXT_STEP}`, 4000) } as const;
  };
  if (args.length > 1) {
    return refuse(`found ${args.length} arguments; expected at most one, a JSON object such as ${example}`);
  }
  const [argument] = args;
  if (isUndecodable(argument)) {
    return refuse(
      `the payload could not be decoded (encoding "${argument.encoding}"): send JSON, for example ${example}`,
    );
  }
  const checked = check(schema, argument ?? {}, 'the argument');
  return checked.ok ? { ok: true, input: checked.value } : refuse(checked.problems);
}

/** Of a duration that the schema let pass. */
function milliseconds(text: string): number {
  const value = durationMs(text);
  if (value === null) throw new RangeError(`not a duration: ${text}`);
  return value;
}
