import { expect, it } from 'vitest';
import { promoteCommand, realCommand } from '../../../src/terminal/promote-command.js';

it.each([
  ['promote-default', {}, ''],
  ['promote-orders', { pair: 'orders' }, ' --pair orders'],
  ['rehearse-orders', { pair: 'orders', rehearse: true }, ' --pair orders --rehearse'],
  [
    'promote-orders',
    { pair: 'orders', rehearse: true },
    ' --pair orders --rehearse --workflow-id promote-orders',
  ],
  [
    'mine',
    { ticket: "it's mine", requestedBy: 'al ice', pair: 'orders' },
    ` --pair orders --workflow-id mine --ticket 'it'\\''s mine' --requested-by 'al ice'`,
  ],
  [
    'promote-orders',
    { pair: 'orders', overrides: [{ match: 'public.*', rows: 'ignore' }], outageBudget: '1 minute' },
    ` --pair orders --input '{"overrides":[{"match":"public.*","rows":"ignore"}],"outageBudget":"1 minute"}'`,
  ],
  [
    'promote-eu',
    { pairs: ['a', 'b'], failback: false },
    ` --pair a --pair b --workflow-id promote-eu --input '{"failback":false}'`,
  ],
  // With a single --pair, the command would start a promotion of one pair.
  ['promote-eu', { pairs: ['a'] }, ` --workflow-id promote-eu --input '{"pairs":["a"]}'`],
  [
    'promote-eu',
    { pairs: ['a', { pair: 'b' }] },
    ` --workflow-id promote-eu --input '{"pairs":["a",{"pair":"b"}]}'`,
  ],
  ['promote-default', { ticket: 7 }, ` --input '{"ticket":7}'`],
])('the command repeats a start as it was: %s %j', (workflowId, input, options) => {
  expect(promoteCommand({ workflowId, input })).toBe(`sequence-failover promote${options}`);
});

it.each([
  ['rehearse-orders', { pair: 'orders', rehearse: true }, ' --pair orders'],
  ['rehearse-eu', { pairs: ['a', 'b'], rehearse: true }, ' --pair a --pair b --workflow-id promote-eu'],
  ['both', { pairs: ['a', 'b'], rehearse: true }, ' --pair a --pair b --workflow-id both'],
])('a rehearsal is followed by the real promotion: %s %j', (workflowId, input, options) => {
  expect(realCommand({ workflowId, input })).toBe(`sequence-failover promote${options}`);
});
