import type { Finding } from '../contract/status.js';
import { digest } from '../steps/digest.js';

/** Identifies a finding from one recheck to the next. Its message may change each time. */
export interface FindingIdentity {
  code: string;
  sequence: string | null;
  /** The number of sequences or tables that the finding is about. */
  count: number;
  /** See `Finding.subject`. */
  subject?: string;
  /** See `Finding.things`. */
  things?: readonly string[];
}

/** The fields of a finding that identify it. */
export function identityOfFinding({ code, sequence, count, subject, things }: Finding): FindingIdentity {
  return {
    code,
    sequence,
    count,
    ...(subject === undefined ? {} : { subject }),
    ...(things === undefined ? {} : { things }),
  };
}

/**
 * The largest number of digests that are carried. With more, the only question that can be answered is whether two findings are about
 * exactly the same things.
 */
export const THINGS_AT_MOST = 500;

/** @returns the digests of all things that a finding is about; null if it is about several and does not say which */
export function thingsOf({
  sequence,
  subject,
  count,
  things,
}: Omit<FindingIdentity, 'code'>): readonly string[] | null {
  return things ?? (count > 1 ? null : [digest(sequence ?? subject ?? '')]);
}

/** Whether the findings in `known` with the same code were about everything that `wanted` is about. */
export function isCovered(known: readonly FindingIdentity[], wanted: FindingIdentity): boolean {
  const alike = known.filter(({ code }) => code === wanted.code);
  const things = thingsOf(wanted);
  if (things !== null) {
    const all = new Set(alike.flatMap((one) => thingsOf(one) ?? []));
    if (things.every((thing) => all.has(thing))) return true;
  }
  // A finding about a sequence without `things`, from an older worker, is about everything of this sequence.
  const { sequence } = wanted;
  if (sequence !== null && alike.some((one) => one.sequence === sequence && one.things === undefined))
    return true;
  // The things of one of the two are unknown, so the subjects and counts are compared.
  return alike.some(
    (one) =>
      (things === null || thingsOf(one) === null) &&
      one.sequence === wanted.sequence &&
      one.subject === wanted.subject &&
      one.count >= wanted.count,
  );
}

/** The part of `known` that still exists in `now`. The other findings have gone; if they come back, they are new. */
export function stillPresent(
  known: readonly FindingIdentity[],
  now: readonly FindingIdentity[],
): FindingIdentity[] {
  return known.flatMap((one): FindingIdentity[] => {
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
    // The things of one of the two are unknown.
    if (before === null || things.includes(null)) return [one];
    const all = new Set(things.flatMap((some) => some ?? []));
    const left = before.filter((thing) => all.has(thing));
    if (left.length === before.length) return [one];
    return left.length === 0 ? [] : [{ ...one, things: left }];
  });
}
