import { expect, it } from 'vitest';
import type { SequenceRow } from '../../../src/contract/status.js';
import { withinLimits } from '../../../workflows/failover/continuation.js';
import { Run } from '../../../workflows/failover/run.js';

const row = (sequence: string, reason: string): SequenceRow => ({
  sequence,
  primaryNext: '1',
  standbyBefore: '1',
  target: '10001',
  standbyNext: '10001',
  buffer: '10000',
  outcome: 'failed',
  reason,
});

const memory = (rows: SequenceRow[]) => ({ ...Run.unparsed('2026-01-02T03:04:05.000Z').memory, rows });

it('carries everything where there is room for it', () => {
  const whole = memory(Array.from({ length: 2_000 }, (_, index) => row(`public.s${String(index)}`, 'x')));
  expect(withinLimits(whole)).toBe(whole);
});

it('cuts reasons, not rows, where 2,000 of them are too long', () => {
  const rows = Array.from({ length: 2_000 }, (_, index) => row(`public.s${String(index)}`, 'ö'.repeat(900)));
  const carried = withinLimits(memory(rows));
  expect(carried.rows.map(({ sequence }) => sequence)).toEqual(rows.map(({ sequence }) => sequence));
  expect(carried.rows[0]?.reason).toBe(`${'ö'.repeat(99)}…`);
});

it('leaves the rows to the ledger where nothing else helps: the run goes on', () => {
  const rows = Array.from({ length: 2_000 }, (_, index) => row(`${'"'.repeat(600)}${String(index)}`, 'x'));
  expect(withinLimits(memory(rows)).rows).toEqual([]);
});
