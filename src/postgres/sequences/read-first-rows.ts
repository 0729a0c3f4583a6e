import type { Identity } from '../../steps/identity.js';
import type { RowsAhead } from '../../sequences/rows.js';
import { findDataColumns } from './data-columns.js';
import type { Endpoint } from '../endpoint.js';
import { endsOf, type FedSequence, isComparable, readEnds } from './read-furthest.js';

/**
 * For each sequence: the first row at or beyond `from`, in the direction of its increment and in the phase of `from`, in any column that it feeds. Like
 * `readFurthest`, it reads only through an index.
 *
 * @returns an entry, by oid, for each sequence whose columns could all be read
 * @throws errors that are not about a single table, such as a lost connection
 */
export async function readFirstRows(
  endpoint: Endpoint,
  expected: Identity,
  sequences: readonly (FedSequence & { from: bigint })[],
): Promise<Map<number, RowsAhead>> {
  const columns = await findDataColumns(
    endpoint,
    expected,
    sequences.flatMap(({ feeds }) => feeds.filter(isComparable)),
  );
  const asked = sequences.map((sequence) => ({
    sequence,
    ends: endsOf(sequence, columns, sequence.from),
  }));
  await readEnds(
    endpoint,
    expected,
    asked.flatMap(({ ends }) => ends),
  );
  const found = new Map<number, RowsAhead>();
  for (const { sequence, ends } of asked) {
    if (ends.some(({ obstacle }) => obstacle !== null)) continue;
    const { oid, from, definition } = sequence;
    const values = ends.flatMap(({ value }) => value ?? []);
    found.set(oid, {
      from,
      first: values.length === 0 ? null : values.reduce(nearer(definition.increment)),
      unique: ends.some(({ of }) => of.isUnique),
      uniqueAlone: ends.some(({ of }) => of.isUniqueAlone),
    });
  }
  return found;
}

function nearer(increment: bigint): (one: bigint, other: bigint) => bigint {
  return (one, other) => (one < other === increment > 0n ? one : other);
}
