import { expect, it } from 'vitest';
import type { Step } from '../../../src/record/steps.js';
import { roundTimes } from '../../../src/report/proof.js';

function recordedPage(round: number, primaryReadAt: string | undefined, completedAt: string): Step {
  return {
    ...{ activity: 'recordBuffer', activityId: '1', summary: '', result: {}, end: 'completed', attempts: 1 },
    input: { round, ...(primaryReadAt === undefined ? {} : { primaryReadAt }) },
    ...{ scheduledAt: completedAt, startedAt: completedAt, completedAt, endedAt: completedAt },
    ...{ failure: null, failureType: null },
  };
}

it('a round has the earliest reading and the last record of its pages, in whatever order they were recorded', () => {
  const first = recordedPage(1, '2026-01-01T00:00:02.000Z', '2026-01-01T00:00:09.500Z');
  const second = recordedPage(1, '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:09.25Z');
  const times = { primaryReadAt: '2026-01-01T00:00:01.000Z', recordedAt: '2026-01-01T00:00:09.500Z' };
  expect(roundTimes([first, second])).toEqual([{ round: 1, ...times }]);
  expect(roundTimes([second, first])).toEqual([{ round: 1, ...times }]);
});

it('a round without the primary has no reading, and rounds are in their order', () => {
  const at = '2026-01-01T00:00:03.000Z';
  expect(roundTimes([recordedPage(2, undefined, at), recordedPage(1, undefined, at)])).toEqual([
    { round: 1, primaryReadAt: null, recordedAt: at },
    { round: 2, primaryReadAt: null, recordedAt: at },
  ]);
});
