import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { INTERNAL_WORKFLOW_TYPES } from '../src/contract/names.js';
import type { Notification } from '../src/contract/notification.js';
import { childId } from '../src/steps/child-id.js';
import { summary } from './summary.js';

/** Starts the workflow that sends the last notification. It outlives the run or the fleet that starts it. */
export async function sendLastNotification(notification: Notification): Promise<void> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  await startChild(INTERNAL_WORKFLOW_TYPES.notification, {
    workflowId: childId(workflowId, `notification/${firstExecutionRunId}`),
    args: [notification],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowExecutionTimeout: '1 hour',
    staticSummary: summary(`notify of the end of ${workflowId}`),
  });
}
