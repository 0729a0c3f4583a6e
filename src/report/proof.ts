import { earliest } from '../contract/combine.js';
import { recheckIn } from '../record/planned.js';
import type { Step } from '../record/steps.js';
import type { RecordRequest } from '../steps/page-steps.js';
import type { AwaitReplicationReport } from '../steps/readiness.js';
import { callsPerSecond, parseConsumption, secondsLeft } from '../sequences/consumption.js';
import { measuredBuffer, SUGGESTED_BUFFER } from '../sequences/measured-buffer.js';
import type { WatchedSequence } from '../sequences/watch-list.js';
import type { RecheckReport } from '../steps/recheck-steps.js';
import type { Observation, Proof, WatchedHeadroom } from './report.js';

/** The times when each round read the primary, and when its last page was recorded. */
export function roundTimes(steps: readonly Step[]): Proof['rounds'] {
  const rounds = new Map<number, Proof['rounds'][number]>();
  for (const { activity, input, completedAt, scheduledAt } of steps) {
    if (activity !== 'recordBuffer') continue;
    const { round, primaryReadAt } = input as RecordRequest;
    const before = rounds.get(round);
    rounds.set(round, {
      round,
      // Pages are read and recorded at the same time: the earliest reading and the last record count.
      primaryReadAt: earliest([before?.primaryReadAt ?? null, primaryReadAt ?? null]),
      recordedAt: later(before?.recordedAt, completedAt ?? scheduledAt),
    });
  }
  return [...rounds.values()].sort((a, b) => a.round - b.round);
}

const later = (a: string | undefined, b: string) =>
  a !== undefined && Date.parse(a) > Date.parse(b) ? a : b;

/** The WAL positions of the primary that the standby confirmed after an approval, or before a promotion's fence. */
export function positionsOf(steps: readonly Step[]): Proof['positions'] {
  return steps.flatMap(({ activity, result, completedAt }) => {
    if (activity !== 'awaitReplication' || result == null || completedAt === null) return [];
    const { lsn, findings } = result as AwaitReplicationReport;
    const isConfirmed = lsn !== null && !findings.some(({ code }) => code === 'NOT_CAUGHT_UP');
    return isConfirmed ? [{ at: completedAt, lsn }] : [];
  });
}

/** The sequences with the least headroom at the last recheck, the least first; null without a recheck. */
export function lastRecheckOf(steps: readonly Step[]): Proof['lastRecheck'] {
  const last = rechecksOf(steps).at(-1);
  if (last === undefined) return null;
  const { verifiedAt, watched, minimumHeadroom } = last;
  const least = watched.map(headroomOf);
  if (minimumHeadroom !== null && !watched.some(({ sequence }) => sequence === minimumHeadroom.sequence))
    least.push({ ...minimumHeadroom, callsPerSecond: null, lastsSeconds: null, suggestedBuffer: null });
  least.sort((a, b) => compare(BigInt(a.calls), BigInt(b.calls)) || compare(a.sequence, b.sequence));
  return { at: verifiedAt, least: least.slice(0, LEAST_NAMED) };
}

function headroomOf({ sequence, headroom, rate }: WatchedSequence): WatchedHeadroom {
  const measured = parseConsumption(rate);
  const lasts = measured && secondsLeft(BigInt(headroom), measured);
  const suggested = measured && measuredBuffer(SUGGESTED_BUFFER, measured);
  return {
    ...{ sequence, calls: headroom, callsPerSecond: measured && callsPerSecond(measured) },
    lastsSeconds: lasts === null ? null : String(lasts),
    // A sequence that nobody has used meanwhile suggests nothing.
    suggestedBuffer: suggested === null || suggested === 0n ? null : String(suggested),
  };
}

const LEAST_NAMED = 20;

const compare = <T extends bigint | string>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

/** The least headroom at each recheck, in the order of the rechecks. */
export function waitingOf(steps: readonly Step[]): Observation[] {
  return rechecksOf(steps).map(({ verifiedAt, minimumHeadroom, behind }) => {
    const { sequence = null, calls = null } = minimumHeadroom ?? {};
    return { at: verifiedAt, sequence, calls, behind };
  });
}

function rechecksOf(steps: readonly Step[]): RecheckReport[] {
  return steps.flatMap((step) => recheckIn(step) ?? []);
}
