import { expect, it, vi } from 'vitest';
import { showEnding } from '../../../src/cli/endings/run-ending.js';
import { Output } from '../../../src/cli/output.js';
import { atGate, before, finding, openGate } from '../terminal/statuses.js';

/** The lines of a failed run whose status has a block. */
function linesOf(type: string, mode: 'failover' | 'check' = 'failover'): string[] {
  const output = new Output('text');
  const printed = vi.spyOn(output, 'result').mockReturnValue();
  const status = atGate({ mode, phase: 'done', findings: [finding('SLOT_MISSING', null)] });
  showEnding(output, 'failover-orders', { state: 'failed', type, message: 'alice says why', status });
  return [...(printed.mock.calls[0]?.[0] ?? [])];
}

it.each(['Rejected', 'Vetoed', 'ApprovalTimedOut', 'HandoffFailed', 'Internal', 'NotReady'])(
  'a run that ended as %s with a block says why',
  (type) => {
    expect(linesOf(type)).toEqual(
      expect.arrayContaining(['alice says why', expect.stringContaining('SLOT_MISSING')]),
    );
  },
);

it.each([
  ['NotAhead', 'failover'],
  ['NotReady', 'check'],
] as const)('a message that only lists the blocks is not repeated: %s, %s', (type, mode) => {
  const lines = linesOf(type, mode);
  expect(lines).not.toContain('alice says why');
  expect(lines).toContainEqual(expect.stringContaining('SLOT_MISSING'));
});

it('a block that was accepted names who accepted it, in the sentence of its message', () => {
  const output = new Output('text');
  const printed = vi.spyOn(output, 'result').mockReturnValue();
  const approval = { by: 'alice', at: before(30), reason: null, accept: ['PRIMARY_UNREACHABLE'] };
  const status = atGate({
    ...{ phase: 'done', ending: { state: 'completed', message: 'handed-off', at: before(1) } },
    gate: { ...openGate, state: 'approved', approvals: [approval] },
    findings: [finding('PRIMARY_UNREACHABLE', null, { message: 'It cannot be reached.', remedy: 'wait' })],
  });
  showEnding(output, 'failover-orders', {
    ...{ state: 'completed', status, result: { ...status, outcome: 'handed-off' } },
  } as never);
  const lines = printed.mock.calls[0]?.[0] ?? [];
  expect(lines.slice(lines.indexOf('block PRIMARY_UNREACHABLE')).slice(1, 3)).toEqual([
    '  It cannot be reached; accepted by alice',
    '',
  ]);
});
