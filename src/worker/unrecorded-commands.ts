/**
 * Part of the workflow bundle, loaded into the workflow sandbox. So it must not use Node built-ins.
 */
import type { ActivateInput, ConcludeActivationInput } from '@temporalio/workflow';

type Activation = ActivateInput['activation'];
type Command = ConcludeActivationInput['commands'][number];
type Job = NonNullable<Activation['jobs']>[number];

/** Commands that become an event each. A timer does not if it is cancelled in the same step. */
const RECORDED = [
  'scheduleActivity',
  'startChildWorkflowExecution',
  'signalExternalWorkflowExecution',
  'requestCancelExternalWorkflowExecution',
  'upsertWorkflowSearchAttributes',
  'modifyWorkflowProperties',
  'setPatchMarker',
] as const satisfies readonly (keyof Command)[];

/** Commands that may take back one of these before it becomes an event. */
const TAKING_BACK = [
  'requestCancelActivity',
  'cancelChildWorkflowExecution',
  'cancelSignalWorkflow',
] as const satisfies readonly (keyof Command)[];

/** Jobs of an activation that are caused by one event each. */
const CAUSED = [
  'signalWorkflow',
  'resolveActivity',
  'fireTimer',
  'cancelWorkflow',
  'resolveChildWorkflowExecutionStart',
  'resolveChildWorkflowExecution',
  'resolveSignalExternalWorkflow',
] as const satisfies readonly (keyof Job)[];

/** The events of a workflow task itself, from the end of one to the next: completed, scheduled, started. */
const OF_TASKS = 3;

/** What a workflow has done with the events up to one of them. */
interface Step {
  /** The number of events until then. */
  length: number;
  isReplay: boolean;
  /** At least this many events follow from its commands, besides those of timers. */
  commands: number;
  /** The timers that it has started or cancelled, and not both. */
  timers: Set<number>;
  /** The timers that had fired. A message may come before them, and have one cancelled in vain. */
  fired: Set<number>;
}

/**
 * Finds a workflow whose memory is ahead of its history.
 *
 * A query can come to a worker that does not have the workflow in memory, right after another worker was killed. The SDK (1.24) then reads the history to its
 * end, and the workflow processes the last events before the server has given out their workflow task. It stays in memory, so it would process events
 * that come before that task in a second step. A replay processes all of them in one step, signals first. If the commands of both differ, the
 * history can never be replayed again (TMPRL1100).
 *
 * So there have to be enough events between two steps: those of the workflow tasks, one for each command of the first step, and one for each
 * cause of the second. If there are fewer, the commands were never recorded. The error makes the SDK forget the workflow, and the server gives
 * out the workflow task again. Then the worker processes it as a replay does.
 */
export class UnrecordedCommands {
  private last: Step | null = null;

  /** To be called for each activation, before the workflow gets it. @throws Error if the commands of the last step are not recorded */
  check({ jobs, historyLength, isReplaying }: Activation): void {
    if (jobs?.some(({ queryWorkflow }) => queryWorkflow != null) === true) return;
    const { last } = this;
    const length = historyLength ?? 0;
    const isReplay = isReplaying === true;
    // A workflow task may take several activations.
    if (last?.length === length) return;
    const recorded = last === null ? 0 : last.commands + last.timers.size;
    const least = OF_TASKS + recorded + count(jobs ?? [], CAUSED);
    if (last !== null && !last.isReplay && !isReplay && recorded > 0 && length - last.length < least)
      throw new Error(
        'A query came to this worker before a workflow task, and brought the workflow ahead of its history. The worker has forgotten it, and processes the task again',
      );
    const fired = new Set((jobs ?? []).flatMap(({ fireTimer }) => fireTimer?.seq ?? []));
    this.last = { length, isReplay, commands: 0, timers: new Set(), fired };
  }

  /** To be called with the commands of each activation. */
  note(commands: readonly Command[]): void {
    if (this.last === null) return;
    this.last.commands += count(commands, RECORDED) - count(commands, TAKING_BACK);
    const { timers, fired } = this.last;
    for (const { startTimer, cancelTimer } of commands) {
      if (startTimer?.seq != null) timers.add(startTimer.seq);
      const cancelled = cancelTimer?.seq ?? null;
      if (cancelled !== null && !fired.has(cancelled) && !timers.delete(cancelled)) timers.add(cancelled);
    }
  }
}

function count<T extends object>(items: readonly T[], kinds: readonly (keyof T)[]): number {
  return items.filter((item) => kinds.some((kind) => item[kind] != null)).length;
}
