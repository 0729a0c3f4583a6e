import { describe, expect, it } from 'vitest';
import type { NotifiedGate } from '../../../../src/contract/notification.js';
import {
  notificationText,
  type NotificationFacts,
} from '../../../../src/planning/notification/notification-text.js';

const deadline = '2027-01-31T02:00:00.000Z';
const gate: NotifiedGate = {
  ...{ state: 'open', approvals: 0, required: 2, deadline, blockedBy: [], blockedCount: 0 },
};
const told = (more: Partial<NotificationFacts>): NotificationFacts => ({
  ...{
    event: 'gate-opened',
    pair: 'orders',
    mode: 'failover',
    ticket: 'CHG-1',
    workflowId: 'failover-orders',
  },
  ...{ gate, counts: { total: 12, applied: 9, kept: 2, skipped: 1, failed: 0 }, toppedUp: 0, handoff: null },
  ...{ minimumHeadroom: { sequence: 'public.a', calls: '10000' }, ending: null },
  ...more,
});

describe('the text of a notification', () => {
  it.each<[Partial<NotificationFacts>, string]>([
    [
      { event: 'gate-opened' },
      `Failover of orders, CHG-1: the gate is open until ${deadline}. 11 of 12 sequences are ahead, by at least 10000 calls of nextval (public.a). 0 of 2 approvals; to approve: sequence-failover approve failover-orders --by "$USER"`,
    ],
    [
      {
        event: 'gate-blocked',
        gate: {
          ...gate,
          state: 'blocked',
          blockedBy: [
            { code: 'MISSING_ON_STANDBY', sequence: 'public.a' },
            ...['B', 'C', 'D'].map((code) => ({ code, sequence: null })),
          ],
          blockedCount: 30,
        },
      },
      'Failover of orders, CHG-1: the gate is blocked by MISSING_ON_STANDBY on public.a, B, C and 27 more. For the remedies: sequence-failover status failover-orders',
    ],
    [
      { event: 'topped-up', toppedUp: 1, ticket: null },
      'Failover of orders: 1 sequence was topped up while the gate is open; the least headroom is now 10000 calls of nextval (public.a)',
    ],
    [
      { event: 'timing-out', workflowId: "it's due" },
      `Failover of orders, CHG-1: the run ends as ApprovalTimedOut at ${deadline}, with 0 of 2 approvals so far. To approve: sequence-failover approve 'it'\\''s due' --by "$USER"`,
    ],
    [
      {
        event: 'ended',
        ending: { state: 'completed', message: 'handed-off', at: deadline },
        handoff: { workflowType: 'promote', taskQueue: 'q', workflowId: 'promote-orders' },
      },
      'Failover of orders, CHG-1: completed; handed off to promote (promote-orders)',
    ],
    [
      { event: 'ended', ending: { state: 'completed', message: 'handed-off', at: deadline } },
      'Failover of orders, CHG-1: completed: approved and verified. It started no promotion; for the next step: sequence-failover status failover-orders',
    ],
    [
      {
        event: 'ended',
        mode: 'sync',
        ending: { state: 'failed', message: 'NotAhead: public.a', at: deadline },
      },
      'Run (sync) of orders, CHG-1: failed: NotAhead: public.a',
    ],
  ])('says for %o what happened, and what to do', (more, text) => {
    expect(notificationText(told(more))).toBe(text);
  });

  it('lets no name call anybody, look like a link, or break the line', () => {
    const text = notificationText(told({ pair: '<!channel> @here @Everyone a@example.org\n\u202e' }));
    expect(text).toContain('‹!channel› ＠here ＠Everyone a@example.org  ');
    expect(text).not.toMatch(/[<>\n\u202e]/u);
  });
});
