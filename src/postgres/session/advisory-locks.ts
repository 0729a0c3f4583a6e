import { arrayLiteral } from '../array-literal.js';

/** "seqf" and "seqs" in ASCII: the first halves of the advisory locks' keys. */
const stripeKey = 0x73657166;
const sequenceKey = 0x73657173;

/** So many neighbouring oids make a stripe, as a power of 2: what was created together is mostly set together. */
const STRIPE_BITS = 9;

/** See {@link stripesOf}. */
export function stripeOf(oid: number): number {
  return oid >>> STRIPE_BITS;
}

/**
 * The parts of a database that a transaction that sets these sequences has for itself among all that do so, ours and other
 * runs'. Others can set what is in no such part at the same time.
 *
 * @returns in the order in which everybody takes them
 */
export function stripesOf(oids: readonly number[]): number[] {
  return [...new Set(oids.map(stripeOf))].sort((a, b) => a - b);
}

/**
 * Waits for them and takes them until the transaction ends. Whoever sets a single sequence shares its stripe with others that do
 * so, and has only the sequence for itself.
 */
export function turnSql(oids: readonly number[]): string {
  const stripes = stripesOf(oids);
  const [first] = oids;
  if (first !== undefined && oids.length === 1) {
    // The key is signed, an oid is not.
    return `SELECT pg_advisory_xact_lock_shared(${stripeKey}, ${stripes.join()});
            SELECT pg_advisory_xact_lock(${sequenceKey}, ${first | 0})`;
  }
  return `SELECT pg_advisory_xact_lock(${stripeKey}, stripe) FROM unnest('${arrayLiteral(stripes)}'::integer[]) stripe`;
}

/** Who has one of them, for psql. */
export const turnHoldersSql = `SELECT DISTINCT pid FROM pg_locks WHERE granted AND locktype = 'advisory' AND classid IN (${stripeKey}, ${sequenceKey})`;
