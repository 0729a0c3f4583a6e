import { expect, it } from 'vitest';
import type { PromotionStatus } from '../../../src/contract/promotion.js';
import { toMarkdown } from '../../../workflows/promotion/details.js';

const step = (name: PromotionStatus['steps'][number]['step'], state: 'done' | 'undoing' | 'pending') => ({
  ...{ step: name, state, startedAt: null, ms: null },
});

const status: PromotionStatus = {
  ...{ workflowId: 'promote-1', runId: 'r', pair: 'orders', rehearsal: false, phase: 'outage' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', ticket: 'CHG-1', requestedBy: null, primary: null },
  standby: {
    ...{ host: 'b', port: 5432, database: 'orders', serverVersion: '18.4', systemIdentifier: '2' },
  },
  ...{ approvals: [], outageBudget: '30 seconds', deadline: '2026-01-01T00:00:30.000Z', refused: [] },
  ...{ certificate: null, leftovers: [], ending: null },
  steps: [step('wayBack', 'done'), step('fence', 'done'), step('confirm', 'pending')],
  findings: [],
};

it('describes a promotion in its outage: until when, how far it is, and how to call it off', () => {
  expect(toMarkdown(status)).toBe(
    [
      '- Pair: `orders`\n- Ticket: `CHG-1`\n- Standby: `b:5432/orders, PostgreSQL 18.4`',
      '**outage**',
      'The standby has to be open by **2026-01-01T00:00:30.000Z** (30 seconds after the fence); otherwise everything is undone',
      'To call it off: `sequence-failover reject promote-1 --by "$USER" --reason \'called off\'`',
      '- ☑ wayBack: done\n- ☑ fence: done\n- ☐ confirm: pending',
    ].join('\n\n'),
  );
});

it('says what an undo has still to undo, where to see why it hangs, and in the end how to do it by hand', () => {
  const fence = { step: 'fence' as const, where: 'primary' as const, what: 'the fence', undo: ['a;', 'b;'] };
  const undoing: PromotionStatus = {
    ...status,
    phase: 'undoing',
    steps: [step('fence', 'undoing')],
    findings: [
      {
        severity: 'block',
        code: 'STANDBY_UNREACHABLE',
        sequence: null,
        count: 1,
        message: 'it is down',
        remedy: 'bring it back',
      },
    ],
    changes: [{ ...fence, failure: null }],
  };
  expect(toMarkdown(undoing).split('\n\n').slice(1)).toEqual([
    '**undoing**',
    '- ↶ fence: undoing',
    '- Not undone on the primary: the fence',
    'Each undo is repeated until it succeeds. The pending activities show why one fails.',
    '- **block STANDBY_UNREACHABLE**: `it is down` → `bring it back`',
  ]);
  const ending = {
    state: 'failed' as const,
    message: 'NotUndone: not undone',
    at: '2026-01-01T00:01:00.000Z',
  };
  const ended = {
    ...undoing,
    phase: 'done' as const,
    ending,
    changes: [{ ...fence, failure: 'permission denied' }],
  };
  expect(toMarkdown(ended)).toContain(
    '- Not undone on the primary: the fence (`permission denied`), by hand: `a; b;`',
  );
});

it('names the order of its fleet for which it waits, and what is left to tidy up', () => {
  const waiting: PromotionStatus = {
    ...{ ...status, rehearsal: true, phase: 'before-the-switch', leftovers: ['DROP SUBSCRIPTION old;'] },
    fleet: { workflowId: 'eu', waitsFor: 'fence' },
  };
  const text = toMarkdown(waiting);
  expect(text).toContain('- Rehearsal: `sets no fence and opens nothing`');
  expect(text).toContain('**before-the-switch**, waits for the order of its fleet: fence');
  expect(text).toContain('- Left to tidy up: `DROP SUBSCRIPTION old;`');
});
