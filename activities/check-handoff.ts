import { Context } from '@temporalio/activity';
import proto from '@temporalio/proto';
import type { Activities } from '../src/contract/steps.js';

/** Whether a worker polls the task queue that the promotion workflow shall run on. */
export function checkHandoff(): Activities['checkHandoff'] {
  return async ({ taskQueue }) => {
    const { client } = Context.current();
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    if (pollers.length > 0) return [];
    return [
      {
        severity: 'block',
        code: 'HANDOFF_NO_WORKER',
        sequence: null,
        count: 1,
        message: `nobody polls the task queue ${taskQueue}: a promotion handed off to it would wait for ever`,
        remedy: `start the promotion worker, check with: temporal task-queue describe --task-queue ${JSON.stringify(taskQueue)}, and wait for the next look`,
      },
    ];
  };
}
