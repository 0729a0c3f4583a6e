import { pasteable, quoteLiteral } from './identifier.js';

/** The input of a guarded statement. */
export interface StatementInput {
  /** The relation's schema and name, quoted if any version needs the quotes. */
  sequence: string;
  increment: bigint;
  /** The next value that the sequence should have. */
  target: bigint;
  /** The arguments of setval that give the sequence this next value. */
  value: bigint;
  called: boolean;
}

/**
 * One statement for psql that moves a sequence to its target. It changes nothing if the sequence is already at or beyond the
 * target, so it is also correct if it is run hours later. It returns one row if it moved the sequence, and no row otherwise.
 *
 * - The next value is computed as numeric, because bigint would overflow at its ends.
 * - If the increment was changed in the meantime, the target is not valid any more, and nothing is set.
 * - pg_sequence_last_value takes the lock that setval needs, and the dependent subquery reads the position after that. A plain
 *   read takes a weaker lock: a setval that then waits for an ALTER SEQUENCE … RESTART to commit would lower the sequence (tried
 *   on PostgreSQL 15 and 18). OFFSET 0 keeps the planner from merging the two subqueries.
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
    `FROM ${pasteable(sequence)} WHERE tableoid = seqrelid OFFSET 0) AS standby ` +
    `WHERE next ${behind} ${target.toString()};`
  );
}
