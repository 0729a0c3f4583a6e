import { quoteLiteral } from './identifier.js';

/** What a guarded statement sets. */
export interface StatementInput {
  /** The relation's schema and name, quoted where any version needs it. */
  sequence: string;
  increment: bigint;
  /** The next value that the sequence shall have. */
  target: bigint;
  /** The arguments of setval that make it so. */
  value: bigint;
  called: boolean;
}

/**
 * One statement for psql that moves a sequence to its target, and does nothing when it is there already, so that it is
 * right even if run hours later. It answers one row when it moved the sequence, none when not.
 *
 * - The next value is computed as numeric: as bigint it would overflow at the ends of bigint.
 * - An increment that was changed meanwhile makes the target meaningless: then nothing is set.
 * - pg_sequence_last_value takes the lock that setval needs, and the dependent subquery reads the position after
 *   it. A plain read takes a weaker lock, and a setval that then waits for an ALTER SEQUENCE to commit lowers what it
 *   restarted (tried on PostgreSQL 15 and 18). OFFSET 0 keeps the planner from merging the two.
 */
export function guardedSetval({ sequence, increment, target, value, called }: StatementInput): string {
  const regclass = `${quoteLiteral(sequence)}::regclass`;
  const step = increment.toString();
  const behind = increment > 0n ? '<' : '>';
  return (
    `SELECT setval(${regclass}, ${value.toString()}, ${String(called)}) ` +
    `FROM (SELECT seqrelid, pg_sequence_last_value(seqrelid) FROM pg_sequence ` +
    `WHERE seqrelid = ${regclass} AND seqincrement = ${step} OFFSET 0) AS locked, ` +
    `LATERAL (SELECT last_value::numeric + CASE WHEN is_called THEN ${step} ELSE 0 END AS next ` +
    `FROM ${sequence} WHERE tableoid = seqrelid OFFSET 0) AS standby ` +
    `WHERE next ${behind} ${target.toString()};`
  );
}
