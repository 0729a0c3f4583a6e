import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import type { FleetRow, FleetStatus } from '../../../../src/contract/fleet-status.js';
import { fleetScreen } from '../../../../src/terminal/screens/fleet-screen.js';
import { before, NOW } from '../statuses.js';

const canvas = { colors: picocolors.createColors(false), width: 80, height: 24, now: NOW };
const counts = { total: 10, applied: 9, kept: 1, skipped: 0, failed: 0 };

function row(pair: string, changes: Partial<FleetRow> = {}): FleetRow {
  return {
    ...{ pair, workflowId: `evacuate/${pair}`, phase: 'waiting', gate: 'open', outcome: 'pending' },
    ...{ failure: null, message: null, counts, minimumHeadroom: { sequence: 's', calls: '5000' } },
    ...{ approvals: 0, blockedBy: [], blockedCount: 0, refused: null, refusedCount: 0 },
    ...changes,
  };
}

const blockedBy = [{ code: 'MISSING_ON_STANDBY', sequence: 'public.invoices' }];
const pairs = [
  ...[row('a'), row('b', { phase: 'done', gate: null, outcome: 'handed-off', approvals: 1 })],
  row('c', { gate: 'blocked', blockedBy, blockedCount: 1 }),
  row('d', { phase: 'done', gate: null, outcome: 'failed', failure: 'NotReady', message: 'no standby' }),
];

const status: FleetStatus = {
  ...{ phase: 'awaiting-approval', mode: 'failover', startedAt: before(60), ticket: 'CHG-1' },
  ...{ requestedBy: 'alice', concurrency: 10 },
  counts: { total: 4, queued: 0, preparing: 0, waiting: 2, deciding: 0, done: 2 },
  outcomes: {
    ...{ ready: 0, planned: 0, verified: 0, synchronized: 0, 'handed-off': 1, failed: 1 },
    ...{ rejected: 0, cancelled: 0, pending: 2 },
  },
  sequences: { total: 40, applied: 36, kept: 4, skipped: 0, failed: 0 },
  minimumHeadroom: { pair: 'a', sequence: 's', calls: '5000' },
  findings: [],
  gate: {
    ...{ state: 'blocked', decisions: [], decisionsCount: 0, refused: [], refusedCount: 0 },
    attention: [
      {
        ...{ pair: 'c', gate: 'blocked', blockedBy, blockedCount: 1, refused: null },
        blocks: [
          {
            ...{ code: 'MISSING_ON_STANDBY', sequence: 'public.invoices' },
            ...{ message: 'public.invoices is not on the standby', remedy: 'create it' },
          },
        ],
      },
    ],
    attentionCount: 1,
  },
  failures: [],
  failuresCount: 0,
  ending: null,
};

it('shows the pairs of a fleet, those that need a person first, with what blocks them', () => {
  const view = { workflowId: 'evacuate', status, pairs, retries: [], trouble: null };
  expect(fleetScreen(view, { ...canvas, height: 26 })).toEqual([
    'evacuate  Waiting for approval  2026-05-01T02:10:00Z',
    'fleet of 4 pairs, failover, CHG-1, asked for by alice',
    '',
    'pairs      0 queued, 0 preparing, 2 waiting, 0 decided, 2 ended',
    'ended      1 handed-off, 1 failed',
    'sequences  40: 36 set, 4 ahead already, 0 skipped, 0 failed',
    'headroom   least: 5000 calls, on s of the pair a',
    'gate       blocked: 1 pair needs a person',
    '',
    'block c MISSING_ON_STANDBY',
    '  public.invoices is not on the standby',
    '  → create it',
    '',
    'pair  state       sequences  failed  headroom  approvals  what',
    '──────────────────────────────────────────────────────────────────────────────',
    'c     blocked            10       0      5000          0  MISSING_ON_STANDBY',
    'd     failed             10       0      5000          0  NotReady: no standby',
    'a     open               10       0      5000          0',
    'b     handed-off         10       0      5000          1',
    '',
    'Next: fix what blocks, then:',
    '        sequence-failover resynchronize evacuate --by "$USER" --pair c',
    '      or see what to accept: sequence-failover approve evacuate --by "$USER"',
  ]);
});

it('says how many pairs a low terminal has no room for', () => {
  const many = Array.from({ length: 300 }, (_, at) => row(`pair-${at}`));
  const open = { ...status, gate: status.gate && { ...status.gate, state: 'open' as const, attention: [] } };
  const lines = fleetScreen(
    { workflowId: 'evacuate', status: open, pairs: many, retries: [], trouble: null },
    { ...canvas, width: 120 },
  );
  expect(lines).toHaveLength(23);
  expect(lines).toContain('… 291 more pairs: the terminal is not high enough');
  expect(lines.at(-1)).toBe('Next: approve all of them: sequence-failover approve evacuate --by "$USER"');
});

it('keeps the gate and its blocks on a low terminal, and leaves pairs out', () => {
  const view = { workflowId: 'evacuate', status, pairs, retries: [], trouble: null };
  expect(fleetScreen(view, { ...canvas, height: 10 })).toEqual([
    'evacuate  Waiting for approval  2026-05-01T02:10:00Z',
    'gate       blocked: 1 pair needs a person',
    '… 5 more lines: the terminal is not high enough',
    'block c MISSING_ON_STANDBY',
    '  public.invoices is not on the standby',
    '  → create it',
    'Next: fix what blocks, then:',
    '        sequence-failover resynchronize evacuate --by "$USER" --pair c',
    '      or see what to accept: sequence-failover approve evacuate --by "$USER"',
  ]);
});
