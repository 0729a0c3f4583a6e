import { z } from 'zod';
import { patternProblem, tokenize } from '../sequences/pattern.js';
import { duration, milliseconds } from './parsing/duration.js';
import { list, object, text, wholeNumber } from './parsing/fields.js';

const FROM = 'an array of 1 to 100 names such as ["alice", "*@ops.example"]';

const approver = text({ what: 'the name of an approver, with * for any characters', max: 200 })
  .refine((name) => name.trim() !== '', { error: 'a name that is not only spaces', abort: true })
  .refine((name) => patternProblem(name) === null, {
    error: 'a name that does not end with a lone backslash; write \\\\ for a backslash itself',
    abort: true,
  })
  .transform((name) => name.trim());

/** Whether an entry of `approval.from` may stand for several people. */
export const isPattern = (name: string) => tokenize(name).some((token) => typeof token !== 'string');

/** What holds if the input does not say otherwise. */
export const APPROVAL_DEFAULTS = { timeout: '24 hours', required: 1, recheckEvery: '1 minute' } as const;

export const approvalSchema = object(
  {
    timeout: duration('24 hours', 1, '1 ms').default(APPROVAL_DEFAULTS.timeout),
    required: wholeNumber('a whole number of approvals, 1 to 20', { min: 1, max: 20 }).default(
      APPROVAL_DEFAULTS.required,
    ),
    recheckEvery: duration('1 minute', 1000, '1 second').default(APPROVAL_DEFAULTS.recheckEvery),
    replicationTimeout: duration('30 seconds', 1000, '1 second', {
      ms: 3_600_000,
      text: '1 hour',
    }).optional(),
    from: list(approver, FROM, { min: 1, max: 100 }).optional(),
    requesterMayApprove: z
      .boolean({ error: 'true or false: whether the person in requestedBy may approve' })
      .optional(),
    notBefore: z.iso
      .datetime({
        offset: true,
        error: 'an instant with its time zone, such as "2027-01-31T02:00:00Z" or "2027-01-31T03:00:00+01:00"',
      })
      .optional(),
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
  /** In milliseconds since the epoch; absent: an approval takes effect at once. */
  ...(value.notBefore === undefined ? {} : { notBeforeMs: Date.parse(value.notBefore) }),
}));

export type ApprovalPolicy = z.output<typeof approvalSchema>;

/**
 * Why `notBefore` is invalid for a run that starts now; null if it is valid or absent. The gate opens after the start, so a time within
 * `timeout` from the start is before the gate's deadline.
 *
 * @param now in milliseconds since the epoch
 * @param mayBePast for the runs of a fleet, which begin later
 */
export function notBeforeProblem(
  { notBefore, notBeforeMs, timeout, timeoutMs }: ApprovalPolicy,
  { now, mayBePast = false }: { now: number; mayBePast?: boolean },
): string | null {
  if (notBefore === undefined || notBeforeMs === undefined) return null;
  const found = `approval.notBefore: found ${JSON.stringify(notBefore)}`;
  if (notBeforeMs <= now && !mayBePast)
    return `${found}; expected an instant that is still to come (it is ${new Date(now).toISOString()}), or leave it out to act at once`;
  if (notBeforeMs - now >= timeoutMs)
    return `${found}; expected an instant within approval.timeout (${timeout}) from now, so that the gate is still open then; raise approval.timeout above the time until notBefore`;
  return null;
}
