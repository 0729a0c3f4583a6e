import { z } from 'zod';
import { describedEntry, entriesOf, entryList, pairsAtOnce } from './fleet-entries.js';
import { check } from './parsing/check.js';
import { milliseconds } from './parsing/duration.js';
import { object } from './parsing/fields.js';
import { parseStart, refuseStart } from './parsing/start.js';
import {
  operatorWorkflow,
  type PromotionAhead,
  type Operators,
  promotionAhead,
  promotionFields,
  traffic,
} from './promotion-input.js';
import { boundedPatterns } from './selection.js';

/** The most pairs that are promoted together, databases included: all of them are fenced at the same time. */
export const MOST_PROMOTED = 100;

const EXAMPLE = '{"pairs": ["orders", {"pair": "users", "databases": "*"}]}';

const notForOne = (field: string) =>
  z
    .never({ error: `no ${field} here, because all pairs have the same; set it for the whole fleet` })
    .optional();

const ownInput = object(
  { ...promotionFields, outageBudget: notForOne('outageBudget'), rehearse: notForOne('rehearse') },
  'an object such as {"fence": {"kind": "no-connections"}}',
).superRefine(boundedPatterns);

const described = describedEntry(ownInput).superRefine(({ databases, input }, context) => {
  if (databases !== undefined && input !== undefined) sharesNoId(input, context, ['input']);
});

type Shared = Pick<z.output<typeof ownInput>, 'fence' | 'beforeSwitch' | 'traffic'>;

/** Promotions that run a workflow with the same ID would conflict. */
function sharesNoId(
  { fence, beforeSwitch, traffic: moves }: Shared,
  context: z.core.$RefinementCtx,
  at: string[] = [],
) {
  const named: [string[], object | undefined][] = [
    [['fence', 'workflow'], fence.kind === 'workflow' ? fence.workflow : undefined],
    [['beforeSwitch'], beforeSwitch],
    [['traffic'], moves],
  ];
  for (const [path, workflow] of named) {
    const { workflowId } = (workflow ?? {}) as { workflowId?: string };
    if (workflowId === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [...at, ...path, 'workflowId'],
      input: workflowId,
      message:
        'no workflowId, because several pairs cannot share it; leave it out, or give it in the input of one pair or in "together"',
    });
  }
}

const together = object(
  { beforeSwitch: operatorWorkflow.optional(), traffic: traffic.optional() },
  'an object such as {"traffic": {"workflowType": "moveClients", "taskQueue": "operations"}}',
);

/** The fields besides `pairs`. With a handoff, the pairs are those of the fleet that handed off. */
const fields = {
  concurrency: pairsAtOnce,
  /** These run once for all pairs, in addition to the workflows of each pair. */
  together: together.prefault({}),
  ...promotionFields,
};

const BY_HANDOFF = 'no pairs, because the pairs of the fleet that hands off are promoted; leave it out';

const handedOff = object(
  { ...fields, pairs: z.never({ error: BY_HANDOFF }).optional() },
  'a JSON object such as {"outageBudget": "20 seconds"}',
)
  .superRefine(boundedPatterns)
  .superRefine((value, context) => {
    sharesNoId(value, context);
  });

const byHand = object({ pairs: entryList(MOST_PROMOTED), ...fields }, `a JSON object such as ${EXAMPLE}`)
  .superRefine(boundedPatterns)
  .superRefine((value, context) => {
    sharesNoId(value, context);
  })
  .transform((value, context) => ({ ...value, entries: entriesOf(value.pairs, described, context) }));

const settings = (value: z.output<typeof handedOff> | z.output<typeof byHand>) => ({
  concurrency: value.concurrency,
  rehearse: value.rehearse,
  outageBudget: value.outageBudget,
  outageBudgetMs: milliseconds(value.outageBudget),
  beforeSwitch: value.together.beforeSwitch ?? null,
  traffic: value.together.traffic ?? null,
  accept: value.accept,
  requestedBy: value.requestedBy ?? null,
  ticket: value.ticket ?? null,
});

/** The run of a pair whose approval covers the promotion. */
export interface ApprovedRun {
  workflowId: string;
  runId: string;
}

/** The first of two arguments: the data that a fleet of runs hands off. */
export interface HandedOffFleet {
  fleet: ApprovedRun;
  ticket: string | null;
  requestedBy: string | null;
  pairs: (ApprovedRun & { pair: string })[];
}

interface PromotedEntry {
  pair: string;
  databases: string[] | null;
  except: string[];
  /** The fields for the promotions of this entry only. */
  input: object;
  /** Null for a fleet that a person started. */
  approvedRun: ApprovedRun | null;
}

export interface PromotionFleetInput extends ReturnType<typeof settings> {
  entries: PromotedEntry[];
  /** The fields of a promotion's input for all pairs, as they were written. */
  defaults: object;
}

/** Checks the arguments of `promoteFleet`: an input, or what a fleet hands off and an input. Never throws. */
export function parsePromotionFleetInput(
  args: readonly unknown[],
): { ok: true; input: PromotionFleetInput } | { ok: false; message: string } {
  const [first, second] = args;
  if (args.length === 2) {
    if (!isHandedOffFleet(first))
      return refuseStart(
        'the first of two arguments is not what a fleet hands off; start promoteFleet with one input',
      );
    const parsed = parseStart(
      handedOff,
      second === undefined ? [] : [second],
      '{"outageBudget": "20 seconds"}',
    );
    if (!parsed.ok) return parsed;
    const entries = first.pairs.map(({ pair, workflowId, runId }) => ({
      ...{ pair, databases: null, except: [], input: {} },
      approvedRun: { workflowId, runId },
    }));
    const given = settings(parsed.input);
    const { ticket = first.ticket, requestedBy = first.requestedBy } = parsed.input;
    return {
      ok: true,
      input: { ...given, ticket, requestedBy, entries, defaults: defaultsOf(second) },
    };
  }
  const parsed = parseStart(byHand, args, EXAMPLE);
  if (!parsed.ok) return parsed;
  const entries = parsed.input.entries.map((one) => ({ ...one, approvedRun: null }));
  return { ok: true, input: { ...settings(parsed.input), entries, defaults: defaultsOf(first) } };
}

/** Why an input that a fleet's handoff passes to `promoteFleet` is invalid; null if it is valid or absent. */
export function promotionFleetProblems(input: unknown): string | null {
  if (input === undefined) return null;
  const checked = check(handedOff, input, 'the input');
  return checked.ok ? null : checked.problems;
}

/** The roles that the fence excepts, for all pairs that a fleet hands off with this input; none if the input is invalid or absent. */
export function rolesExceptedForFleet(input: unknown): string[] {
  const checked = check(handedOff, input ?? {}, 'the input');
  return checked.ok ? checked.value.fence.except : [];
}

/** The workflows that run once for all pairs, by the fields that name them. */
export function togetherOf({
  beforeSwitch,
  traffic,
}: Pick<PromotionFleetInput, 'beforeSwitch' | 'traffic'>): Operators {
  return { 'together.beforeSwitch': beforeSwitch, 'together.traffic': traffic };
}

/** What the check of a promotion depends on, for all pairs that a fleet hands off with this input; null if the input is invalid. */
export function promotionAheadOfFleet(input: unknown): PromotionAhead | null {
  const checked = check(handedOff, input ?? {}, 'the input');
  return checked.ok ? promotionAhead(checked.value, togetherOf(settings(checked.value))) : null;
}

function defaultsOf(written: unknown): object {
  const given = (written ?? {}) as Record<string, unknown>;
  const names = Object.keys(promotionFields).filter((key) => given[key] !== undefined);
  return Object.fromEntries(names.map((key) => [key, given[key]]));
}

/** Whether the first argument of `promoteFleet` is what a fleet of runs hands off, and no input. */
export function isHandedOffFleet(value: unknown): value is HandedOffFleet {
  if (typeof value !== 'object' || value === null) return false;
  const { fleet, pairs } = value as Partial<HandedOffFleet>;
  return typeof fleet === 'object' && Array.isArray(pairs) && pairs.length > 0 && pairs.every(isApproved);
}

function isApproved(value: unknown): boolean {
  const { pair, workflowId, runId } = (value ?? {}) as Record<string, unknown>;
  return [pair, workflowId, runId].every((one) => typeof one === 'string');
}
