import { expect, it } from 'vitest';
import type { SequenceRow } from '../../../src/contract/status.js';
import { explainedSequenceTable } from '../../../src/terminal/sequence-table.js';

const row = (sequence: string, outcome: SequenceRow['outcome']): SequenceRow => ({
  ...{ sequence, primaryNext: '1', standbyBefore: '1', target: '1', standbyNext: '1', buffer: '0' },
  ...{ outcome, reason: null },
});

it('keeps the order of up to 100 sequences', () => {
  const rows = [row('public.a', 'kept'), row('public.b', 'failed')];
  expect(explainedSequenceTable(rows, 80).filter((line) => line.includes('public.'))).toEqual([
    expect.stringContaining('public.a'),
    expect.stringContaining('public.b'),
  ]);
});

it('shows all that failed first, and says how many others it leaves out', () => {
  const kept = Array.from({ length: 2_000 }, (_, at) => row(`public.k${at}`, 'kept'));
  const rows = [...kept, row('public.set', 'applied'), row('public.bad', 'failed')];
  const lines = explainedSequenceTable(rows, 80);
  const named = lines.filter((line) => line.includes('public.'));
  expect(named).toHaveLength(100);
  expect(named[0]).toContain('public.bad');
  expect(named[1]).toContain('public.set');
  expect(lines.at(-1)).toBe('… and 1902 more sequences: --output json has all of them');
});

it('leaves out none that failed', () => {
  const rows = Array.from({ length: 150 }, (_, at) => row(`public.f${at}`, 'failed'));
  const lines = explainedSequenceTable(rows, 80);
  expect(lines.filter((line) => line.includes('public.'))).toHaveLength(150);
  expect(lines.at(-1)).not.toContain('more');
});

it('fits on 80 columns with the longest figures and a long name, which has a line of its own', () => {
  const longest = '9223372036854775807';
  const values = { primaryNext: longest, standbyBefore: longest, standbyNext: longest };
  const name = 'analytics.customer_subscription_events_archive_id_seq';
  expect(explainedSequenceTable([{ ...row(name, 'failed'), ...values, reason: 'it is locked' }], 80)).toEqual(
    [
      'sequence',
      `  ${'primary'.padStart(19)}  ${'standby'.padStart(19)}  ${'standby'.padStart(19)}`,
      `  ${'next'.padStart(19)}  ${'before'.padStart(19)}  ${'next'.padStart(19)}  outcome`,
      `  ${'─'.repeat(70)}`,
      name,
      `  ${longest}  ${longest}  ${longest}  failed`,
      '  it is locked',
    ],
  );
});
