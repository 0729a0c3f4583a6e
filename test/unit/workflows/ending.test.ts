import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { temporaryFailure, toRunFailure } from '../../../workflows/ending.js';

const failureOf = (retryState: RetryState, cause: ApplicationFailure) =>
  new ActivityFailure('Activity task failed', 'checkReadiness', '1', retryState, undefined, cause);

const { MAXIMUM_ATTEMPTS_REACHED, NON_RETRYABLE_FAILURE } = RetryState;

describe('the trouble of a step', () => {
  it.each([
    ['tries are used up', failureOf(MAXIMUM_ATTEMPTS_REACHED, ApplicationFailure.retryable('locked'))],
    [
      'the step itself gave up what heals',
      failureOf(NON_RETRYABLE_FAILURE, ApplicationFailure.nonRetryable('locked', 'Retryable')),
    ],
  ])('may pass when %s', (_, error) => {
    expect(temporaryFailure(error)).toMatchObject({
      type: 'Retryable',
      message: 'the step checkReadiness could not be completed: locked',
    });
  });

  it('may pass when a side refuses the connection, and ends a run that does not wait for anybody', () => {
    const refused = ApplicationFailure.nonRetryable(
      'password authentication failed. Check the password.',
      'PrimaryUnreachable',
    );
    const error = failureOf(NON_RETRYABLE_FAILURE, refused);
    expect(temporaryFailure(error)).toBe(refused);
    expect(toRunFailure(error)).toMatchObject({
      type: 'NotReady',
      message: 'password authentication failed. Check the password; fix the cause and start the run again',
    });
  });

  it.each(['NotReady', 'Internal'])('does not pass when it is %s', (type) => {
    const error = failureOf(NON_RETRYABLE_FAILURE, ApplicationFailure.nonRetryable('no', type));
    expect(temporaryFailure(error)).toBeNull();
    expect(toRunFailure(error)).toMatchObject({ type, message: 'no' });
  });
});
