import { expect, it, vi } from 'vitest';
import { showEnding } from '../../../src/cli/endings/run-ending.js';
import { Output } from '../../../src/cli/output.js';
import { atGate, finding } from '../terminal/statuses.js';

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
