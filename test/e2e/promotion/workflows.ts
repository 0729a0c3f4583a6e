import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  setHandler,
} from '@temporalio/workflow';

const finish = defineSignal('finish');

/** A promotion workflow of an operator: it gets the record of a run, and ends at the signal `finish`. */
export async function promoteStandby(given: { ticket: string | null }): Promise<unknown> {
  let finished = false;
  setHandler(finish, () => {
    finished = true;
  });
  if (given.ticket === 'CHG-FAILS') throw ApplicationFailure.nonRetryable('the promotion went wrong');
  await condition(() => finished);
  return given;
}

/** What a promotion tells an operator's workflow. */
interface Asked {
  purpose: string;
  /** Of a fleet: `pairs` instead. */
  pair?: string;
  pairs?: { pair: string }[];
  input?: unknown;
}

/** A `beforeSwitch` or `beforeHandoff` workflow that vetoes. */
export function vetoSwitch({ pair, pairs = [] }: Asked): Promise<never> {
  const named = pair ?? pairs.map((one) => one.pair).join(', ');
  return Promise.reject(ApplicationFailure.nonRetryable(`${named} has a backup that runs`));
}

/** A fence workflow of an operator that raises the fence and fails to lift it. */
export function keepFence({ purpose }: Asked): Promise<void> {
  return purpose === 'fence'
    ? Promise.resolve()
    : Promise.reject(ApplicationFailure.nonRetryable('the pooler does not answer'));
}

/** A fence workflow of an operator that never ends, not even when it is cancelled. It lifts its fence at once. */
export async function fenceForEver({ purpose }: Asked): Promise<string> {
  if (purpose === 'fence') await CancellationScope.nonCancellable(() => condition(() => false));
  return purpose;
}

/** A workflow of an operator, for any purpose, that completes at the signal `finish`. */
export async function holdSwitch(asked: Asked): Promise<Asked> {
  let finished = false;
  setHandler(finish, () => {
    finished = true;
  });
  await condition(() => finished);
  return asked;
}

/** Agrees at once, and does nothing. */
export function agree(asked: Asked): Promise<Asked> {
  return Promise.resolve(asked);
}
