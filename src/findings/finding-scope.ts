import { digest } from '../steps/digest.js';

/** What identifies a finding from one recheck to the next; its message may change each time. */
export interface Scope {
  code: string;
  sequence: string | null;
  /** How many sequences or tables it stands for. */
  count: number;
  /** See `Finding.subject`. */
  subject?: string;
  /** See `Finding.things`. */
  things?: readonly string[];
}

/** More digests than this are not carried; then all that can be told is whether two findings are about exactly the same things. */
export const THINGS_AT_MOST = 500;

/** @returns digests of all that a finding is about, or null where it stands for several and does not say which */
export function thingsOf({
  sequence,
  subject,
  count,
  things,
}: Omit<Scope, 'code'>): readonly string[] | null {
  return things ?? (count > 1 ? null : [digest(sequence ?? subject ?? '')]);
}

/** Whether everything that `wanted` is about was among what findings of its code in `known` were about. */
export function isCovered(known: readonly Scope[], wanted: Scope): boolean {
  const alike = known.filter(({ code }) => code === wanted.code);
  const things = thingsOf(wanted);
  if (things !== null) {
    const all = new Set(alike.flatMap((one) => thingsOf(one) ?? []));
    if (things.every((thing) => all.has(thing))) return true;
  }
  // A sequence of which an older worker did not say what about it: all.
  const { sequence } = wanted;
  if (sequence !== null && alike.some((one) => one.sequence === sequence && one.things === undefined))
    return true;
  // Of one of the two it is unknown what it is about, beyond its subject.
  return alike.some(
    (one) =>
      (things === null || thingsOf(one) === null) &&
      one.sequence === wanted.sequence &&
      one.subject === wanted.subject &&
      one.count >= wanted.count,
  );
}
