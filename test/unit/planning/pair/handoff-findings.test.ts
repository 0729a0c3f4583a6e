import { describe, expect, it } from 'vitest';
import { handoffId, handoffWorker } from '../../../../src/planning/pair/handoff-findings.js';

describe('a worker for the promotion', () => {
  it.each([
    ['that has just asked for work', [900_000, 400]],
    ['that waits for work since a minute', [62_000]],
    ['whose poll came after the check was scheduled', [-20]],
  ])('is one %s', (_, ages) => {
    expect(handoffWorker('promotion', ages)).toEqual([]);
  });

  it.each([
    ['nobody is listed', [], /^no worker polls the task queue promotion, so /],
    [
      'those who are listed have died',
      [120_000, 95_400],
      /promotion; the last worker polled it 95 s ago, so /,
    ],
  ])('is missing where %s', (_, ages, message) => {
    expect(handoffWorker('promotion', ages)).toMatchObject([
      { severity: 'block', code: 'HANDOFF_NO_WORKER', message: expect.stringMatching(message) as string },
    ]);
  });
});

it('says that a hook without a worker counts as a veto', () => {
  expect(handoffWorker('operations', [], 'hook')).toMatchObject([
    {
      ...{ severity: 'block', code: 'HANDOFF_NO_WORKER', subject: 'hooks.beforeHandoff' },
      message:
        'no worker polls the task queue operations, so hooks.beforeHandoff would give no answer there, which counts as a veto',
    },
  ]);
  expect(handoffWorker('operations', [400], 'hook')).toEqual([]);
});

it.each([
  [['fence'], 'the workflow of fence would never start', 'start the worker of this workflow, '],
  [
    ['beforeSwitch', 'traffic'],
    'the workflows of beforeSwitch, traffic would never start',
    'start the worker of these workflows, ',
  ],
])('says which workflows of a promotion, %s, would wait for a worker', (operators, message, remedy) => {
  expect(handoffWorker('operations', [], { operators })).toMatchObject([
    {
      ...{ severity: 'block', code: 'HANDOFF_NO_WORKER' },
      message: `no worker polls the task queue operations, so ${message}`,
      remedy: `${remedy}check with: temporal task-queue describe --task-queue operations, and start the promotion again`,
    },
  ]);
});

describe('the workflow ID of the promotion', () => {
  const earlier = { workflowId: 'promote-"$(a)"', runId: 'r-1', workflowType: 'promoteStandby' };

  it.each(['FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'])('is free after one that is %s', (status) => {
    expect(handoffId({ ...earlier, status })).toEqual([]);
  });

  it.each([
    ['COMPLETED', `temporal workflow delete --workflow-id 'promote-"$(a)"'`],
    ['RUNNING', `temporal workflow terminate --workflow-id 'promote-"$(a)"'`],
    ['PAUSED', 'temporal workflow terminate'],
    ['CONTINUED_AS_NEW', 'temporal workflow terminate'],
  ])('is taken by one that is %s', (status, command) => {
    expect(handoffId({ ...earlier, status })).toMatchObject([
      {
        severity: 'block',
        code: 'HANDOFF_ID_TAKEN',
        subject: 'r-1',
        message: expect.stringContaining('run r-1') as string,
        remedy: expect.stringContaining(command) as string,
      },
    ]);
  });
});
