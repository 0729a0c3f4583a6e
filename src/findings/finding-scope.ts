import type { Finding } from '../contract/status.js';
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

export function scopeOf({ code, sequence, count, subject, things }: Finding): Scope {
  return {
    code,
    sequence,
    count,
    ...(subject === undefined ? {} : { subject }),
    ...(things === undefined ? {} : { things }),
  };
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

/** Of what was known, that which is among what stands now: the rest has passed, and is news if it comes back. */
export function stillStanding(known: readonly Scope[], now: readonly Scope[]): Scope[] {
  return known.flatMap((one): Scope[] => {
    const alike = now.filter(({ code }) => code === one.code);
    if (alike.length === 0) return [];
    // From an older worker, see above.
    if (
      one.things === undefined &&
      alike.some(({ sequence }) => sequence !== null && sequence === one.sequence)
    )
      return [one];
    const before = thingsOf(one);
    const things = alike.map(thingsOf);
    // Of one of them it is unknown what it is about.
    if (before === null || things.includes(null)) return [one];
    const all = new Set(things.flatMap((some) => some ?? []));
    const left = before.filter((thing) => all.has(thing));
    if (left.length === before.length) return [one];
    return left.length === 0 ? [] : [{ ...one, things: left }];
  });
}
