/**
 * Part of the workflow bundle, loaded into the workflow sandbox: no Node built-ins here.
 */
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { onFlood } from '../../workflows/floods.js';
import { payloadConverter } from './payload-converter.js';

/** More signals than this in one workflow task are a flood. Histories depend on it: never change it. */
const A_FLOOD = 100;
/** The SDK throws on a signal of such a name that it does not know, and that fails the task again and again. */
const RESERVED = '__temporal_';

/**
 * Keeps signals cheap when thousands arrive in one workflow task, as they do after a time without a worker. The SDK makes several
 * promises for each, and takes a stack trace for each of those: a few thousand signals take longer than the five seconds
 * that a task has, and what it then stops half way can take the worker process with it. All but the last of a flood go to the
 * workflow directly. The last one goes the usual way, so that what waits for a condition is looked at.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
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
    },
  ],
});

function isReserved({ signalWorkflow }: { signalWorkflow?: { signalName?: string | null } | null }): boolean {
  return signalWorkflow?.signalName?.startsWith(RESERVED) === true;
}
