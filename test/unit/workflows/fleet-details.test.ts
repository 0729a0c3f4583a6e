import { expect, it } from 'vitest';
import type { FleetGate, FleetStatus } from '../../../src/contract/fleet-status.js';
import { toMarkdown } from '../../../workflows/fleet/details.js';

const gate: FleetGate = {
  ...{ state: 'open', decisions: [], decisionsCount: 0, refused: [], refusedCount: 0 },
  ...{ attention: [], attentionCount: 0 },
};

const status: FleetStatus = {
  ...{ phase: 'awaiting-approval', mode: 'failover', startedAt: '2026-01-01T00:00:00.000Z' },
  ...{ ticket: null, requestedBy: 'alice', concurrency: 5 },
  counts: { total: 3, queued: 0, preparing: 0, waiting: 2, deciding: 0, done: 1 },
  outcomes: {
    ...{ ready: 0, planned: 0, verified: 0, synchronized: 0, 'handed-off': 0 },
    ...{ failed: 1, rejected: 0, cancelled: 0, pending: 2 },
  },
  sequences: { total: 7, applied: 5, kept: 2, skipped: 0, failed: 0 },
  minimumHeadroom: { pair: 'orders', sequence: 'public.s', calls: '1000' },
  findings: [],
  gate,
  failures: [{ pair: 'users', failure: 'NotReady', message: 'it is down' }],
  failuresCount: 1,
  ending: null,
};

it('describes a fleet at its gate: how far its pairs are, what a person does next, and what has failed', () => {
  expect(toMarkdown(status, 'eu')).toBe(
    [
      '- Mode: `failover`\n- Asked for by: `alice`',
      'Next: `sequence-failover approve eu --by "$USER"`',
      '**awaiting-approval**, 3 pairs: 2 waiting, 1 done',
      '7 sequences: 5 set, 2 ahead already, 0 skipped, 0 failed',
      'Least headroom: 1000 calls on `orders: public.s`',
      'Gate: **open**',
      '- `users`: `NotReady: it is down`',
    ].join('\n\n'),
  );
});

it('names what blocks at the gates of its pairs, and in the end how it ended', () => {
  const block = { code: 'NOT_AHEAD', sequence: 'public.s' };
  const blocked: FleetGate = {
    ...gate,
    ...{ state: 'blocked', attentionCount: 30 },
    attention: [
      { pair: 'orders', gate: 'blocked', blockedBy: [block], blockedCount: 1, refused: null, blocks: [] },
      {
        ...{ pair: 'items', gate: 'open', blockedBy: [], blockedCount: 0, blocks: [] },
        refused: { at: '2026-01-01T00:00:00.000Z', kind: 'approve', by: 'bob', reason: 'not an approver' },
      },
    ],
  };
  const text = toMarkdown({ ...status, gate: blocked }, 'eu');
  expect(text).toContain('Next: fix what blocks, then `sequence-failover resynchronize eu --by "$USER"`');
  expect(text).toContain(
    '- `orders`: `NOT_AHEAD public.s`\n- `items`: `not an approver`\n\n… and 28 more, see the query status',
  );
  const ending = { state: 'cancelled' as const, message: 'it was cancelled', at: '2026-01-01T00:01:00.000Z' };
  expect(toMarkdown({ ...status, phase: 'done', ending }, 'eu')).toContain(
    'Ended **cancelled** (2026-01-01T00:01:00.000Z): `it was cancelled`',
  );
});
