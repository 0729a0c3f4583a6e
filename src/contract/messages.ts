import { z } from 'zod';
import { check } from './parsing/check.js';
import { form, list, object, text, word } from './parsing/fields.js';
import { paging } from './parsing/paging.js';
import { OUTCOMES } from './counts.js';
import { cut, folded } from './parsing/text.js';
import { isUndecodable, undecodableProblem } from './parsing/undecodable.js';

const BY = 200;
const REASON = 2000;
const MOST_ROWS = 1000;

/** The signals, and the update `decide`. */
export type MessageKind = 'approve' | 'reject' | 'resynchronize' | 'decide';

const examples: Record<MessageKind, string> = {
  approve: '{"by": "alice", "reason": "CHG-123"}',
  reject: '{"by": "alice", "reason": "the change was called off"}',
  resynchronize: '{"by": "alice"}',
  decide: '{"decision": "approve", "by": "alice"}',
};

/** Trimmed and in Unicode's composed form, so that two spellings of one name do not count as two people. */
export const personName = (name: string) => name.trim().normalize('NFC');

export const by = text({ what: 'who decides', max: BY })
  .refine(isNotBlank, { error: 'who decides: a name that is not only spaces' })
  .transform(personName);

export const reason = text({ what: 'why', max: REASON, control: 'line breaks' })
  .refine(isNotBlank, { error: 'why: a text that is not only spaces; a rejection needs a reason' })
  .transform((words) => words.trim());

export const reasonText = text({ what: 'why', max: REASON, min: 0, control: 'line breaks' }).transform(
  (words) => words.trim(),
);

export const accept = list(
  // PostgreSQL allows line breaks and other control characters in a sequence's name.
  text({ what: 'the "sequence" of a blocked row or the code of a finding', max: 300, control: 'all' }),
  'an array of at most 1000 names such as ["public.orders_id_seq"]',
  { max: 1000 },
);

export const nothingToAccept = list(z.never(), 'nothing to accept: only an approval accepts blocks', {
  max: 0,
});

const rowsOf = list(
  text({ what: 'the "sequence" of a blocked row', max: 300, control: 'all' }),
  'an array of at most 500 sequences such as ["public.orders_id_seq"]',
  { max: 500 },
);

/** Decisions about the rows beyond the targets of single sequences. */
export const rows = { ignoreRows: rowsOf.optional(), raisePastRows: rowsOf.optional() };

/** Sequences by the names that their rows show. */
export interface RowsNames {
  /** Sequences whose target comes from the primary alone; their rows do not count. */
  ignoreRows?: string[] | undefined;
  /** Sequences that are moved past their rows, however far. */
  raisePastRows?: string[] | undefined;
}

const approval = { by, reason: reasonText.optional(), accept: accept.optional(), ...rows };

const approve = object(approval, `an object such as ${examples.approve}`).transform(toApprove);
const reject = object({ by, reason }, `an object such as ${examples.reject}`).transform(toReject);
const resynchronize = object({ by, ...rows }, `an object such as ${examples.resynchronize}`).transform(
  (value) => ({ kind: 'resynchronize' as const, by: value.by, ...namesOf(value) }),
);

export const decision = z.enum(['approve', 'reject'], { error: '"approve" or "reject"' });
const decideApprove = object({ decision, ...approval }, `an object such as ${examples.decide}`).transform(
  toApprove,
);
const decideReject = object(
  { decision, by, reason, accept: nothingToAccept.optional() },
  `an object such as ${examples.decide}`,
).transform(toReject);
const decide = form<typeof decideApprove | typeof decideReject>(
  `an object such as ${examples.decide}`,
  (value) => ((value as { decision?: unknown }).decision === 'reject' ? decideReject : decideApprove),
);

const schemas = { approve, reject, resynchronize, decide };

function toApprove(
  value: { by: string; reason?: string | undefined; accept?: string[] | undefined } & RowsNames,
) {
  // The record keeps every approval completely, and has no room for the same name a thousand times.
  const accepted = [...new Set(value.accept ?? [])];
  return {
    kind: 'approve' as const,
    by: value.by,
    reason: value.reason || null,
    accept: accepted,
    ...namesOf(value),
  };
}

/** Only lists that are not empty, so that the record shows no others. */
export function namesOf({ ignoreRows = [], raisePastRows = [] }: RowsNames): RowsNames {
  return {
    ...(ignoreRows.length === 0 ? {} : { ignoreRows: [...new Set(ignoreRows)] }),
    ...(raisePastRows.length === 0 ? {} : { raisePastRows: [...new Set(raisePastRows)] }),
  };
}

function toReject(value: { by: string; reason: string }) {
  return { kind: 'reject' as const, by: value.by, reason: value.reason };
}

/** The content of a message; `decide` is one of the first two kinds. `by` and `reason` are trimmed. */
export type Message = z.output<(typeof schemas)[MessageKind]>;

/**
 * Checks the arguments of a signal or of `decide`. Never throws. A refusal has a message, well-formed and of at most 4,000
 * code points, and `by`: the sender, as far as it could be read, at most 500 code points.
 */
export function parseMessage(
  kind: MessageKind,
  args: readonly unknown[],
): { ok: true; value: Message } | { ok: false; message: string; by: string | null } {
  return parseArgument<z.ZodType<Message>>(schemas[kind], args, `for example ${examples[kind]}`);
}

/** Like {@link parseMessage}, for any message that takes one JSON object. */
export function parseArgument<T extends z.ZodType>(
  schema: T,
  args: readonly unknown[],
  example: string,
): { ok: true; value: z.output<T> } | { ok: false; message: string; by: string | null } {
  const refuse = (problems: string) =>
    ({ ok: false, message: cut(problems, 4000), by: senderOf(args) }) as const;
  if (args.length !== 1) {
    const count = args.length === 0 ? 'no argument' : `${args.length} arguments`;
    return refuse(`found ${count}; expected one JSON object, ${example}`);
  }
  const [argument] = args;
  if (isUndecodable(argument)) return refuse(`${undecodableProblem(argument)}, ${example}`);
  const checked = check(schema, argument, 'the argument');
  return checked.ok ? checked : refuse(checked.problems);
}

const sequencesQuery = object(
  {
    ...paging({ longest: 1000, most: MOST_ROWS, defaultLimit: 500 }),
    outcome: word(OUTCOMES).optional(),
  },
  'a JSON object such as {"limit": 500}',
);

type SequencesQuery = z.output<typeof sequencesQuery>;

/** Checks the optional argument of the query `sequences`; absent or null means `{}`. Never throws. */
export function parseSequencesQuery(
  args: readonly unknown[],
): { ok: true; value: SequencesQuery } | { ok: false; message: string } {
  return parseQuery(sequencesQuery, args, '{"limit": 500}');
}

/** Like {@link parseSequencesQuery}, for any query that takes one optional JSON object. */
export function parseQuery<T extends z.ZodType>(
  schema: T,
  args: readonly unknown[],
  example: string,
): { ok: true; value: z.output<T> } | { ok: false; message: string } {
  const [argument] = args;
  if (args.length > 1) {
    return {
      ok: false,
      message: `found ${args.length} arguments; expected at most one, for example ${example}`,
    };
  }
  if (isUndecodable(argument)) {
    return { ok: false, message: `${undecodableProblem(argument)}, for example ${example}` };
  }
  const checked = check(schema, argument ?? {}, 'the argument');
  return checked.ok ? checked : { ok: false, message: cut(checked.problems, 4000) };
}

function isNotBlank(words: string): boolean {
  return folded(words) !== '';
}

/** The sender of a message that may be invalid, as far as it can be read: at most 500 code points. Never throws. */
export function senderOf([argument]: readonly unknown[]): string | null {
  try {
    if (typeof argument !== 'object' || argument === null) return null;
    const { by: name } = argument as { by?: unknown };
    return typeof name === 'string' && name !== '' ? cut(name, 500) : null;
  } catch {
    return null;
  }
}
