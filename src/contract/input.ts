import { z } from 'zod';
import { duration, milliseconds } from './parsing/duration.js';
import { object, temporalName, text, word } from './parsing/fields.js';
import { pair } from './pair-name.js';
import { jsonBytes } from './parsing/json-size.js';
import { RESERVED_PREFIX } from './lock.js';
import { MODES } from './modes.js';
import { TASK_QUEUE, WORKFLOW_TYPES } from './names.js';
import { promotionProblems } from './promotion-input.js';
import { boundedPatterns, selectionFields } from './selection.js';
import { parseStart } from './parsing/start.js';

export type { Mode } from './modes.js';
export type { Preset } from '../sequences/buffer.js';
export type { BufferPolicy } from './buffer-policy.js';

const EXAMPLE = '{"pair": "default", "mode": "failover"}';

/** The largest input for the promotion, in bytes of JSON. */
const HANDOFF_INPUT_AT_MOST = 100_000;

const mode = word(MODES);

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
    replicationTimeout: duration('30 seconds', 1000, '1 second', {
      ms: 3_600_000,
      text: '1 hour',
    }).optional(),
  },
  'an object such as {"timeout": "24 hours", "required": 1, "recheckEvery": "1 minute"}',
).transform((value) => ({
  ...value,
  timeoutMs: milliseconds(value.timeout),
  recheckEveryMs: milliseconds(value.recheckEvery),
  /** Absent: 30 seconds. */
  ...(value.replicationTimeout === undefined
    ? {}
    : { replicationTimeoutMs: milliseconds(value.replicationTimeout) }),
}));

const handoff = object(
  {
    workflowType: temporalName('the type of the promotion workflow'),
    taskQueue: temporalName('the task queue of the promotion workflow').refine(
      // With the first prefix, the server fails the workflow task again and again. With the second, no worker gets the tasks.
      (name) => !name.startsWith('/_sys/') && !name.startsWith('temporal-sys-'),
      {
        error:
          'a task queue whose name does not begin with "/_sys/" or "temporal-sys-", which are reserved for the Temporal server',
      },
    ),
    workflowId: temporalName('the ID of the promotion workflow')
      .refine((id) => !id.startsWith(RESERVED_PREFIX), {
        error: `an ID that does not begin with "${RESERVED_PREFIX}", which is reserved for the locks of pairs`,
      })
      .optional(),
    input: z
      .unknown()
      .refine((value) => value === undefined || jsonBytes(value as object) <= HANDOFF_INPUT_AT_MOST, {
        error: `at most ${HANDOFF_INPUT_AT_MOST} bytes of JSON, the second argument of the promotion workflow`,
      })
      .optional(),
  },
  'an object such as {"workflowType": "promoteStandby", "taskQueue": "promotion"}',
).superRefine(({ workflowType, taskQueue, input }, context) => {
  // Checked at the start of the run already, so that the promotion does not fail for it later.
  if (workflowType !== WORKFLOW_TYPES.promotion || taskQueue !== TASK_QUEUE) return;
  const problems = promotionProblems(input);
  if (problems === null) return;
  context.addIssue({
    code: 'custom',
    path: ['input'],
    input: 'an input that promoteStandby refuses',
    message: `an input that promoteStandby accepts: ${problems}`,
  });
});

const note = (what: string) => text({ what, max: 500, min: 0 });

/** The fields of a run's input, except its pair. A fleet takes the same fields, for all of its runs. */
export const runFields = {
  mode: mode.default('failover'),
  ...selectionFields,
  approval: approval.prefault({}),
  handoff: handoff.optional(),
  requestedBy: note('who asked for this').optional(),
  ticket: note('a ticket').optional(),
  primary: z.literal('lost', { error: '"lost" if the primary is gone for good, or leave it out' }).optional(),
};

/** The one optional argument of the workflow `sequenceFailover`. */
const inputSchema = object(
  {
    pair: pair.default('default'),
    ...runFields,
    ifLocked: z
      .literal('skip', { error: '"skip" to end at once where another run is open, or nothing' })
      .optional(),
  },
  `a JSON object such as ${EXAMPLE}`,
)
  .superRefine(boundedPatterns)
  .superRefine(({ mode, primary, ifLocked }, context) => {
    if (primary === 'lost' && mode !== 'failover' && mode !== 'plan') {
      context.addIssue({
        code: 'custom',
        path: ['primary'],
        input: primary,
        message: `only with the modes failover and plan: ${mode} reads the primary`,
      });
    }
    if (ifLocked === 'skip' && mode !== 'sync') {
      context.addIssue({
        code: 'custom',
        path: ['ifLocked'],
        input: ifLocked,
        message: `only with the mode sync: ${mode} has somebody who waits for it`,
      });
    }
  })
  .transform((value) => ({
    pair: value.pair,
    mode: value.mode,
    /** Targets come from evidence, and nobody waits for the primary; absent otherwise. */
    ...(value.primary === undefined ? {} : { primary: value.primary }),
    /** Another open run on the pair is no failure; absent otherwise. */
    ...(value.ifLocked === undefined ? {} : { ifLocked: value.ifLocked }),
    /** Null: the worker's SEQUENCE_BUFFER decides. */
    buffer: value.buffer ?? null,
    /** Empty: every sequence. */
    include: value.include ?? [],
    exclude: value.exclude,
    /** The last matching override with a `buffer` decides the buffer, and the last one with `rows` decides the rows. */
    overrides: value.overrides,
    /** Each duration as it was written, and in milliseconds. */
    approval: value.approval,
    handoff: value.handoff
      ? { ...value.handoff, workflowId: value.handoff.workflowId ?? `promote-${value.pair}` }
      : null,
    requestedBy: value.requestedBy ?? null,
    ticket: value.ticket ?? null,
  }));

/** The input of a run, with defaults applied. It can be converted to JSON and back without loss. */
export type RunInput = z.output<typeof inputSchema>;
export type BufferOverride = RunInput['overrides'][number];

/**
 * Checks the arguments that `sequenceFailover` was started with. Never throws. The message names every invalid field and
 * what to do; it is well-formed and has at most 4,000 code points.
 */
export function parseInput(
  args: readonly unknown[],
): { ok: true; input: RunInput } | { ok: false; message: string } {
  return parseStart(inputSchema, args, EXAMPLE);
}
