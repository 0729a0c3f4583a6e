import { z } from 'zod';
import { approvalSchema, notBeforeProblem } from './approval-input.js';
import { approversProblem } from './approvers.js';
import { jsonValue, note, object, taskQueueName, temporalName, word } from './parsing/fields.js';
import { pair } from './pair-name.js';
import { RESERVED_PREFIX } from './lock.js';
import { MODES } from './modes.js';
import { TASK_QUEUE, WORKFLOW_TYPES } from './names.js';
import { hooks } from './hooks-input.js';
import { promotionProblems } from './promotion-input.js';
import { boundedPatterns, selectionFields } from './selection.js';
import { parseStart, refuseStart } from './parsing/start.js';

export type { Mode } from './modes.js';
export type { Preset } from '../sequences/buffer.js';
export type { BufferPolicy } from './buffer-policy.js';

const EXAMPLE = '{"pair": "default", "mode": "failover"}';

/** The largest input for the promotion, in bytes of JSON. */
const HANDOFF_INPUT_AT_MOST = 100_000;

const mode = word(MODES);

/** The workflow to which a run, or a fleet, hands off. */
export const handoffFields = object(
  {
    workflowType: temporalName('the type of the promotion workflow'),
    taskQueue: taskQueueName('the task queue of the promotion workflow'),
    workflowId: temporalName('the ID of the promotion workflow')
      .refine((id) => !id.startsWith(RESERVED_PREFIX), {
        error: `an ID that does not begin with "${RESERVED_PREFIX}", which is reserved for the locks of pairs`,
      })
      .optional(),
    input: jsonValue(HANDOFF_INPUT_AT_MOST, ', the second argument of the promotion workflow').optional(),
  },
  'an object such as {"workflowType": "promoteStandby", "taskQueue": "sequence-failover"}',
);

const handoff = handoffFields.superRefine(({ workflowType, taskQueue, input }, context) => {
  if (isFleetPromotion({ workflowType, taskQueue })) {
    context.addIssue({
      code: 'custom',
      path: ['workflowType'],
      input: workflowType,
      message: `"${WORKFLOW_TYPES.promotion}", which promotes the pair of one run; only the handoff of a whole fleet can name ${workflowType}`,
    });
    return;
  }
  // Checked at the start of the run already, so that the promotion does not fail for it later.
  if (!isOwnPromotion({ workflowType, taskQueue })) return;
  const problems = promotionProblems(input);
  if (problems === null) return;
  context.addIssue({
    code: 'custom',
    path: ['input'],
    input: 'an input that promoteStandby refuses',
    message: `an input that promoteStandby accepts: ${problems}`,
  });
});

interface HandoffTarget {
  workflowType: string;
  taskQueue: string;
}

/** Whether a run hands off to the promotion of this project. */
export function isOwnPromotion({ workflowType, taskQueue }: HandoffTarget): boolean {
  return workflowType === WORKFLOW_TYPES.promotion && taskQueue === TASK_QUEUE;
}

/** Whether a fleet hands off to the promotion of a whole fleet of this project. */
export function isFleetPromotion({ workflowType, taskQueue }: HandoffTarget): boolean {
  return workflowType === WORKFLOW_TYPES.promotionFleet && taskQueue === TASK_QUEUE;
}

/** The fields of a run's input, except its pair. A fleet takes the same fields, for all of its runs. */
export const runFields = {
  mode: mode.default('failover'),
  ...selectionFields,
  approval: approvalSchema.prefault({}),
  handoff: handoff.optional(),
  hooks: hooks.optional(),
  requestedBy: note('who asked for this').optional(),
  ticket: note('a ticket').optional(),
  bufferReason: note('why this buffer').optional(),
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
  .superRefine(({ approval, requestedBy }, context) => {
    const problem = approversProblem(approval, requestedBy);
    if (problem !== null) context.addIssue({ code: 'custom', ...problem });
  })
  .superRefine(({ mode, primary, handoff: promotion, ifLocked }, context) => {
    if (primary === 'lost' && promotion !== undefined && isOwnPromotion(promotion)) {
      context.addIssue({
        code: 'custom',
        path: ['handoff'],
        input: WORKFLOW_TYPES.promotion,
        message:
          'no handoff to promoteStandby with "primary": "lost", because it fences the primary; leave out "handoff", and after the run disable the subscriptions of the standby with ALTER SUBSCRIPTION and move the clients',
      });
    }
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
        message: `only with the mode sync: leave it out, and a run in the mode ${mode} fails while another run on the pair is open`,
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
    /** Absent if the input has none. */
    ...(value.hooks === undefined ? {} : { hooks: value.hooks }),
    requestedBy: value.requestedBy ?? null,
    ticket: value.ticket ?? null,
    /** Absent if nobody gave one. */
    ...(value.bufferReason === undefined ? {} : { bufferReason: value.bufferReason }),
  }));

/** The input of a run, with defaults applied. It can be converted to JSON and back without loss. */
export type RunInput = z.output<typeof inputSchema>;
export type BufferOverride = RunInput['overrides'][number];

/**
 * Checks the arguments that `sequenceFailover` was started with. Never throws. The message names every invalid field and
 * what to do; it is well-formed and has at most 4,000 code points.
 *
 * @param start the time of the start, in milliseconds since the epoch: `approval.notBefore` is checked against it
 */
export function parseInput(
  args: readonly unknown[],
  start?: { now: number; mayBePast?: boolean },
): { ok: true; input: RunInput } | { ok: false; message: string } {
  const parsed = parseStart(inputSchema, args, EXAMPLE);
  if (!parsed.ok || start === undefined) return parsed;
  const problem = notBeforeProblem(parsed.input.approval, start);
  return problem === null ? parsed : refuseStart(problem);
}
