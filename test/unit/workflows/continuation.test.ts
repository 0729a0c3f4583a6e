import { describe, expect, it } from 'vitest';
import { parseInput } from '../../../src/contract/input.js';
import { jsonBytes } from '../../../src/contract/parsing/json-size.js';
import { fittingFindings } from '../../../src/findings/fold-findings.js';
import { makeFinding } from '../../../src/findings/make-finding.js';
import type { SequenceRow } from '../../../src/contract/status.js';
import { withinLimits } from '../../../workflows/failover/continuation.js';
import { closedGate, type GateMemory } from '../../../workflows/failover/gate-memory.js';
import { Run } from '../../../workflows/failover/run.js';
import { freshMemory } from '../../../workflows/failover/run-memory.js';
import { upgradeMemory } from '../../../workflows/failover/upgrade-memory.js';

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

const memory = (rows: SequenceRow[]) => ({ ...freshMemory('2026-01-02T03:04:05.000Z'), rows });

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

describe('of the largest pairs', () => {
  const approval = { by: 'ö'.repeat(200), at: '2026-01-02T03:04:05.000Z', reason: 'ö'.repeat(2_000) };
  const findings = (code: 'READ_FAILED' | 'CYCLES') =>
    fittingFindings(
      Array.from({ length: 200 }, (_, index) =>
        makeFinding(code, {
          sequence: `"${'\u0001'.repeat(63)}"."${'\u0001'.repeat(60)}${index}"`,
          ...{ count: 1, message: 'x'.repeat(500), remedy: 'y'.repeat(500) },
        }),
      ),
    );
  const digests = Array.from({ length: 500 }, (_, index) => index.toString(16).padStart(16, '0'));
  /** Every field at its own limit. */
  const largest = (readings: number) => {
    const parsed = parseInput([
      {
        include: Array.from({ length: 500 }, () => 'x'.repeat(295)),
        exclude: Array.from({ length: 490 }, () => 'x'.repeat(295)),
      },
    ]);
    if (!parsed.ok) throw new Error(parsed.message);
    const blocks = Array.from({ length: 20 }, () => ({
      ...{ code: 'TABLES_NOT_READY', sequence: null, count: 500, subject: 's', things: digests },
    }));
    const gate: GateMemory = {
      ...closedGate(1),
      approvals: Array.from({ length: 20 }, () => ({ ...approval, accept: ['x'.repeat(14_990)] })),
      ...{ blocks, accepted: blocks, known: blocks },
      decidedRows: Array.from({ length: 500 }, () => ({ sequence: 'x'.repeat(260), rows: 'raise', by: 'a' })),
    };
    const run = Run.resume({ ...freshMemory('2026-01-02T03:04:05.000Z'), input: parsed.input, gate });
    for (const source of ['readiness', 'pages', 'replication', 'standby'] as const)
      run.setFindings(source, [...findings('READ_FAILED'), ...findings('CYCLES')]);
    return {
      ...run.memory,
      rows: Array.from({ length: 2_000 }, (_, index) => row(`public.s${String(index)}`, 'x')),
      outcomes: [{ range: { after: null, upTo: null }, packed: 'x'.repeat(400_000) }],
      readings: { parts: [{ digest: 'd', data: 'x'.repeat(readings) }] },
    };
  };

  it('what a payload cannot take is left out, the least missed first, and the status says so', () => {
    const whole = largest(300_000);
    const carried = withinLimits(whole);
    expect(jsonBytes(carried)).toBeLessThan(2_000_000);
    expect(carried).toMatchObject({ rows: [], outcomes: [], readings: whole.readings });
    expect(Run.resume(upgradeMemory(carried)).status().findings).toContainEqual(
      expect.objectContaining({ severity: 'warn', code: 'COUNTS_INCOMPLETE' }),
    );
  });

  it('even the last readings go rather than the run', () => {
    const carried = withinLimits(largest(1_100_000));
    expect(jsonBytes(carried)).toBeLessThan(2_000_000);
    expect(carried).toMatchObject({ rows: [], outcomes: [], readings: { parts: [] } });
  });
});
