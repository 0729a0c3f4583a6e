import type { Activities } from '../src/steps/activities.js';
import type { Identity } from '../src/steps/identity.js';
import type { VerifyReport } from '../src/steps/page-steps.js';
import type { Expectation } from '../src/steps/rows.js';
import { unpackTable } from '../src/steps/table.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import type { Endpoint } from '../src/postgres/endpoint.js';
import { readCycles } from '../src/postgres/sequences/read-cycles.js';
import { type PositionReading, readPositions } from '../src/postgres/sequences/read-positions.js';
import { headroom, isAhead } from '../src/sequences/headroom.js';
import { afterCycle, nextValue } from '../src/sequences/sequence.js';
import { mostDrained } from '../src/sequences/watch-list.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { packReadings } from './last-readings.js';
import { forPage } from './page-affinity.js';

/** Step 4: proves that each sequence is ahead. The standby is read first, so that the headroom is a lower bound. */
export function verifyStandby({ pairs }: Dependencies): Activities['verifyStandby'] {
  return ({ identity, range, expectations: packed, tellReadings = false }) =>
    withHeartbeat(async () => {
      const expectations = unpackTable(packed);
      const { primary, standby } = pairOfOpenRun(pairs, identity.pair, 'standby');
      const onStandby = await onSide('standby', () =>
        readPositions(
          forPage(standby, range),
          identity.standby,
          expectations.map(({ oid }) => oid),
        ),
      );
      const primaryReadAt = new Date().toISOString();
      const onPrimary = await onSide('primary', () =>
        readPositions(
          forPage(primary, range),
          identity.primary,
          expectations.map(({ primaryOid }) => primaryOid),
        ),
      );
      await onSide('primary', () =>
        continueCycles(forPage(primary, range), identity.primary, expectations, onPrimary),
      );
      return {
        ...judge(expectations, onStandby, onPrimary),
        ...(tellReadings ? { readings: await packReadings(readingsOf(expectations, onPrimary)) } : {}),
        primaryReadAt,
        verifiedAt: new Date().toISOString(),
      };
    });
}

/** Replaces the position of each cycling sequence that has returned its last value by that of its first value. */
async function continueCycles(
  primary: Endpoint,
  identity: Identity,
  expectations: readonly Expectation[],
  positions: Map<number, PositionReading>,
): Promise<void> {
  const around = expectations.filter(({ goesRound }) => goesRound === true);
  const definitions = await readCycles(
    primary,
    identity,
    around.map(({ primaryOid }) => primaryOid),
  );
  for (const [oid, definition] of definitions) {
    const reading = positions.get(oid);
    if (reading === undefined || 'problem' in reading) continue;
    positions.set(oid, { position: afterCycle(reading.position, definition) });
  }
}

export function judge(
  expectations: readonly Expectation[],
  onStandby: ReadonlyMap<number, PositionReading>,
  onPrimary: ReadonlyMap<number, PositionReading>,
): Omit<VerifyReport, 'primaryReadAt' | 'verifiedAt'> {
  const standbyNext: (string | null)[] = [];
  const behind: VerifyReport['behind'] = [];
  const read: { position: number; primaryNext: bigint; headroom: bigint; buffer: bigint }[] = [];
  for (const [position, expectation] of expectations.entries()) {
    const increment = BigInt(expectation.increment);
    const buffer = BigInt(expectation.buffer);
    const next = nextOf(onStandby.get(expectation.oid), increment);
    const primaryNext = nextOf(onPrimary.get(expectation.primaryOid), increment);
    standbyNext.push(next === null ? null : String(next));
    if (next === null || primaryNext === null) {
      behind.push([position, null]);
      continue;
    }
    const calls = headroom(next, primaryNext, increment);
    if (!isAhead(calls, buffer)) behind.push([position, String(calls)]);
    read.push({ position, primaryNext, headroom: calls, buffer });
  }
  const [first] = read;
  const least = first && read.reduce((a, b) => (b.headroom < a.headroom ? b : a), first);
  return {
    standbyNext,
    behind,
    least: least === undefined ? null : { position: least.position, headroom: String(least.headroom) },
    mostDrained: mostDrained(read).map(({ position, primaryNext, headroom }) => ({
      position,
      primaryNext: String(primaryNext),
      headroom: String(headroom),
    })),
  };
}

function readingsOf(
  expectations: readonly Expectation[],
  primary: ReadonlyMap<number, PositionReading>,
): LastReading[] {
  return expectations.flatMap(({ oid, primaryOid, increment, buffer, goesRound }) => {
    const primaryNext = nextOf(primary.get(primaryOid), BigInt(increment));
    if (primaryNext === null) return [];
    const reading: LastReading = { oid, primaryNext, buffer: BigInt(buffer), standbyNext: null };
    return [goesRound === true ? { ...reading, goesRound } : reading];
  });
}

function nextOf(reading: PositionReading | undefined, increment: bigint): bigint | null {
  if (reading === undefined || 'problem' in reading) return null;
  return nextValue(reading.position, increment);
}
