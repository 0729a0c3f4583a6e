import { describe, expect, it } from 'vitest';
import { judge } from '../../../activities/verify-standby.js';
import { foldFindings } from '../../../src/findings/fold-findings.js';
import type { PositionReading } from '../../../src/postgres/sequences/read-positions.js';
import { countRows } from '../../../src/contract/counts.js';
import { markSetEarlier } from '../../../src/planning/rows/merge-rounds.js';
import { plansLeft, toPlanAndRow } from '../../../src/planning/rows/plan-and-row.js';
import { isToSet, statementsOf } from '../../../src/planning/rows/settings.js';
import type { PlannedSequence, SequenceToKeep, SequenceToSet } from '../../../src/steps/rows.js';
import { isVerifiable, noteVerified } from '../../../src/planning/rows/verified-rows.js';

const at = (lastValue: bigint): PositionReading => ({ position: { lastValue, isCalled: true } });

const values = (oid: number) => ({
  ...{ sequence: `public.s${String(oid)}`, oid, primaryOid: oid, increment: '1', buffer: '100' },
  ...{ primaryNext: '2', standbyBefore: '1', target: '102', standbyNext: '1', reason: null },
});

function planOf(oid: number, more: Partial<SequenceToSet> = {}): SequenceToSet & { primaryOid: number } {
  return { ...values(oid), outcome: 'applied', called: true, ...more };
}

const kept = (oid: number): SequenceToKeep & { primaryOid: number } => ({ ...values(oid), outcome: 'kept' });

const expected = (plans: readonly PlannedSequence[]) => plansLeft(plans.map(toPlanAndRow), isVerifiable);

describe('what a verification read', () => {
  it('fails each sequence that is not ahead, with the reason, also where one finding stands for them all', () => {
    const total = 600;
    const plans = Array.from({ length: total }, (_, oid) => planOf(oid));
    // Every second one is behind.
    const onStandby = new Map(plans.map(({ oid }) => [oid, at(oid % 2 === 0 ? 101n : 1n)]));
    const onPrimary = new Map(plans.map(({ oid }) => [oid, at(1n)]));
    const pairs = expected(plans);
    const rows = pairs.map(({ row }) => row);

    const findings = noteVerified(pairs, judge(plans, onStandby, onPrimary), 'failover');

    expect(foldFindings(findings)).toMatchObject([{ code: 'NOT_AHEAD', sequence: null, count: total / 2 }]);
    expect(countRows(rows)).toEqual({ total, applied: total / 2, kept: 0, skipped: 0, failed: total / 2 });
    expect(rows.slice(0, 2)).toMatchObject([
      { standbyNext: '102', outcome: 'applied', reason: null },
      {
        standbyNext: '2',
        outcome: 'failed',
        reason:
          'public.s1 is 0 calls ahead of the primary; it has to be at least 50 ahead (half of its buffer of 100)',
      },
    ]);
  });

  it('names the one with the least headroom, and those of whose buffer the least is left', () => {
    const plans = [planOf(1, { buffer: '10' }), planOf(2, { buffer: '1000' }), planOf(3)];
    const onStandby = new Map([
      [1, at(109n)],
      [2, at(610n)],
      [3, at(200n)],
    ]);
    const onPrimary = new Map(plans.map(({ oid }) => [oid, at(100n)]));
    expect(judge(plans, onStandby, onPrimary)).toEqual({
      standbyNext: ['110', '611', '201'],
      behind: [],
      least: { position: 0, headroom: '9' },
      mostDrained: [
        { position: 1, primaryNext: '101', headroom: '510' },
        { position: 0, primaryNext: '101', headroom: '9' },
        { position: 2, primaryNext: '101', headroom: '100' },
      ],
    });
  });

  it('says of one that a side could not be read that nothing is known', () => {
    const plans = [planOf(1), planOf(2)];
    const problem = { code: 'READ_FAILED', reason: 'gone', remedy: '' } as const;
    const onStandby = new Map<number, PositionReading>([
      [1, { problem }],
      [2, at(1_000n)],
    ]);
    const report = judge(plans, onStandby, new Map([[1, at(1n)]]));
    const pairs = expected(plans);
    expect(report).toMatchObject({ standbyNext: [null, '1001'], least: null, mostDrained: [] });
    expect(noteVerified(pairs, report, 'sync')).toHaveLength(2);
    expect(pairs.map(({ row: { outcome, reason } }) => [outcome, reason])).toEqual([
      ['failed', 'public.s1 could not be shown to be ahead of the primary'],
      ['failed', 'public.s2 could not be shown to be ahead of the primary'],
    ]);
  });

  it('tells the cause: set back, used up by the primary, or a sequence that goes round', () => {
    const plans = [planOf(1), planOf(2), planOf(3, { buffer: '10', goesRound: true })];
    const onStandby = new Map([
      [1, at(1n)],
      [2, at(200n)],
      [3, at(50n)],
    ]);
    const onPrimary = new Map(plans.map(({ oid }) => [oid, at(oid === 1 ? 1n : 190n)]));
    const findings = noteVerified(expected(plans), judge(plans, onStandby, onPrimary), 'failover');
    expect(findings.map(({ remedy }) => remedy)).toEqual([
      expect.stringMatching(/^find out what sets it back/u),
      expect.stringMatching(/^nothing has set it back: the primary has used up the buffer/u),
      expect.stringContaining('ALTER SEQUENCE public.s3 NO CYCLE NO MAXVALUE;'),
    ]);
    expect(findings[2]?.message).toContain('140 calls behind the primary');
    expect(findings[2]?.message).toContain('Its values repeat (CYCLE, or a restart below its START)');
  });

  it('in the mode verify changes no outcome, and counts what is behind its rows as not ahead, once', () => {
    const plans = [planOf(1, { behindData: true }), planOf(2, { behindData: true }), kept(3)];
    const onStandby = new Map(plans.map(({ oid }) => [oid, at(oid === 2 ? 1n : 1_000n)]));
    const onPrimary = new Map(plans.map(({ oid }) => [oid, at(1n)]));
    const pairs = expected(plans);
    const findings = noteVerified(pairs, judge(plans, onStandby, onPrimary), 'verify');
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      [
        'NOT_AHEAD',
        'public.s2 is 0 calls ahead of the primary; it has to be at least 50 ahead (half of its buffer of 100)',
      ],
      ['NOT_AHEAD', 'public.s1 is not past the rows that the standby has'],
    ]);
    expect(pairs.map(({ row }) => row.outcome)).toEqual(['applied', 'applied', 'kept']);
  });
});

it('a sequence that only an earlier round has set counts as set, and is not in the statements of this one', () => {
  const pairs = [planOf(1), kept(2), planOf(3)].map(toPlanAndRow);
  const rows = pairs.map(({ row }) => row);
  rows.forEach((row) => {
    if (row.oid === 3) row.outcome = 'failed';
  });
  markSetEarlier(rows, new Map([[2, 'applied']]));
  expect(rows.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'failed']);
  expect(statementsOf(plansLeft(pairs, isToSet).map(({ plan }) => plan))).toEqual([
    expect.stringContaining('public.s1') as string,
  ]);
});
