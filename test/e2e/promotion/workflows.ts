import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';

const finish = defineSignal('finish');

/** A promotion of somebody else's: it is handed the record of a run, and ends when it is told to. */
export async function promoteStandby(given: { ticket: string | null }): Promise<unknown> {
  let finished = false;
  setHandler(finish, () => {
    finished = true;
  });
  if (given.ticket === 'CHG-FAILS') throw ApplicationFailure.nonRetryable('the promotion went wrong');
  await condition(() => finished);
  return given;
}
