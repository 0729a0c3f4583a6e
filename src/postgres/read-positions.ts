import type { Identity } from '../contract/steps.js';
import type { Position } from '../sequences/sequence.js';
import type { Endpoint, Query, Side } from './endpoint.js';
import { describeFailure } from './describe-failure.js';
import { missingGrants } from './grants.js';
import { inChunks } from './in-chunks.js';
import { isolate, type Failure } from './isolate.js';
import { isReadable, positionSource, seeSequences, type Seen, type Sight } from './position-source.js';

/** Why a sequence could not be read, and the command that mends it. */
export interface ReadProblem {
  code: 'NO_READ_PRIVILEGE' | 'READ_FAILED';
  reason: string;
  remedy: string;
}

export type PositionReading = { position: Position } | { problem: ReadProblem };

/**
 * Where sequences stand, by oid, every one of `oids` in the answer. One that cannot be read does not keep the others
 * from being read.
 *
 * @throws what concerns no single sequence, such as a lost connection
 */
export async function readPositions(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<Map<number, PositionReading>> {
  const readings = new Map<number, PositionReading>();
  await inChunks(oids, await endpoint.locksPerTransaction(), async (chunk) => {
    const failures = await isolate(endpoint, expected, chunk, {
      purpose: 'read',
      patience: { lockTimeoutMs: 2_000 },
      attempt: async (some, patience) => {
        const read = await endpoint.transaction(
          { access: 'read only', expected, locks: some.length, ...patience },
          (query) => readWithin(query, endpoint, some),
        );
        for (const [oid, reading] of read) readings.set(oid, reading);
      },
    });
    for (const [oid, failure] of failures) {
      readings.set(oid, { problem: readFailed(failure, endpoint.side) });
    }
  });
  return readings;
}

async function readWithin(
  query: Query,
  endpoint: Endpoint,
  oids: readonly number[],
): Promise<Map<number, PositionReading>> {
  const sight = await seeSequences(query, oids);
  const readable = [...sight.sequences.values()].filter(isReadable);
  const positions = await positionsOf(query, sight, readable);
  return new Map(
    oids.map((oid): [number, PositionReading] => {
      const position = positions.get(oid);
      return [oid, position ? { position } : { problem: whyUnread(endpoint, sight, oid) }];
    }),
  );
}

async function positionsOf(
  query: Query,
  { serverVersion }: Sight,
  readable: readonly Seen[],
): Promise<Map<number, Position>> {
  if (readable.length === 0) return new Map();
  const rows = await query<{ oid: string; last_value: string; is_called: boolean }>(
    `SELECT oid::int8, last_value, is_called FROM (${positionSource(serverVersion, readable, '$1')}) p
     WHERE last_value IS NOT NULL`,
    [readable.map(({ oid }) => oid)],
  );
  return new Map(
    rows.map((row) => [Number(row.oid), { lastValue: BigInt(row.last_value), isCalled: row.is_called }]),
  );
}

function readFailed(failure: Failure, side: Side): ReadProblem {
  const { reason, remedy } = describeFailure(failure, side);
  return { code: 'READ_FAILED', reason, remedy };
}

function whyUnread({ side }: Endpoint, { sequences, role }: Sight, oid: number): ReadProblem {
  const seen = sequences.get(oid);
  const grants = seen && missingGrants(seen.privileges, 'read', { ...seen, role });
  if (seen && grants) {
    const lacks = [
      ...(seen.privileges.schemaUsage ? [] : [`USAGE on the schema ${seen.schema}`]),
      ...(seen.privileges.select ? [] : [`SELECT on the sequence ${seen.sequence}`]),
    ];
    const reason = `On the ${side}, the role ${role} lacks ${lacks.join(' and ')}.`;
    return { code: 'NO_READ_PRIVILEGE', reason, remedy: grants };
  }
  return {
    code: 'READ_FAILED',
    reason: `${seen ? seen.sequence : `The sequence with oid ${oid}`} was dropped, moved or renamed on the ${side} while it was read.`,
    remedy: 'Resynchronize, so that the sequences are listed afresh.',
  };
}
