import { arrayLiteral } from '../array-literal.js';

/** "seqf" and "seqs" in ASCII: the first halves of the advisory locks' keys. */
const STRIPE_KEY = 0x73657166;
const SEQUENCE_KEY = 0x73657173;

/** A stripe is 2^9 = 512 neighbouring oids. Sequences that were created together have neighbouring oids, and are usually set together. */
const STRIPE_BITS = 9;

/** See {@link stripesOf}. */
export function stripeOf(oid: number): number {
  return oid >>> STRIPE_BITS;
}

/**
 * The stripes of these sequences. A transaction that sets them locks the stripes against all other transactions of this product, also those
 * of other runs. Sequences in other stripes can be set at the same time.
 *
 * @returns in ascending order, in which every transaction takes them, so that no two wait for each other
 */
export function stripesOf(oids: readonly number[]): number[] {
  return [...new Set(oids.map(stripeOf))].sort((a, b) => a - b);
}

/**
 * The statements that take the locks for these sequences until the transaction ends, and wait for them if necessary. A transaction that
 * sets a single sequence locks the stripe in shared mode, and only the sequence exclusively.
 */
export function advisoryLocksSql(oids: readonly number[]): string {
  const stripes = stripesOf(oids);
  const [first] = oids;
  if (first !== undefined && oids.length === 1) {
    // The key is signed, an oid is not.
    return `SELECT pg_advisory_xact_lock_shared(${STRIPE_KEY}, ${stripes.join()});
            SELECT pg_advisory_xact_lock(${SEQUENCE_KEY}, ${first | 0})`;
  }
  return `SELECT pg_advisory_xact_lock(${STRIPE_KEY}, stripe) FROM unnest('${arrayLiteral(stripes)}'::integer[]) stripe`;
}

/** A query for psql: the processes that hold one of these locks. */
export const advisoryLockHoldersSql = `SELECT DISTINCT pid FROM pg_locks WHERE granted AND locktype = 'advisory' AND classid IN (${STRIPE_KEY}, ${SEQUENCE_KEY})`;
