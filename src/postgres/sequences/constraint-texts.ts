import type { Identity } from '../../steps/identity.js';
import { oidArray } from '../array-literal.js';
import { describeFailure } from '../failures/describe-failure.js';
import type { Endpoint } from '../endpoint.js';
import { chunksOf } from '../session/chunks.js';
import type { Timeouts } from '../failures/narrow-down-failures.js';
import { narrowDownInParts } from '../failures/narrow-down-in-parts.js';

/** A constraint in the form in which the server prints it, or why it could not be read. */
export type ConstraintText = { definition: string } | { problem: string };

const constraintTimeouts: Timeouts = { lockTimeoutMs: 2_000, statementTimeoutMs: 15_000 };

/**
 * The `pg_get_constraintdef` of many constraints, by their oids. It takes a weak lock on the table; if one table is locked, the others are
 * still read. A constraint that was dropped meanwhile has no entry.
 */
export async function readConstraints(
  endpoint: Endpoint,
  expected: Identity,
  wanted: readonly { table: number; oid: number }[],
): Promise<Map<number, ConstraintText>> {
  const texts = new Map<number, ConstraintText>();
  if (wanted.length === 0) return texts;
  const byTable = new Map<number, number[]>();
  for (const { table, oid } of wanted) byTable.set(table, [...(byTable.get(table) ?? []), oid]);
  const most = await endpoint.locksPerTransaction();
  const failures = await narrowDownInParts(endpoint, expected, [...byTable.keys()], {
    purpose: 'read',
    timeouts: constraintTimeouts,
    partsOf: (tables) => chunksOf(tables, most),
    attempt: async (some, timeouts) => {
      const oids = some.flatMap((table) => byTable.get(table) ?? []);
      const [rows = []] = await endpoint.read<{ oid: string; definition: string }>(
        { expected, locks: some.length, ...timeouts },
        [
          `SELECT k.oid::int8, pg_get_constraintdef(k.oid) AS definition FROM pg_constraint k WHERE k.oid = ANY (${oidArray(oids)})`,
        ],
      );
      for (const { oid, definition } of rows) texts.set(Number(oid), { definition });
    },
  });
  for (const [table, failure] of failures) {
    const { reason } = describeFailure(failure, endpoint.side);
    for (const oid of byTable.get(table) ?? []) texts.set(oid, { problem: reason });
  }
  return texts;
}
