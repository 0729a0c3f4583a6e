import { z } from 'zod';
import { describedEntry, entriesOf, entryList, isObject, pairsAtOnce } from './fleet-entries.js';
import { object } from './parsing/fields.js';
import { handoffFields, isFleetPromotion, isOwnPromotion, runFields } from './input.js';
import { approvalSchema, notBeforeProblem } from './approval-input.js';
import { approversProblem } from './approvers.js';
import { check } from './parsing/check.js';
import { parseStart, refuseStart } from './parsing/start.js';
import { promotionFleetProblems } from './promotion-fleet-input.js';
import { promotionProblems } from './promotion-input.js';

/** The most pairs of one fleet, databases included: the history has room for the starts, messages and endings of this many. */
export const MOST_PAIRS = 1_000;

const EXAMPLE = '{"pairs": ["orders", {"pair": "users", "databases": "*"}]}';
const HANDOFF_ID =
  'no workflowId, because two promotions cannot share it; leave it out, and the promotion of each pair is promote-<pair>';

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

/** The workflow ID of a promotion cannot be shared by the databases of an entry. */
const described = describedEntry(ownInput).refine(
  ({ databases: some, input }) => some === undefined || input?.handoff?.workflowId === undefined,
  { path: ['input', 'handoff', 'workflowId'], error: HANDOFF_ID },
);

/** The promotion of a whole fleet is one workflow, so it may have an ID. */
const fleetHandoff = handoffFields.superRefine(({ workflowType, taskQueue, workflowId, input }, context) => {
  const isFleet = isFleetPromotion({ workflowType, taskQueue });
  if (!isFleet && workflowId !== undefined)
    context.addIssue({ code: 'custom', path: ['workflowId'], input: workflowId, message: HANDOFF_ID });
  const problems = isFleet
    ? promotionFleetProblems(input)
    : isOwnPromotion({ workflowType, taskQueue })
      ? promotionProblems(input)
      : null;
  if (problems === null) return;
  context.addIssue({
    code: 'custom',
    path: ['input'],
    input: `an input that ${workflowType} refuses`,
    message: `an input that ${workflowType} accepts: ${problems}`,
  });
});

const fleetFields = {
  pairs: entryList(MOST_PAIRS),
  concurrency: pairsAtOnce,
};

const inputSchema = object(
  { ...fleetFields, ...runFields, handoff: fleetHandoff.optional() },
  `a JSON object such as ${EXAMPLE}`,
)
  .superRefine(({ handoff, primary, pairs }, context) => {
    if (handoff === undefined || !isFleetPromotion(handoff)) return;
    const refuse = (path: (string | number)[], message: string) => {
      context.addIssue({ code: 'custom', path, input: handoff.workflowType, message });
    };
    if (primary === 'lost')
      refuse(
        ['handoff'],
        `no handoff to ${handoff.workflowType} with "primary": "lost", because it fences the primaries; leave out "handoff"`,
      );
    pairs.forEach((one, index) => {
      const { input = {} } = (typeof one === 'string' ? {} : one) as { input?: object };
      if (isObject(input) && 'handoff' in input)
        refuse(
          ['pairs', index, 'input', 'handoff'],
          `no handoff here, because ${handoff.workflowType} promotes all pairs of the fleet`,
        );
    });
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
    const entries = entriesOf(value.pairs, described, context);
    return {
      entries,
      concurrency: value.concurrency,
      mode: value.mode,
      requestedBy: value.requestedBy ?? null,
      ticket: value.ticket ?? null,
      /** The one promotion of all pairs; null if each pair has its own handoff, or none. */
      promotion: value.handoff !== undefined && isFleetPromotion(value.handoff) ? value.handoff : null,
    };
  });

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
      // The fleet itself hands off to the promotion of all pairs.
      .filter((key) => key !== 'handoff' || parsed.input.promotion === null)
      .map((key) => [key, written[key]]),
  );
  const approval = check(approvalSchema, defaults['approval'] ?? {}, 'approval');
  const problem = approval.ok && start !== undefined ? notBeforeProblem(approval.value, start) : null;
  return problem === null ? { ok: true, input: { ...parsed.input, defaults } } : refuseStart(problem);
}
