import { expect, it } from 'vitest';
import { phasesOf } from '../../../src/record/step-phases.js';

it('the recheck after the approval verifies, and the one before it belongs to the wait', () => {
  const rechecks = ['recheckHeadroom', 'recheckStandby'];
  expect(
    phasesOf(['recheckHeadroom', 'awaitReplication', ...rechecks, 'lockPair', 'recheckHeadroom']),
  ).toEqual(['awaiting-approval', 'verifying', 'verifying', 'verifying', 'checking', 'awaiting-approval']);
});
