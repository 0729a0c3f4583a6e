import { Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { finalFailure, retryableFailure } from '../src/steps/failures.js';
import type { LockHolder } from '../src/steps/identity.js';
import type { LockInput } from '../src/steps/readiness.js';
import { INTERNAL_WORKFLOW_TYPES, MEMO, WORKFLOW_TYPES } from '../src/contract/names.js';
import { cutBytes } from '../src/contract/parsing/text.js';
import { deleteClosedLocks } from './closed-locks.js';
import { shellQuoted } from '../src/contract/shell.js';

/** If the lock changes hands this often while the step reads it, Temporal retries the step. */
const TRIES = 5;

/** A lock is a workflow whose ID only one open execution can have. */
export interface Lock extends Pick<LockInput, 'holder' | 'passing' | 'ifPassing'> {
  workflowId: string;
  /** For messages: `the pair orders`. */
  what: string;
  /** For messages, if another workflow holds the lock: `another run on the pair orders`. */
  otherHolder: string;
}

/**
 * Takes a lock. One whose holder has closed is ended by its run ID, so that only one of two steps that find it gets the next lock. Then the closed
 * executions of the lock are deleted.
 */
export async function takeLock({
  workflowId,
  what,
  otherHolder,
  holder,
  passing,
  ifPassing,
}: Lock): Promise<void> {
  const { client } = Context.current();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const lock = await readLock(client, workflowId);
    if (lock === null || lock.isClosed) {
      if (!(await start(client, { workflowId, what, holder, ...(passing && { passing }) }))) continue;
      await deleteClosedLocks(client, workflowId, lock?.runId ?? null);
      return;
    }
    if (lock.holder?.workflowId === holder.workflowId && lock.holder.runId === holder.runId) return;
    const open = lock.holder === null ? null : await readOpenHolder(client, lock.holder);
    if (open !== null) {
      const reason = `${otherHolder} is open: ${open.workflowId}; ${howToEnd(open)}`;
      if (!lock.isPassing || ifPassing === undefined) throw finalFailure('NotReady', reason);
      if (ifPassing === 'cancel') await cancel(client, open);
      // Temporal repeats the step until that run has ended, or the step's time is over.
      throw retryableFailure('Retryable', reason);
    }
    await end(client, workflowId, lock.runId);
  }
  throw retryableFailure(
    'Retryable',
    `several workflows take the lock of ${what} at the same time, and this one did not get it; see which: sequence-failover list`,
  );
}

async function start(
  client: Client,
  {
    workflowId,
    what,
    holder,
    passing = false,
  }: Pick<Lock, 'workflowId' | 'what' | 'holder'> & { passing?: boolean },
): Promise<boolean> {
  const { taskQueue } = Context.current().info;
  try {
    await client.workflow.start(INTERNAL_WORKFLOW_TYPES.pairLock, {
      workflowId,
      taskQueue,
      args: [holder],
      memo: { [MEMO.holder]: holder, ...(passing ? { [MEMO.passing]: true } : {}) },
      staticSummary: cutBytes(`${what} is held by ${holder.workflowId}`, 400),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** The latest execution of the lock; null if there is none. */
async function readLock(
  client: Client,
  workflowId: string,
): Promise<{ runId: string; isClosed: boolean; isPassing: boolean; holder: LockHolder | null } | null> {
  try {
    const { runId, status, memo } = await client.workflow.getHandle(workflowId).describe();
    const holder = (memo?.[MEMO.holder] as LockHolder | undefined) ?? null;
    return { runId, isClosed: status.name !== 'RUNNING', isPassing: memo?.[MEMO.passing] === true, holder };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

interface OpenHolder extends LockHolder {
  workflowType: string;
}

/** A holder that has continued as new is found under its workflow ID, with the same first run. @returns null if it has closed */
async function readOpenHolder(client: Client, holder: LockHolder): Promise<OpenHolder | null> {
  try {
    const { status, type, raw } = await client.workflow.getHandle(holder.workflowId).describe();
    const isOpen = status.name === 'RUNNING' && raw.workflowExecutionInfo?.firstRunId === holder.runId;
    return isOpen ? { ...holder, workflowType: type } : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** A cancelled promotion first undoes its steps. If a server is gone for good, it waits for it, and never ends. */
function howToEnd({ workflowId, workflowType }: OpenHolder): string {
  const id = shellQuoted(workflowId);
  const cancel = `look at it: sequence-failover status ${id}; wait for it, or end it with: temporal workflow cancel --workflow-id ${id}`;
  if (workflowType !== WORKFLOW_TYPES.promotion) return cancel;
  return `${cancel}; a cancelled promotion first undoes its steps, which needs both servers, and once its standby is open, a cancellation has no effect. If a server is gone for good, end it with: temporal workflow terminate --workflow-id ${id} (what it has changed is shown by: sequence-failover status ${id})`;
}

async function cancel(client: Client, { workflowId }: LockHolder): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).cancel();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

async function end(client: Client, workflowId: string, runId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId, runId).terminate('its holder has closed');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
