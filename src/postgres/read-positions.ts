import type { Identity } from '../contract/steps.js';
import type { Position } from '../sequences/sequence.js';
import type { Endpoint, Query, Side } from './endpoint.js';
import { describeFailure } from './describe-failure.js';
import { missingGrants } from './grants.js';
import { inChunks } from './in-chunks.js';
import { isolate, type Failure, type Patience } from './isolate.js';
import { catalogLocks } from './listed-sequences.js';
import {
  isReadable,
  type PositionRow,
  positionSource,
  positionsSql,
  readsWithoutLocks,
  seeSequences,
  type Seen,
  type Sight,
  toPositions,
} from './position-source.js';

/** In one transaction where no lock is kept: a statement's text has an end, and so has everybody's patience. */
const AT_ONCE = 2_000;

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
  if (oids.length === 0) return readings;
  const free = await readsWithoutLocks(endpoint, expected);
  await inChunks(oids, free ? AT_ONCE : await endpoint.locksPerTransaction(), async (chunk) => {
    const failures = await isolate(endpoint, expected, chunk, {
      purpose: 'read',
      patience: { lockTimeoutMs: 2_000 },
      attempt: async (some, patience) => {
        const look = await (free ? lookFreely : lookInTurn)(endpoint, expected, some, patience);
        for (const [oid, reading] of toReadings(endpoint, some, look)) readings.set(oid, reading);
      },
    });
    for (const [oid, failure] of failures) {
      readings.set(oid, { problem: readFailed(failure, endpoint.side) });
    }
  });
  return readings;
}

interface Look {
  sight: Sight;
  positions: Map<number, Position>;
}

type LookBy = (
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
  patience: Patience,
) => Promise<Look>;

/** From PostgreSQL 18.2 on: no lock is kept, and only what could not be read is looked up. */
const lookFreely: LookBy = async (endpoint, expected, oids, patience) => {
  const options = { expected, locks: catalogLocks, ...patience };
  const [rows = []] = await endpoint.read<PositionRow>(options, [positionsSql(oids)]);
  const positions = toPositions(rows);
  const unread = oids.filter((oid) => !positions.has(oid));
  const sight =
    unread.length === 0
      ? { sequences: new Map<number, Seen>(), role: '' }
      : await endpoint.transaction({ access: 'read only', ...options }, (query) =>
          seeSequences(query, unread),
        );
  return { sight, positions };
};

const lookInTurn: LookBy = (endpoint, expected, oids, patience) =>
  endpoint.transaction({ access: 'read only', expected, locks: oids.length, ...patience }, async (query) => {
    const sight = await seeSequences(query, oids);
    const readable = [...sight.sequences.values()].filter(isReadable);
    return { sight, positions: await positionsOf(query, readable) };
  });

function toReadings(
  endpoint: Endpoint,
  oids: readonly number[],
  { sight, positions }: Look,
): Map<number, PositionReading> {
  return new Map(
    oids.map((oid): [number, PositionReading] => {
      const position = positions.get(oid);
      return [oid, position ? { position } : { problem: whyUnread(endpoint, sight, oid) }];
    }),
  );
}

async function positionsOf(query: Query, readable: readonly Seen[]): Promise<Map<number, Position>> {
  if (readable.length === 0) return new Map();
  const rows = await query<{ oid: string; last_value: string; is_called: boolean }>(
    `SELECT oid::int8, last_value, is_called FROM (${positionSource(readable)}) p`,
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
    remedy: 'Nothing, if that was meant: the sequences are listed afresh',
  };
}
