import { expect, it } from 'vitest';
import { phasesOf } from '../../../src/record/step-phases.js';

it('the recheck after the approval verifies, and the one before it belongs to the wait', () => {
  const rechecks = ['recheckHeadroom', 'recheckStandby'];
  expect(
    phasesOf(['recheckHeadroom', 'awaitReplication', ...rechecks, 'lockPair', 'recheckHeadroom']),
  ).toEqual(['awaiting-approval', 'verifying', 'verifying', 'verifying', 'checking', 'awaiting-approval']);
});

it('the search for a worker to hand off to belongs to the check, to the wait, and to the verification', () => {
  expect(phasesOf(['lockPair', 'checkReadiness', 'checkHandoff'])).toEqual(Array(3).fill('checking'));
  expect(phasesOf(['recheckHeadroom', 'checkHandoff'])).toEqual(Array(2).fill('awaiting-approval'));
  expect(phasesOf(['awaitReplication', 'checkHandoff', 'recheckHeadroom'])).toEqual(
    Array(3).fill('verifying'),
  );
});
