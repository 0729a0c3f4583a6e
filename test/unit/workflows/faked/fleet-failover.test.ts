import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MEMO } from '../../../../src/contract/names.js';
import { fleetFailover } from '../../../../workflows/fleet/fleet-failover.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { failedAs } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const counts = { total: 1, applied: 1, kept: 0, skipped: 0, failed: 0 };
const completed = { outcome: 'handed-off', counts, minimumHeadroom: null, gate: null };

beforeEach(() => {
  reset();
  temporal.startChild = () => ({
    ...{ firstExecutionRunId: 'pair-run', signal: () => Promise.resolve() },
    result: () => Promise.resolve(completed),
  });
});

const started = () => temporal.children.map(({ workflowId }) => workflowId);
const fleet = (input: object) => asWorkflow(() => fleetFailover(input));

describe('a fleet', () => {
  it('starts one run for each pair, which ends with the fleet, whatever ends the fleet', async () => {
    expect(await fleet({ pairs: ['a', 'b'] })).toMatchObject({ outcome: 'completed', counts: { done: 2 } });
    expect(temporal.children).toMatchObject(
      ['a', 'b'].map((pair) => ({
        ...{ workflowId: `workflow/${pair}`, args: [{ pair }], memo: { [MEMO.fleet]: 'workflow' } },
        parentClosePolicy: 'REQUEST_CANCEL',
      })),
    );
  });

  it('does not start an entry whose databases could not be listed, whatever the reason', async () => {
    for (const type of ['NotReady', 'Unworkable', 'StandbyUnreachable', 'Internal']) {
      temporal.children.length = 0;
      temporal.activities['listDatabases'] = () => {
        throw failedAs('listDatabases', type);
      };
      await expect(fleet({ pairs: ['a', { pair: 'b', databases: '*' }] })).rejects.toMatchObject({
        type: 'FleetIncomplete',
        message: expect.stringContaining('1 of 2 pairs ended well') as string,
        details: [{ failures: [{ pair: 'b' }] }],
      });
      expect(started()).toEqual(['workflow/a']);
    }
  });

  it('notes how each run failed, and goes on with the others', async () => {
    temporal.startChild = (_, { workflowId }) => {
      if (workflowId === 'workflow/a') throw new WorkflowExecutionAlreadyStartedError('x', workflowId, 'y');
      return {
        ...{ firstExecutionRunId: 'r', signal: () => Promise.resolve() },
        result: () =>
          workflowId === 'workflow/b'
            ? Promise.reject(ApplicationFailure.nonRetryable('bob rejected it', 'Rejected'))
            : Promise.resolve(completed),
      };
    };
    await expect(fleet({ pairs: ['a', 'b', 'c'] })).rejects.toMatchObject({
      ...{ type: 'FleetIncomplete' },
      details: [{ outcomes: { failed: 1, rejected: 1, 'handed-off': 1 } }],
    });
  });
});

describe('a fleet that hands off to one promotion', () => {
  const handoff = {
    ...{ workflowType: 'promoteFleet', taskQueue: 'sequence-failover', workflowId: 'tonight' },
    input: { fence: { kind: 'read-only', except: ['monitoring'] } },
  };

  it('asks whether its workflow ID is free before it starts anything', async () => {
    temporal.activities['checkHandoff'] = () => [
      {
        ...{ severity: 'block', code: 'HANDOFF_ID_TAKEN', sequence: null, count: 1 },
        ...{ message: 'tonight is taken', remedy: 'choose another' },
      },
    ];
    await expect(fleet({ pairs: ['a'], handoff })).rejects.toThrow(/tonight is taken/);
    expect(started()).toEqual([]);
  });

  it('tells its runs, for what blocks a promotion blocks them', async () => {
    temporal.activities['checkHandoff'] = () => [];
    await fleet({ pairs: ['a'], handoff });
    expect(temporal.children[0]).toMatchObject({
      workflowId: 'workflow/a',
      memo: {
        [MEMO.promoted]: true,
        [MEMO.fenceExcept]: ['monitoring'],
        [MEMO.promotion]: { fence: { kind: 'read-only', except: ['monitoring'] }, failback: true },
      },
    });
    expect(temporal.children[1]).toMatchObject({ type: 'promoteFleet', workflowId: 'tonight' });
  });
});
