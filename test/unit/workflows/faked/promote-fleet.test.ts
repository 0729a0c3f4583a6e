import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, expect, it, vi } from 'vitest';
import { INTERNAL_SIGNALS } from '../../../../src/contract/names.js';
import { onFlood } from '../../../../workflows/floods.js';
import { promoteFleet } from '../../../../workflows/promotion-fleet/promote-fleet.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { primary, standby } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

it('fences no pair if one of them failed before the fence, and names what failed', async () => {
  const told: string[] = [];
  const failure = (message: string, type: string) => ApplicationFailure.nonRetryable(message, type);
  temporal.startChild = (_, { workflowId }) => {
    let undo: (why: Error) => void = () => undefined;
    const undone = new Promise<never>((__, reject) => {
      undo = reject;
    });
    // Nobody waits for that of the pair which has failed.
    undone.catch(() => undefined);
    const signal = (name: string) => {
      told.push(`${workflowId} ${name}`);
      if (name === INTERNAL_SIGNALS.fleetUndo) undo(failure('undone', 'FleetStopped'));
      return Promise.resolve();
    };
    const result = () =>
      workflowId === 'workflow/b' ? Promise.reject(failure('no slot', 'NotReady')) : undone;
    return { firstExecutionRunId: 'r', signal, result };
  };
  temporal.whileWaiting.push(() => {
    onFlood(INTERNAL_SIGNALS.promotionMember, [{ pair: 'a', state: 'prepared', primary, standby }]);
  });
  const fleet = asWorkflow(() => promoteFleet({ pairs: ['a', 'b'], fence: { kind: 'read-only' } }));
  await expect(fleet).rejects.toMatchObject({
    ...{ type: 'NotReady', message: 'b: no slot; no pair was fenced' },
    details: [{ pairs: [{ outcome: 'undone' }, { outcome: 'undone' }] }],
  });
  expect(told).not.toContain(`workflow/a ${INTERNAL_SIGNALS.fleetFence}`);
  expect(told).toContain(`workflow/a ${INTERNAL_SIGNALS.fleetUndo}`);
});
