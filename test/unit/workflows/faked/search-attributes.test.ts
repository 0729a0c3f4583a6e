import { beforeEach, expect, it, vi } from 'vitest';
import { parseInput } from '../../../../src/contract/input.js';
import { Run } from '../../../../workflows/failover/run.js';
import { SearchAttributes } from '../../../../workflows/failover/search-attributes.js';

/** What the run asked Temporal to set, one entry for each command of the history. */
const upserted: Record<string, string>[] = [];

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  upsertSearchAttributes: (pairs: { key: { name: string }; value: string }[]) => {
    upserted.push(Object.fromEntries(pairs.map(({ key, value }) => [key.name, value])));
  },
}));

beforeEach(() => {
  upserted.length = 0;
});

function begin(input: object): Run {
  const parsed = parseInput([input], { now: 0 });
  if (!parsed.ok) throw new Error(parsed.message);
  const run = Run.begin(parsed.input, '2026-01-31T02:00:00.000Z');
  run.observe(new SearchAttributes(run));
  return run;
}

it('sets nothing until a worker has said what the namespace has, and then only that', () => {
  const run = begin({ pair: 'orders', ticket: 'CHG-1' });
  run.changed();
  run.useWorkerSettings({});
  run.changed();
  expect(upserted).toEqual([]);
  run.useWorkerSettings({ searchable: ['pair', 'gate'] });
  run.changed();
  run.changed();
  expect(upserted).toEqual([{ SequenceFailoverPair: 'orders', SequenceFailoverGate: 'closed' }]);
});

it('sets what has changed alone, and the end with its outcome at once', () => {
  const run = begin({ mode: 'sync', ticket: 'CHG-1' });
  run.useWorkerSettings({ searchable: ['pair', 'mode', 'phase', 'gate', 'outcome', 'ticket'] });
  run.enter('synchronizing');
  run.enter('verifying');
  run.end('completed', 'synchronized');
  expect(upserted).toEqual([
    {
      SequenceFailoverPair: 'default',
      SequenceFailoverMode: 'sync',
      SequenceFailoverPhase: 'synchronizing',
      SequenceFailoverTicket: 'CHG-1',
    },
    { SequenceFailoverPhase: 'verifying' },
    { SequenceFailoverPhase: 'done', SequenceFailoverOutcome: 'synchronized' },
  ]);
});

it('cuts a value to what a server takes, by whole characters', () => {
  const run = begin({ ticket: 'é'.repeat(200) });
  run.useWorkerSettings({ searchable: ['ticket'] });
  run.changed();
  const [{ SequenceFailoverTicket: ticket } = {}] = upserted;
  expect(Buffer.byteLength(ticket ?? '')).toBeLessThanOrEqual(255);
  expect(ticket).toMatch(/^é+…?$/u);
});
