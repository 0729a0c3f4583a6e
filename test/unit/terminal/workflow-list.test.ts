import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { endedLines, type ListedRow } from '../../../src/terminal/workflow-list.js';

const row = (workflowId: string): ListedRow => ({
  ...{ workflowId, runId: 'b2c5', kind: 'run', pair: 'orders', pairs: null, mode: 'failover' },
  ...{ isRehearsal: false, phase: null, gate: null, heldUntil: null, ticket: null, requestedBy: null },
  ...{ startedAt: '2026-11-20T01:00:00.000Z', endedAt: '2026-11-20T02:00:00.123Z', state: 'completed' },
  ...{ outcome: 'handed-off', doing: '', next: [], trouble: null },
});

it('shows those that have ended in one line each, if the terminal is wide enough', () => {
  expect(endedLines([row('night 1')], 80)).toEqual([
    'ended                 outcome     what                workflow',
    '─'.repeat(63),
    "2026-11-20T02:00:00Z  handed-off  failover of orders  'night 1'",
  ]);
});

it('gives what report takes a line of its own, if the terminal is narrow', () => {
  const long = 'failover-orders-of-the-second-region-2026-11-20';
  const lines = endedLines([row(long), row('night')], 80);
  expect(lines).toEqual([
    'ended                 outcome     what',
    '─'.repeat(52),
    '2026-11-20T02:00:00Z  handed-off  failover of orders',
    `  ${long}`,
    '2026-11-20T02:00:00Z  handed-off  failover of orders',
    '  night',
  ]);
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
});

it('says of an ending that could not be read that only its state is known', () => {
  const unread = { ...row('night'), outcome: null, trouble: 'it cannot be decrypted' };
  expect(endedLines([unread], 80).at(-1)).toBe(
    '2026-11-20T02:00:00Z  completed, unread  failover of orders  night',
  );
});
