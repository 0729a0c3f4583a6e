import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { QUERIES, SIGNALS, TASK_QUEUE, UPDATES, WORKFLOW_TYPES } from '../contract/names.js';
import type { DecideAnswer, Refusal } from '../contract/gate.js';
import type { RunResult, SequenceRow, SequencesAnswer, Status } from '../contract/status.js';
import { ClientWorkflow, type DecisionOptions } from './client-workflow.js';
import { describeRunStart } from './describe-start.js';
import type { WorkflowEnding } from './ending.js';
import { ask } from './snapshot.js';

export type { DecisionOptions } from './client-workflow.js';
export type { WorkflowEnding } from './ending.js';
export type { WorkflowStart } from './workflow-start.js';
export { type RetriedStep, type Snapshot, UnansweredError } from './snapshot.js';

/** Milliseconds between two queries while the run works. */
const POLL_INTERVAL_MS = 100;
/** Milliseconds between two queries while the run waits for a person. */
const GATE_POLL_INTERVAL_MS = 500;

/** How a run has ended. */
export type RunEnding = WorkflowEnding<RunResult, Status>;

/** The argument of the update `decide`: docs/reference/messages.md. */
export interface Decision {
  decision: 'approve' | 'reject';
  by: string;
  reason?: string;
  accept?: string[];
  ignoreRows?: string[];
  raisePastRows?: string[];
}

/** Whether the run waits only for a decision. */
export const isAtGate = ({ phase, gate }: Status) =>
  phase === 'awaiting-approval' && (gate?.state === 'open' || gate?.state === 'blocked');

/** A run of the workflow `sequenceFailover`, for a client. */
export class FailoverRun extends ClientWorkflow<RunResult, Status> {
  /** @throws WorkflowExecutionAlreadyStartedError while a run with this ID is open */
  static async start(
    client: Client,
    workflowId: string,
    input: object,
    memo: Record<string, unknown> = {},
  ): Promise<FailoverRun> {
    await client.workflow.start(WORKFLOW_TYPES.run, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      memo,
      ...describeRunStart(input),
    });
    return new FailoverRun(client, workflowId);
  }

  /** Ends it at once, without clean-up: only for a run that changes nothing. */
  async terminate(reason: string): Promise<void> {
    await this.handle.terminate(reason);
  }

  /** All rows of the run and of its pages, in the order of their names. */
  async rows(): Promise<SequenceRow[]> {
    return rowsOf(this.client, this.handle);
  }

  /** In the mode plan: the statements for psql, of the run and of its pages. */
  async statements(): Promise<string[]> {
    const { pages } = await ask<SequencesAnswer>(this.client, this.handle, QUERIES.sequences, { limit: 1 });
    if (pages.length === 0) return await ask<string[]>(this.client, this.handle, QUERIES.statements);
    const statements: string[] = [];
    for (const { workflowId } of pages)
      statements.push(
        ...(await ask<string[]>(this.client, this.client.workflow.getHandle(workflowId), QUERIES.statements)),
      );
    return statements;
  }

  /** Queries the run until it waits at its gate or has ended, and reports each status. */
  async settled(onStatus: (status: Status) => void = () => undefined): Promise<Status> {
    for (;;) {
      const status = await this.status();
      onStatus(status);
      if (status.phase === 'done' || isAtGate(status)) return status;
      await delay(POLL_INTERVAL_MS);
    }
  }

  /** Waits until somebody has decided, in whatever way, or until the signal ends the wait. */
  async decided(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && isAtGate(await this.status())) await delay(GATE_POLL_INTERVAL_MS);
  }

  /** @throws WorkflowUpdateFailedError, with the reason as its cause, or SignalRefusedError, if the decision is refused */
  async decide(decision: Decision, { signal = false }: DecisionOptions = {}): Promise<DecideAnswer> {
    if (!signal)
      return await this.handle.executeUpdate<DecideAnswer, [Decision]>(UPDATES.decide, { args: [decision] });
    const { decision: kind, ...message } = decision;
    const { gate } = await this.decideBySignal(kind, message);
    const { state = 'closed', approvals = [], required = 0, heldUntil } = gate ?? {};
    return {
      ...{ state, approvals: approvals.length, required },
      ...(heldUntil !== undefined && { heldUntil }),
    };
  }

  protected refusalsOf({ gate }: Status): readonly Refusal[] {
    return gate?.refused ?? [];
  }

  /** Sends the signal to synchronize every sequence again. The answer is in the status of the run. */
  async resynchronize(message: { by: string }): Promise<void> {
    await this.handle.signal(SIGNALS.resynchronize, message);
  }
}

async function rowsOf(client: Client, handle: WorkflowHandle): Promise<SequenceRow[]> {
  const own: SequenceRow[] = [];
  const answerAfter = (after: string | null) =>
    ask<SequencesAnswer>(client, handle, QUERIES.sequences, { after, limit: 1000 });
  let answer = await answerAfter(null);
  const { pages } = answer;
  own.push(...answer.rows);
  while (answer.next !== null) {
    answer = await answerAfter(answer.next);
    own.push(...answer.rows);
  }
  // Rows that the run recorded after its pages had ended replace the rows of the pages.
  const bySequence = new Map<string, SequenceRow>();
  for (const { workflowId } of pages)
    for (const row of await rowsOf(client, client.workflow.getHandle(workflowId)))
      bySequence.set(row.sequence, row);
  for (const row of own) bySequence.set(row.sequence, row);
  return [...bySequence.values()];
}
