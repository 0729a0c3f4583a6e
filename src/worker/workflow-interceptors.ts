/**
 * Part of the workflow bundle, loaded into the workflow sandbox. So it must not use Node built-ins.
 */
import type { WorkflowInternalsInterceptor, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { onFlood } from '../../workflows/floods.js';
import { payloadConverter } from './payload-converter.js';
import { UnrecordedCommands } from './unrecorded-commands.js';

/** More signals than this in one workflow task are a flood. Never change it, because the replay of histories depends on it. */
const A_FLOOD = 100;
/** The SDK throws on an unknown signal whose name has this prefix, which fails the workflow task again and again. */
const RESERVED = '__temporal_';

/** Called for each workflow that the worker takes into memory. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [neverAhead(), cheapFloods],
});

function neverAhead(): WorkflowInternalsInterceptor {
  const unrecorded = new UnrecordedCommands();
  return {
    activate(input, next) {
      unrecorded.check(input.activation);
      next(input);
    },
    concludeActivation(input, next) {
      unrecorded.note(input.commands);
      return next(input);
    },
  };
}

/**
 * Keeps signals cheap when thousands arrive in one workflow task, for example after a time without a worker. The SDK makes
 * several promises for each signal, and a stack trace for each promise. With a few thousand signals this takes longer than the
 * five seconds that a task has, and the interruption can end the worker process. So all signals of a flood except the last go
 * to the workflow directly. The last one goes through the SDK, which then checks the conditions that the workflow waits for.
 */
const cheapFloods: WorkflowInternalsInterceptor = {
  activate(input, next) {
    const { activation } = input;
    const jobs = activation.jobs ?? [];
    const signals = jobs.filter(({ signalWorkflow }) => signalWorkflow != null);
    const last = signals.at(-1);
    const isFlood = signals.length > A_FLOOD;
    if (!isFlood && !signals.some(isReserved)) {
      next(input);
      return;
    }
    activation.jobs = jobs.filter((job) => {
      const { signalWorkflow } = job;
      if (signalWorkflow == null) return true;
      if (!isReserved(job) && (!isFlood || job === last)) return true;
      const args = (signalWorkflow.input ?? []).map((payload) => payloadConverter.fromPayload(payload));
      onFlood(signalWorkflow.signalName ?? '', args);
      return false;
    });
    next(input);
  },
};

function isReserved({ signalWorkflow }: { signalWorkflow?: { signalName?: string | null } | null }): boolean {
  return signalWorkflow?.signalName?.startsWith(RESERVED) === true;
}
