import {
  ChildWorkflowFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { askBeforeHandoff } from '../../../../workflows/failover/before-handoff.js';
import { continueIfLong } from '../../../../workflows/failover/continuation.js';
import { handOff } from '../../../../workflows/failover/hand-off.js';
import { takeLock } from '../../../../workflows/failover/lock.js';
import type { Run } from '../../../../workflows/failover/run.js';
import { unlessRejected } from '../../../../workflows/failover/unless-rejected.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { approved, runOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

const handoff = {
  workflowType: 'movePgBouncer',
  taskQueue: 'operations',
  workflowId: 'move',
  input: { a: 1 },
};

/** A child whose start, or whose end, is this. */
const childThat = (result: () => Promise<unknown>) => () => ({
  ...{ firstExecutionRunId: 'promotion-run', signal: () => Promise.resolve() },
  result,
});

describe('the handoff', () => {
  it('starts the promotion so that it can never run twice, and outlives the run', async () => {
    temporal.startChild = childThat(() => Promise.resolve({}));
    const run = runOf({ handoff }, approved);
    await handOff(run);
    expect(temporal.children).toMatchObject([
      {
        ...{ type: 'movePgBouncer', workflowId: 'move', taskQueue: 'operations' },
        ...{ parentClosePolicy: 'ABANDON', workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' },
        args: [{ pair: 'shop', outcome: 'handed-off', phase: 'done' }, { a: 1 }],
      },
    ]);
    expect(temporal.children[0]).not.toHaveProperty('workflowTaskTimeout');
    expect(run.status().handoff).toEqual({
      ...{ workflowType: 'movePgBouncer', taskQueue: 'operations', workflowId: 'move' },
      runId: 'promotion-run',
    });
  });

  it('is not stopped by a rejection or a cancellation that comes when it has begun', async () => {
    const run = runOf({ handoff }, approved);
    const verdicts: object[] = [];
    await asWorkflow((cancel) => {
      temporal.startChild = (...start) => {
        cancel();
        verdicts.push(
          run.gate.reject('bob', 'no'),
          run.gate.approve({ ...{ by: 'bob', at: '' }, reason: null, accept: [] }),
        );
        return childThat(() => Promise.resolve(start))();
      };
      return handOff(run);
    });
    const stands = { stands: false, reason: 'the run was approved and is being handed off' };
    expect(verdicts).toEqual([stands, stands]);
    expect(run.isChecked('handOff')).toBe(true);
  });

  it('fails if the workflow ID has completed already', async () => {
    temporal.startChild = () => {
      throw new WorkflowExecutionAlreadyStartedError('started', 'move', 'movePgBouncer');
    };
    const run = runOf({ handoff }, approved);
    await expect(handOff(run)).rejects.toMatchObject({ type: 'HandoffFailed' });
    expect(run.isChecked('handOff')).toBe(false);
  });
});

it('a handoff fails with the error of its start, if it has another reason', async () => {
  temporal.startChild = () => {
    throw new TypeError('the start is invalid');
  };
  const run = runOf({ handoff }, approved);
  await expect(handOff(run)).rejects.toThrow('the start is invalid');
  expect(run.isChecked('handOff')).toBe(false);
});

describe('what comes in the same workflow task as the end of the last step', () => {
  const ending = (run: Run, late: (cancel: () => void) => void) =>
    asWorkflow((cancel) =>
      unlessRejected(run, () => {
        late(cancel);
        return Promise.resolve('ready');
      }),
    );

  it('is a rejection: nothing is handed off', async () => {
    const run = runOf({}, approved);
    await expect(ending(run, () => run.gate.reject('bob', 'no'))).rejects.toMatchObject({
      ...{ type: 'Rejected', message: 'bob rejected the failover: no; nothing was handed off' },
    });
  });

  it('is a cancellation: nothing is handed off', async () => {
    const ended = ending(runOf({}, approved), (cancel) => {
      cancel();
    });
    await expect(ended).rejects.toThrow('the run was cancelled');
  });

  it('is nothing: the run goes on', async () => {
    expect(await ending(runOf({}, approved), () => undefined)).toBe('ready');
  });
});

describe('the hook before the handoff', () => {
  const run = () =>
    runOf(
      { hooks: { beforeHandoff: { workflowType: 'mayWeGo', taskQueue: 'q', timeout: '9 minutes' } } },
      approved,
    );
  const failedBy = (cause: Error) =>
    new ChildWorkflowFailure(
      ...([undefined, { workflowId: 'w', runId: 'r' }, 'mayWeGo', RetryState.TIMEOUT, cause] as const),
    );

  it.each([
    [
      'gives no answer',
      failedBy(new TimeoutFailure('late', undefined, TimeoutType.START_TO_CLOSE)),
      /^mayWeGo \(hooks\.beforeHandoff\) gave no answer within 9 minutes; check that a worker polls its task queue; nothing was handed off/,
    ],
    ['is cancelled', failedBy(new CancelledFailure('stop')), /was cancelled; nothing was handed off/],
    [
      'refuses',
      failedBy(new Error('not tonight')),
      /vetoed the handoff: not tonight; nothing was handed off/,
    ],
  ])('vetoes it where it %s', async (_, failure, message) => {
    temporal.startChild = childThat(() => Promise.reject(failure));
    await expect(askBeforeHandoff(run())).rejects.toMatchObject({
      ...{ type: 'Vetoed', message: expect.stringMatching(message) as string },
    });
  });

  it('gets its input, the run, and what was approved', async () => {
    temporal.startChild = childThat(() => Promise.resolve(null));
    const approvals = [{ by: 'alice', at: '2026-01-02T03:04:05.000Z', reason: 'go', accept: [] }];
    const hook = { workflowType: 'mayWeGo', taskQueue: 'q', input: { level: 3 } };
    await askBeforeHandoff(runOf({ hooks: { beforeHandoff: hook } }, { ...approved, approvals }));
    expect(temporal.children).toMatchObject([
      {
        ...{ workflowId: 'workflow/before-handoff', taskQueue: 'q' },
        args: [
          {
            ...{ purpose: 'before-handoff', pair: 'shop', input: { level: 3 } },
            approvals: [{ by: 'alice', at: '2026-01-02T03:04:05.000Z' }],
            run: { workflowId: 'workflow', runId: 'run' },
          },
        ],
      },
    ]);
  });

  it('passes an error on that is no veto, and the cancellation of the run', async () => {
    temporal.startChild = () => {
      throw new TypeError('the start is invalid');
    };
    await expect(askBeforeHandoff(run())).rejects.toThrow('the start is invalid');
    const ended = asWorkflow((cancel) => {
      temporal.startChild = childThat(() => {
        cancel();
        return Promise.reject(failedBy(new CancelledFailure('stop')));
      });
      return askBeforeHandoff(run());
    });
    await expect(ended).rejects.not.toMatchObject({ type: 'Vetoed' });
  });

  it('lets it pass where it completes', async () => {
    temporal.startChild = childThat(() => Promise.resolve(null));
    await askBeforeHandoff(run());
    expect(temporal.children).toMatchObject([{ type: 'mayWeGo', workflowExecutionTimeout: 540_000 }]);
  });
});

it('the lock of a pair is held by the first run of the chain, which later ones continue', async () => {
  await takeLock(runOf());
  expect(temporal.executions).toMatchObject([
    { activity: 'lockPair', input: { pair: 'shop', holder: { workflowId: 'workflow', runId: 'first-run' } } },
  ]);
});

it('a long run continues as new only when the handlers of its messages have finished', async () => {
  const continued: unknown[] = [];
  temporal.continueAsNew = (...args) => {
    continued.push(...args);
  };
  await continueIfLong(runOf());
  expect(continued).toEqual([]);
  temporal.info.continueAsNewSuggested = true;
  temporal.handlersFinished = false;
  temporal.whileWaiting.push(() => {
    expect(continued).toEqual([]);
    temporal.handlersFinished = true;
  });
  await continueIfLong(runOf());
  expect(temporal.whileWaiting).toEqual([]);
  expect(continued).toMatchObject([null, { continues: 'run', memory: { phase: 'checking' } }]);
});
