import { expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.js';
import { stepInWords, stepsWithWords } from '../../../src/terminal/step-in-words.js';

it('every activity of a worker has words, and no other', () => {
  const activities = createActivities({} as Parameters<typeof createActivities>[0]);
  expect([...stepsWithWords].sort()).toEqual(Object.keys(activities).sort());
});

it("a newer worker's step has the name of its activity", () => {
  expect(['awaitReplication', 'newStep', 'toString'].map(stepInWords)).toEqual([
    "wait until the standby has confirmed the primary's writes",
    'newStep',
    'toString',
  ]);
});
