import { z } from 'zod';
import { RESERVED_PREFIX } from './lock.js';
import { accept } from './messages.js';
import { pair } from './pair-name.js';
import { check } from './parsing/check.js';
import { duration, milliseconds } from './parsing/duration.js';
import { form, jsonValue, list, note, object, taskQueueName, temporalName, text } from './parsing/fields.js';
import { parseStart } from './parsing/start.js';
import { boundedPatterns, type GivenSelection, selectionFields, selectionGiven } from './selection.js';
import { looksLikeConnectionString } from './parsing/text.js';

const EXAMPLE = '{"pair": "default", "fence": {"kind": "read-only"}}';

/** The largest input for an operator's workflow, in bytes of JSON. */
const INPUT_AT_MOST = 100_000;

const WORKFLOW = '{"workflowType": "pausePgBouncer", "taskQueue": "operations"}';

/** A workflow of the operator's, which runs as a child. docs/reference/promotion.md describes its argument. */
export const operatorWorkflow = object(
  {
    workflowType: temporalName('the type of your workflow'),
    taskQueue: taskQueueName('the task queue of your workflow'),
    workflowId: temporalName('the ID of your workflow')
      .refine((id) => !id.startsWith(RESERVED_PREFIX), {
        error: `an ID of your own, not "${RESERVED_PREFIX}…"`,
      })
      .optional(),
    input: jsonValue(INPUT_AT_MOST).optional(),
  },
  `an object such as ${WORKFLOW}`,
);

const except = list(
  text({ what: 'the name of a role as it is stored', max: 63, control: 'all' }),
  'an array of at most 100 roles such as ["monitoring"]',
  { max: 100 },
).default([]);

const ownFence = object(
  {
    kind: z.enum(['read-only', 'no-connections'], { error: '"read-only", "no-connections" or "workflow"' }),
    except,
  },
  'an object such as {"kind": "read-only", "except": ["monitoring"]}',
);
const workflowFence = object(
  {
    kind: z.literal('workflow', { error: '"read-only", "no-connections" or "workflow"' }),
    except,
    workflow: operatorWorkflow,
  },
  `an object such as {"kind": "workflow", "workflow": ${WORKFLOW}}`,
);
const fence = form<typeof ownFence | typeof workflowFence>(
  'an object such as {"kind": "read-only"}',
  (value) => ((value as { kind?: unknown }).kind === 'workflow' ? workflowFence : ownFence),
);

const HTTP = '{"url": "https://proxy.internal/switch", "method": "POST"}';

const http = object(
  {
    url: text({ what: 'an http or https URL', max: 2000 })
      .refine((url) => /^https?:\/\/[^/\s]/iu.test(url), { error: 'an http or https URL' })
      .refine((url) => !looksLikeConnectionString(url), {
        error: 'an http or https URL without a user or password: the history keeps it',
      }),
    method: z
      .enum(['GET', 'POST', 'PUT', 'PATCH'], { error: '"GET", "POST", "PUT" or "PATCH"' })
      .default('POST'),
    body: jsonValue(INPUT_AT_MOST).optional(),
  },
  `an object such as ${HTTP}`,
);

const httpTraffic = object({ http }, `an object such as {"http": ${HTTP}}`);
export const traffic = form<typeof operatorWorkflow | typeof httpTraffic>(
  `an object such as ${WORKFLOW} or {"http": ${HTTP}}`,
  (value) => ('http' in value ? httpTraffic : operatorWorkflow),
);

const trueOrFalse = (what: string) => z.boolean({ error: `true or false: ${what}` });

const LONGEST_BUDGET = { ms: 3_600_000, text: '1 hour' };

/** The fields of a promotion's input, except its pair. A fleet of promotions takes the same fields, for all of its pairs. */
export const promotionFields = {
  outageBudget: duration('30 seconds', 1000, '1 second', LONGEST_BUDGET).default('30 seconds'),
  fence: fence.prefault({ kind: 'read-only' }),
  beforeSwitch: operatorWorkflow.optional(),
  traffic: traffic.optional(),
  failback: trueOrFalse('whether the old primary shall receive from the new one').default(true),
  rehearse: trueOrFalse('whether nothing shall be fenced or switched').default(false),
  ...selectionFields,
  accept: accept.default([]),
  requestedBy: note('who asked for this').optional(),
  ticket: note('a ticket').optional(),
};

const schema = object(
  {
    /** After a handoff the record has the pair. */
    pair: pair.optional(),
    ...promotionFields,
  },
  `a JSON object such as ${EXAMPLE}`,
)
  .superRefine(boundedPatterns)
  .transform((value) => ({
    ...value,
    pair: value.pair ?? null,
    outageBudgetMs: milliseconds(value.outageBudget),
    beforeSwitch: value.beforeSwitch ?? null,
    traffic: value.traffic ?? null,
    /** Null: that of the record, or the worker's SEQUENCE_BUFFER. */
    buffer: value.buffer ?? null,
    include: value.include ?? [],
    requestedBy: value.requestedBy ?? null,
    ticket: value.ticket ?? null,
  }));

/** The input of a promotion, with defaults applied. */
export type PromotionInput = z.output<typeof schema>;
export type FencePolicy = PromotionInput['fence'];
export type OperatorWorkflow = z.output<typeof operatorWorkflow>;
export type Traffic = NonNullable<PromotionInput['traffic']>;
export type HttpCall = z.output<typeof http>;

/** Checks the input of a promotion. Never throws. */
export function parsePromotionInput(
  args: readonly unknown[],
): { ok: true; input: PromotionInput } | { ok: false; message: string } {
  return parseStart(schema, args, EXAMPLE);
}

/** The roles that the fence of a promotion with this input excepts; none if the input is invalid or absent. */
export function rolesExcepted(input: unknown): string[] {
  const checked = check(schema, input ?? {}, 'the input');
  return checked.ok ? checked.value.fence.except : [];
}

/** What the check of a promotion depends on. */
export interface PromotionAhead {
  fence: Pick<FencePolicy, 'kind' | 'except'>;
  failback: boolean;
  /** The patterns of its input. Absent if it has none: then those of the run count. */
  selection?: Pick<GivenSelection, 'include' | 'exclude'>;
  /** The task queues of its operators' workflows. Absent if it has none. */
  operators?: OperatorQueue[];
}

/** A task queue on which a promotion starts workflows of operators. */
export interface OperatorQueue {
  taskQueue: string;
  /** The fields of the input that name these workflows, such as `traffic`. */
  operators: string[];
}

/** By the field of the input that names each. Null and an HTTP call are none. */
export type Operators = Readonly<Record<string, OperatorWorkflow | { http: object } | null | undefined>>;

interface WithOperators {
  fence: FencePolicy;
  beforeSwitch?: OperatorWorkflow | null | undefined;
  traffic?: Traffic | null | undefined;
}

/** The task queues of these workflows. */
export function operatorQueues(workflows: Operators): OperatorQueue[] {
  const fields = new Map<string, string[]>();
  for (const [field, workflow] of Object.entries(workflows)) {
    if (workflow == null || !('taskQueue' in workflow)) continue;
    const { taskQueue } = workflow;
    fields.set(taskQueue, [...(fields.get(taskQueue) ?? []), field]);
  }
  return [...fields].map(([taskQueue, operators]) => ({ taskQueue, operators }));
}

/** The workflows of operators that a promotion with this input runs, by the fields that name them. */
export function operatorsOf({ fence, beforeSwitch, traffic: moved }: WithOperators): Operators {
  return { fence: fence.kind === 'workflow' ? fence.workflow : null, beforeSwitch, traffic: moved };
}

type Ahead = Pick<PromotionInput, 'failback' | 'exclude' | 'overrides'> &
  WithOperators & { include?: string[] | undefined };

/** @param together the workflows that a fleet of promotions runs once for all pairs */
export function promotionAhead(
  { fence, failback, include, beforeSwitch, traffic: moved, ...others }: Ahead,
  together: Operators = {},
): PromotionAhead {
  const { kind, except } = fence;
  const operators = operatorQueues({ ...operatorsOf({ fence, beforeSwitch, traffic: moved }), ...together });
  const given = selectionGiven({ include: include ?? [], ...others });
  const selection = given && { include: given.include ?? [], exclude: given.exclude ?? [] };
  return {
    ...{ fence: { kind, except }, failback, ...(selection && { selection }) },
    ...(operators.length > 0 && { operators }),
  };
}

/** The same of an input that a handoff passes; null if it is invalid. */
export function promotionAheadOf(input: unknown): PromotionAhead | null {
  const checked = check(schema, input ?? {}, 'the input');
  return checked.ok ? promotionAhead(checked.value) : null;
}

/** Why an input that a handoff passes to a promotion is invalid; null if it is valid or absent. */
export function promotionProblems(input: unknown): string | null {
  if (input === undefined) return null;
  const checked = check(schema, input, 'the input');
  return checked.ok ? null : checked.problems;
}
