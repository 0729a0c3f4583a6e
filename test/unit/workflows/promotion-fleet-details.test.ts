import { expect, it } from 'vitest';
import type { PromotedPair, PromotionFleetStatus } from '../../../src/contract/promotion-fleet.js';
import { toMarkdown } from '../../../workflows/promotion-fleet/details.js';

const pairOf = (pair: string, more: Partial<PromotedPair> = {}): PromotedPair => ({
  ...{ pair, workflowId: `eu/${pair}`, state: 'ready', outcome: 'pending', failure: null, message: null },
  ...{ certificate: null, leftovers: [] },
  ...more,
});

const status: PromotionFleetStatus = {
  ...{ workflowId: 'eu', runId: 'r', rehearsal: false, phase: 'outage', ticket: 'CHG-1', requestedBy: null },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', outageBudget: '30 seconds' },
  ...{ deadline: '2026-01-01T00:00:30.000Z', decision: null, refused: [], certificate: null, ending: null },
  pairs: [pairOf('orders'), pairOf('users', { state: 'verified' })],
  findings: [],
};

it('describes a fleet in its outage: until when, how far each pair is, and how to call it off', () => {
  expect(toMarkdown(status)).toBe(
    [
      '- Ticket: `CHG-1`',
      '**outage**, 2 pairs',
      'Every standby has to be open by **2026-01-01T00:00:30.000Z** (30 seconds after the first fence); otherwise everything is undone',
      'To call it off: `sequence-failover reject eu --by "$USER" --reason \'called off\'`',
      '- ▸ `orders`: ready\n- ▸ `users`: verified',
    ].join('\n\n'),
  );
});

it('says why it has decided to undo, names the pair that failed first, and what is left', () => {
  const ended: PromotionFleetStatus = {
    ...status,
    phase: 'done',
    decision: { order: 'undo', at: '2026-01-01T00:00:20.000Z', failure: 'Vetoed', reason: 'users: no' },
    pairs: [
      pairOf('orders', {
        ...{ state: 'done', outcome: 'undone', failure: 'FleetStopped', message: 'users' },
      }),
      pairOf('users', {
        ...{ state: 'done', outcome: 'not-undone', failure: 'NotUndone', message: 'it is down' },
        leftovers: ['DROP SUBSCRIPTION s;'],
      }),
    ],
    ending: { state: 'failed', message: 'NotUndone: users', at: '2026-01-01T00:00:25.000Z' },
  };
  expect(toMarkdown(ended)).toBe(
    [
      '- Ticket: `CHG-1`',
      '**done**, 2 pairs',
      'Decided: **undo** (2026-01-01T00:00:20.000Z): `users: no`',
      '- ✗ `users`: not-undone, `NotUndone: it is down`\n- ↶ `orders`: undone',
      'Ended **failed** (2026-01-01T00:00:25.000Z): `NotUndone: users`',
      '- Left to tidy up: `DROP SUBSCRIPTION s;`',
    ].join('\n\n'),
  );
});

it('lists the first of very many pairs', () => {
  const pairs = Array.from({ length: 100 }, (_, at) => pairOf(`p${at}`));
  const text = toMarkdown({ ...status, pairs });
  expect(text).toContain('- ▸ `p19`: ready');
  expect(text).not.toContain('`p20`');
  expect(text).toContain('… and 80 more, see the query status');
});
