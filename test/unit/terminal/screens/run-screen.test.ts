import fc from 'fast-check';
import picocolors from 'picocolors';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { runScreen, type RunView } from '../../../../src/terminal/screens/run-screen.js';
import { atGate, finding, NOW, openGate } from '../statuses.js';

const colors = picocolors.createColors(false);
const canvas = { colors, width: 80, height: 24, now: NOW };
const view = (changes: Parameters<typeof atGate>[0] = {}): RunView => ({
  ...{ workflowId: 'failover-orders', status: atGate(changes), retries: [], trouble: null },
});

const blocked = {
  findings: [
    finding('SLOT_MISSING', null, { severity: 'warn', message: 'no slot is there', remedy: '' }),
    finding('MISSING_ON_STANDBY', 'public.invoices', {
      message: 'public.invoices is on the primary, and not on the standby',
      remedy:
        'create it on the standby: psql "$STANDBY_URL" -c \'CREATE SEQUENCE public.invoices START 1\'; then signal resynchronize',
    }),
  ],
  gate: {
    ...openGate,
    state: 'blocked' as const,
    blockedBy: [{ code: 'MISSING_ON_STANDBY', sequence: 'public.invoices' }],
  },
};

describe('a run on a terminal', () => {
  it('shows at its open gate what was proven, how long it lasts, and how to approve', () => {
    const consumption = {
      ...{ sequence: 'public.orders_id_seq', headroom: '9000', callsPerSecond: '10.00', lastsSeconds: '900' },
    };
    expect(runScreen(view({ consumption }), canvas)).toEqual([
      'orders  Waiting at the gate: open, waits for 2 approvals  2026-05-01T02:10:00Z',
      'failover-orders, failover, CHG-123, asked for by alice',
      '✓ check  ✓ set  ✓ verify  ✓ record  ▸ gate  · hand off',
      '',
      'primary    primary.example:5432/shop, PostgreSQL 17.4',
      'standby    standby.example:5432/shop, PostgreSQL 17.4',
      'sequences  120: 118 set, 2 ahead already, 0 skipped, 0 failed',
      'headroom   least: 9000 calls, on public.orders_id_seq',
      '           lasts 14 minutes 48 seconds, at 10.00 calls a second',
      'verified   12 seconds ago, at 2026-05-01T02:09:48.000Z',
      'gate       open: 0 of 2 approvals',
      'deadline   2026-05-01T04:15:00.000Z, in 2 hours 5 minutes',
      '',
      'Next: stop everything that writes to the primary, then approve it:',
      '        sequence-failover approve failover-orders --by "$USER"',
    ]);
  });

  it('shows at a blocked gate each block with its remedy, and the ways on', () => {
    expect(runScreen(view(blocked), { ...canvas, width: 120, height: 40 }).slice(-12)).toEqual([
      'gate       blocked: 0 of 2 approvals',
      'deadline   2026-05-01T04:15:00.000Z, in 2 hours 5 minutes',
      '',
      'block MISSING_ON_STANDBY',
      '  public.invoices is on the primary, and not on the standby',
      '  → create it on the standby: psql "$STANDBY_URL" -c \'CREATE SEQUENCE public.invoices START 1\'',
      '  → then run: sequence-failover resynchronize failover-orders --by "$USER"',
      'warn SLOT_MISSING',
      '  no slot is there',
      '',
      'Next: fix what blocks, then: sequence-failover resynchronize failover-orders --by "$USER"',
      '      or accept: sequence-failover approve failover-orders --by "$USER" --accept public.invoices',
    ]);
  });

  it.each([10, 15, 20, 24])(
    'on a terminal of %i rows a block keeps its remedy, and the gate what it waits for',
    (height) => {
      const lines = runScreen(view(blocked), { ...canvas, height });
      expect(lines.length).toBeLessThan(height);
      expect(lines[0]).toMatch(/^orders {2}Waiting at the gate: blocked by 1 block {2}/u);
      expect(lines).toContain('gate       blocked: 0 of 2 approvals');
      const at = lines.findIndex((line) => line.startsWith('block MISSING_ON_STANDBY'));
      const remedy = lines.findIndex((line) => line === '  → create it on the standby:');
      expect(at).toBeGreaterThan(0);
      expect(lines.slice(remedy, remedy + 3)).toEqual([
        '  → create it on the standby:',
        '      psql "$STANDBY_URL" -c \'CREATE SEQUENCE public.invoices START 1\'',
        '  → then run: sequence-failover resynchronize failover-orders --by "$USER"',
      ]);
      expect(lines).toContain('Next: fix what blocks, then:');
      // Servers and numbers go first.
      expect(lines.some((line) => line.startsWith('primary'))).toBe(height === 24);
    },
  );

  it('says how many findings and lines a low terminal has no room for, the blocks first', () => {
    const findings = Array.from({ length: 9 }, (_, at) => finding('NOT_AHEAD', `public.s_${at}`));
    const many = view({ ...blocked, findings: [...findings, ...blocked.findings] });
    const lines = runScreen(many, { ...canvas, height: 15 });
    expect(lines).toHaveLength(14);
    expect(lines).toContain('… 2 more (1 block), 9 cut short: sequence-failover status failover-orders');
    expect(lines.slice(-2)).toEqual([
      'Next: fix what blocks, then:',
      '        sequence-failover resynchronize failover-orders --by "$USER"',
    ]);
    const open = runScreen(view(), { ...canvas, height: 9 }).join('\n');
    expect(open).toMatch(/^… \d more lines: the terminal is not high enough$/mu);
    expect(open).toContain('gate       open: 0 of 2 approvals');
  });

  it('shows how many pages are done while it works', () => {
    const lines = runScreen(
      view({ phase: 'synchronizing', gate: null, pages: { total: 12, done: 3 } }),
      canvas,
    );
    expect(lines).toContain('✓ check  ▸ set  · verify  · record  · gate  · hand off');
    expect(lines).toContain('pages      ███████░░░░░░░░░░░░░░░░░░░░░░░ 3 of 12 are done');
    expect(lines.some((line) => line.startsWith('Next:'))).toBe(false);
  });

  it('shows what Temporal tries again, and that the screen is old', () => {
    const retries = [
      {
        step: 'checkReadiness',
        attempt: 4,
        message: `connect ECONNREFUSED 10.0.0.1:5432; ${'check the server; '.repeat(9)}`,
      },
    ];
    const lines = runScreen({ ...view(), retries, trouble: 'The connection is lost' }, canvas);
    expect(lines[2]).toBe('The connection is lost');
    const at = lines.indexOf('retrying   check that both sides are ready, attempt 4');
    expect(lines.slice(at + 1, at + 4)).toEqual([
      '           connect ECONNREFUSED 10.0.0.1:5432; check the server; check the',
      expect.stringMatching(/^ {11}server; check the server; .*…$/u),
      expect.not.stringContaining('check the server'),
    ]);
  });

  it('names a busy sequence beside the one with the least headroom', () => {
    const consumption = {
      ...{ sequence: 'public.busy', headroom: '50000', callsPerSecond: '500.00', lastsSeconds: '100' },
    };
    const lines = runScreen(view({ consumption }), { ...canvas, width: 120 });
    expect(lines).toContain('headroom   least: 9000 calls, on public.orders_id_seq');
    expect(lines).toContain('           used up first: 50000 calls, on public.busy');
    expect(lines).toContain('           lasts 1 minute 28 seconds, at 500.00 calls a second');
  });

  it('has no colours but those that it is given', () => {
    const coloured = runScreen(view(blocked), { ...canvas, colors: picocolors.createColors(true) });
    expect(coloured.join('\n')).toContain('\u001B[31mblock\u001B[39m');
    expect(runScreen(view(blocked), canvas).join('\n')).not.toContain('\u001B');
  });

  it('is never wider or higher than the terminal, whatever names hold', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 200 });
    const size = { width: fc.integer({ min: 20, max: 200 }), height: fc.integer({ min: 1, max: 60 }) };
    fc.assert(
      fc.property(fc.record(size), hostile, fc.nat({ max: 30 }), ({ width, height }, name, count) => {
        const findings = Array.from({ length: count }, () =>
          finding('NOT_AHEAD', name, { message: `${name} is behind`, remedy: name }),
        );
        const lines = runScreen(
          view({
            ...blocked,
            findings,
            pair: name,
            ticket: name,
            minimumHeadroom: { sequence: name, calls: '1' },
          }),
          { colors, width, height, now: NOW },
        );
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, height - 1));
        for (const line of lines) {
          expect(stringWidth(line)).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 50 },
    );
  });
});
