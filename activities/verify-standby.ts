import { foldFindings } from '../src/contract/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type { Activities, Expectation, VerifyReport } from '../src/contract/steps.js';
import { unpackTable } from '../src/contract/table.js';
import { behindItsRows, notAhead } from '../src/planning/sequence-findings.js';
import { type PositionReading, readPositions } from '../src/postgres/read-positions.js';
import { headroom, isAhead } from '../src/sequences/headroom.js';
import { nextValue } from '../src/sequences/sequence.js';
import { watchedSince, watchList, type WatchedSequence } from '../src/sequences/watch-list.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';

/** Step 4: proves each sequence ahead. The standby is read first, so that the headroom is a lower bound. */
export function verifyStandby({ pairs }: Dependencies): Activities['verifyStandby'] {
  return ({ identity, expectations: packed }) =>
    withHeartbeat(async () => {
      const expectations = unpackTable(packed);
      const { primary, standby } = await onSide('standby', () =>
        Promise.resolve(pairs.resolve(identity.pair)),
      );
      const theirs = await onSide('standby', () =>
        readPositions(
          standby,
          identity.standby,
          expectations.map(({ oid }) => oid),
        ),
      );
      const primaryReadAt = new Date().toISOString();
      const ours = await onSide('primary', () =>
        readPositions(
          primary,
          identity.primary,
          expectations.map(({ primaryOid }) => primaryOid),
        ),
      );
      return judge(expectations, theirs, ours, primaryReadAt);
    });
}

export function judge(
  expectations: readonly Expectation[],
  theirs: ReadonlyMap<number, PositionReading>,
  ours: ReadonlyMap<number, PositionReading>,
  primaryReadAt: string,
): VerifyReport {
  const findings: Finding[] = [];
  const standbyNext: (string | null)[] = [];
  const behind: number[] = [];
  const read: WatchedSequence[] = [];
  let least: { sequence: string; calls: bigint } | null = null;
  for (const [position, expectation] of expectations.entries()) {
    const { sequence, oid, primaryOid, increment, buffer, behindData } = expectation;
    const next = nextOf(theirs.get(oid), increment);
    const primaryNext = nextOf(ours.get(primaryOid), increment);
    standbyNext.push(next === null ? null : String(next));
    const calls =
      next === null || primaryNext === null ? null : headroom(next, primaryNext, BigInt(increment));
    const isBehind = calls === null || !isAhead(calls, BigInt(buffer));
    if (isBehind) findings.push(notAhead(sequence, calls, BigInt(buffer)));
    else if (behindData === true) findings.push(behindItsRows(sequence));
    if (isBehind || behindData === true) behind.push(position);
    if (calls === null) continue;
    if (least === null || calls < least.calls) least = { sequence, calls };
    const now = { sequence, next: String(primaryNext), at: primaryReadAt, headroom: String(calls), buffer };
    read.push(watchedSince(undefined, now, BigInt(increment)));
  }
  return {
    standbyNext,
    ...(behind.length === 0 ? {} : { behind }),
    findings: foldFindings(findings),
    minimumHeadroom: least === null ? null : { sequence: least.sequence, calls: String(least.calls) },
    watched: watchList(read),
    primaryReadAt,
    verifiedAt: new Date().toISOString(),
  };
}

function nextOf(reading: PositionReading | undefined, increment: string): bigint | null {
  if (reading === undefined || 'problem' in reading) return null;
  return nextValue(reading.position, BigInt(increment));
}
