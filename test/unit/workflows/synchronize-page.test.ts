import { expect, it } from 'vitest';
import { judge } from '../../../activities/verify-standby.js';
import type { Expectation, PlannedSequence } from '../../../src/contract/steps.js';
import type { PositionReading } from '../../../src/postgres/read-positions.js';
import { countRows, markBehind } from '../../../workflows/synchronize-page.js';

const TOTAL = 600;
const at = (lastValue: bigint): PositionReading => ({ position: { lastValue, isCalled: true } });

it('counts each sequence that is not ahead as failed, also where one finding stands for them all', () => {
  const expectations = Array.from({ length: TOTAL }, (_, index): Expectation => ({
    ...{ sequence: `public.s${String(index)}`, oid: index, primaryOid: index },
    ...{ increment: '1', buffer: '100' },
  }));
  // Every second one is behind.
  const theirs = new Map(expectations.map(({ oid }) => [oid, at(oid % 2 === 0 ? 100n : 1n)]));
  const ours = new Map(expectations.map(({ oid }) => [oid, at(1n)]));
  const report = judge(expectations, theirs, ours, '2026-01-02T03:04:05.000Z');
  expect(report.findings).toMatchObject([{ code: 'NOT_AHEAD', sequence: null, count: TOTAL / 2 }]);

  const rows = expectations.map(({ sequence, buffer }): PlannedSequence => ({
    ...{ sequence, buffer, primaryNext: '2', standbyBefore: '1', target: '102', standbyNext: '102' },
    ...{ outcome: 'applied', reason: null },
  }));
  markBehind(rows, report);
  expect(countRows(rows)).toEqual({
    ...{ total: TOTAL, applied: TOTAL / 2, kept: 0, skipped: 0, failed: TOTAL / 2 },
  });
  expect(rows.slice(0, 2).map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['applied', null],
    ['failed', 'it could not be shown to be ahead of the primary'],
  ]);
});

it('keeps the reason of each where they have a finding of their own', () => {
  const row: PlannedSequence = {
    ...{ sequence: 'public.a', primaryNext: '2', standbyBefore: '1', target: '102', standbyNext: '102' },
    ...{ buffer: '100', outcome: 'kept', reason: null },
  };
  const expectation = { sequence: 'public.a', oid: 1, primaryOid: 1, increment: '1', buffer: '100' };
  const report = judge([expectation], new Map([[1, at(5n)]]), new Map([[1, at(9n)]]), '');
  markBehind([row], report);
  expect(row).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('public.a is -4 calls ahead of the primary') as string,
  });
});
