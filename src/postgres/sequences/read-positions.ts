import type { Identity } from '../../steps/identity.js';
import type { ReadProblem } from '../../steps/read-problem.js';
import type { Position } from '../../sequences/sequence.js';
import type { Purpose } from '../failures/blockers.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { describeFailures } from '../failures/describe-failures.js';
import { missingGrants } from './grants.js';
import { chunksOf } from '../session/chunks.js';
import type { Timeouts } from '../failures/narrow-down-failures.js';
import { narrowDownInParts } from '../failures/narrow-down-in-parts.js';
import {
  type PositionRow,
  positionsSql,
  type ReadMethod,
  readsWithoutLocks,
  lookUpSequences,
  type SequenceLookup,
  toPositions,
} from './position-source.js';

/** The number of sequences in one transaction, if no lock is kept. The length of a statement and the waiting time are limited. */
const AT_ONCE = 2_000;

/** The position of a sequence, or why it could not be read. */
export type PositionReading = { position: Position } | { problem: ReadProblem };

/**
 * Reads the positions of sequences, by oid. The result has an entry for each of `oids`. If one cannot be read, the others still are.
 *
 * @throws errors that are not about a single sequence, such as a lost connection
 */
export async function readPositions(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<Map<number, PositionReading>> {
  const readings = new Map<number, PositionReading>();
  if (oids.length === 0) return readings;
  const free = await readsWithoutLocks(endpoint, expected);
  const most = free ? AT_ONCE : await endpoint.locksPerTransaction();
  /**
   * One part after the other, in the session that has read the sequences before: the first read in a session takes six times as long.
   *
   * @returns the sequences that could not be read, by oid
   */
  const read = (some: readonly number[], method: ReadMethod, purpose: Purpose, lockTimeoutMs: number) =>
    narrowDownInParts(endpoint, expected, some, {
      purpose,
      timeouts: { lockTimeoutMs },
      partsOf: (all) => chunksOf(all, most),
      attempt: async (part, timeouts) => {
        const answers = await readChunk(endpoint, expected, part, { method, timeouts });
        for (const [oid, reading] of answers) readings.set(oid, reading);
      },
    });
  // Only the fast way of reading waits for a running ALTER SEQUENCE. It waits for a short lock.
  const rest = free ? oids : [...(await read(oids, 'locking', 'set', 500)).keys()];
  const failures = await read(rest, free ? 'free' : 'relation', 'read', 2_000);
  for (const [oid, { reason, remedy }] of await describeFailures(endpoint, expected, failures))
    readings.set(oid, { problem: { code: 'READ_FAILED', reason, remedy, remedyIs: 'advice' } });
  return readings;
}

/** The positions that were read, and for the other sequences the reason. */
async function readChunk(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
  { method, timeouts }: { method: ReadMethod; timeouts: Timeouts },
): Promise<Map<number, PositionReading>> {
  const locks = method === 'free' ? CATALOG_LOCKS : oids.length;
  const [rows = []] = await endpoint.read<PositionRow>({ expected, locks, ...timeouts }, [
    positionsSql(oids, method),
  ]);
  const positions = toPositions(rows);
  const unread = oids.filter((oid) => !positions.has(oid));
  const lookup = unread.length === 0 ? noLookup : await lookUpSequences(endpoint, expected, unread);
  return new Map(
    oids.map((oid): [number, PositionReading] => {
      const position = positions.get(oid);
      return [oid, position ? { position } : { problem: whyUnread(endpoint, lookup, oid) }];
    }),
  );
}

const noLookup: SequenceLookup = { sequences: new Map(), role: '' };

function whyUnread({ side }: Endpoint, { sequences, role }: SequenceLookup, oid: number): ReadProblem {
  const seen = sequences.get(oid);
  const grants = seen && missingGrants(seen.privileges, 'read', { ...seen, role });
  if (seen && grants) {
    const lacks = [
      ...(seen.privileges.schemaUsage ? [] : [`USAGE on the schema ${seen.schema}`]),
      ...(seen.privileges.select ? [] : [`SELECT on the sequence ${seen.sequence}`]),
    ];
    const reason = `On the ${side}, the role ${role} lacks ${lacks.join(' and ')}.`;
    return { code: 'NO_READ_PRIVILEGE', reason, remedy: grants, remedyIs: 'statements', role };
  }
  return {
    code: 'READ_FAILED',
    reason: `${seen ? seen.sequence : `The sequence with oid ${oid}`} was dropped, moved or renamed on the ${side} while it was read.`,
    remedy: 'No action is needed if that was intended: the sequences are listed again',
    remedyIs: 'advice',
  };
}
