/**
 * Part of the workflow bundle, loaded into the workflow sandbox. So it must not use Node built-ins.
 */
import type { ActivateInput } from '@temporalio/workflow';
import { TOO_EARLY } from '../contract/too-early.js';

type Activation = ActivateInput['activation'];

/** The SDK's name of a query that comes without a workflow task. */
const WITHOUT_TASK = 'legacy_query';

/** An activation that events have caused. */
interface Step {
  /** When the last workflow task began, in nanoseconds since the epoch. */
  time: bigint;
  /** The number of events read. */
  length: number;
  isReplay: boolean;
}

/**
 * Refuses a query if the workflow in this worker's memory may be ahead of its history.
 *
 * A query can come to a worker that does not have the workflow in memory, right after another worker was killed. The SDK (1.24) then reads the history to its
 * end, and the workflow processes the last events before the server has given out their workflow task. It stays in memory, so it processes events
 * that come before that task in a second step. A replay processes all of them in one step, signals first, so its commands may differ: the workflow task
 * fails with TMPRL1100. A query that fails here makes the SDK forget the workflow. Then the task is processed as a replay would do it.
 *
 * The SDK does not say whether events came with a workflow task. They came without one if the time of the last task has not changed. If the
 * workflow was replayed right before, they may have come with the task of the other worker, so such a query is refused as well.
 */
export class EarlyQueries {
  private last: Step | null = null;
  private isAhead = false;

  /** To be called for each activation, before the workflow gets it. @throws Error that refuses a query */
  check(activation: Activation): void {
    const jobs = activation.jobs ?? [];
    const queries = jobs.flatMap(({ queryWorkflow }) => queryWorkflow ?? []);
    if (queries.length === 0) this.noteStep(activation);
    else if (this.isAhead && queries.some(({ queryId }) => queryId === WITHOUT_TASK))
      throw new Error(TOO_EARLY);
  }

  private noteStep(activation: Activation): void {
    const { last } = this;
    const step: Step = {
      time: nanoseconds(activation.timestamp),
      length: activation.historyLength ?? 0,
      isReplay: activation.isReplaying === true,
    };
    // One workflow task may take several steps.
    if (last !== null && step.length === last.length) return;
    this.isAhead = last !== null && !step.isReplay && (last.isReplay || step.time <= last.time);
    this.last = step;
  }
}

function nanoseconds(timestamp: Activation['timestamp']): bigint {
  return BigInt(String(timestamp?.seconds ?? 0)) * 1_000_000_000n + BigInt(timestamp?.nanos ?? 0);
}
