import { z } from 'zod';
import { form, list, object } from './parsing/fields.js';
import { pair } from './pair-name.js';
import {
  accept,
  by,
  decision,
  namesOf,
  nothingToAccept,
  parseArgument,
  reason,
  reasonText,
  rows,
  type RowsNames,
} from './messages.js';
import { MOST_PAIRS } from './fleet.js';

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

const approval = { by, reason: reasonText.optional(), pairs, accept: accept.optional(), partial, ...rows };
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
