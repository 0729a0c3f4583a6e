import type { Identity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';
import { findBlockers } from './blockers.js';
import {
  type Failure,
  isLocked,
  narrowDownFailures,
  type Narrowing,
  SHORT_LOCK_TIMEOUT_MS,
} from './narrow-down-failures.js';

/** The lock timeout of the first pass, which only finds out which relations are locked. */
const FIRST_LOCK_TIMEOUT_MS = 500;

/**
 * Like {@link narrowDownFailures}, for more relations than one transaction takes. The parts are processed one after the other, in one
 * session. The waits for locks do not add up: when one relation is locked, all relations that are locked now are set aside, and tried again
 * after all others. By then most locks are gone. Only the first of these parts waits for the whole lock timeout.
 *
 * @param partsOf divides relations into parts that one transaction takes
 */
export async function narrowDownInParts(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
  {
    partsOf,
    ...narrowing
  }: Narrowing & { partsOf: (oids: readonly number[]) => readonly (readonly number[])[] },
): Promise<Map<number, Failure>> {
  const parts = partsOf(oids);
  const failures = new Map<number, Failure>();
  const within = (lockTimeoutMs: number): Narrowing => ({
    ...narrowing,
    timeouts: {
      ...narrowing.timeouts,
      lockTimeoutMs: Math.min(narrowing.timeouts.lockTimeoutMs, lockTimeoutMs),
    },
  });
  const [only, ...others] = parts;
  if (only === undefined) return failures;
  if (others.length === 0) return narrowDownFailures(endpoint, expected, only, narrowing);

  const aside = new Set<number>();
  let lockTimeoutMs = FIRST_LOCK_TIMEOUT_MS;
  for (const [index, part] of parts.entries()) {
    const free = part.filter((oid) => !aside.has(oid));
    const found = await narrowDownFailures(endpoint, expected, free, within(lockTimeoutMs));
    const locked = [...found].filter(([, { error }]) => isLocked(error)).map(([oid]) => oid);
    for (const [oid, failure] of found) if (!isLocked(failure.error)) failures.set(oid, failure);
    if (locked.length === 0) continue;
    const left = parts.slice(index + 1).flat();
    const blockers = await findBlockers(endpoint, expected, left, narrowing.purpose);
    for (const oid of [...locked, ...blockers.keys()]) aside.add(oid);
    lockTimeoutMs = SHORT_LOCK_TIMEOUT_MS;
  }
  const again = partsOf(oids.filter((oid) => aside.has(oid)));
  for (const [index, part] of again.entries()) {
    const lockTimeoutMs = index === 0 ? Infinity : SHORT_LOCK_TIMEOUT_MS;
    const found = await narrowDownFailures(endpoint, expected, part, within(lockTimeoutMs));
    for (const [oid, failure] of found) failures.set(oid, failure);
  }
  return failures;
}
