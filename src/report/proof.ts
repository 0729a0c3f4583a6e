import type { Step } from '../record/steps.js';
import type { RecordRequest } from '../steps/page-steps.js';
import type { AwaitReplicationReport } from '../steps/readiness.js';
import type { RecheckReport } from '../steps/recheck-steps.js';
import type { Observation, Proof } from './report.js';

/** When each round read the primary, and when its last page was recorded. */
export function roundTimes(steps: readonly Step[]): Proof['rounds'] {
  const rounds = new Map<number, Proof['rounds'][number]>();
  for (const { activity, input, completedAt, scheduledAt } of steps) {
    if (activity !== 'recordBuffer') continue;
    const { round, primaryReadAt } = input as RecordRequest;
    const before = rounds.get(round);
    rounds.set(round, {
      round,
      // The earliest reading of its pages is the one that counts.
      primaryReadAt: before?.primaryReadAt ?? primaryReadAt ?? null,
      recordedAt: completedAt ?? scheduledAt,
    });
  }
  return [...rounds.values()].sort((a, b) => a.round - b.round);
}

/** The primary's WAL positions that the standby confirmed after an approval, or behind a fence. */
export function positionsOf(steps: readonly Step[]): Proof['positions'] {
  return steps.flatMap(({ activity, result, completedAt }) => {
    if (activity !== 'awaitReplication' || result == null || completedAt === null) return [];
    const { lsn, findings } = result as AwaitReplicationReport;
    const isConfirmed = lsn !== null && !findings.some(({ code }) => code === 'NOT_CAUGHT_UP');
    return isConfirmed ? [{ at: completedAt, lsn }] : [];
  });
}

export function waitingOf(steps: readonly Step[]): Observation[] {
  return steps.flatMap(({ activity, result }) => {
    if ((activity !== 'recheckHeadroom' && activity !== 'recheckStandby') || result == null) return [];
    const { verifiedAt, minimumHeadroom, behind } = result as RecheckReport;
    const { sequence = null, calls = null } = minimumHeadroom ?? {};
    return [{ at: verifiedAt, sequence, calls, behind }];
  });
}
