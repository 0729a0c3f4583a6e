import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/exit-codes.js';
import { unlessOpen } from '../../../src/cli/unless-open.js';

it('a workflow ID that is taken is a mistake in the command, with a next step that can be pasted into a shell', async () => {
  const id = "failover o'clock";
  const starting = Promise.reject(new WorkflowExecutionAlreadyStartedError('taken', id, 'promoteStandby'));
  await expect(unlessOpen('promotion', id, starting)).rejects.toThrow(
    new UsageError(
      `A promotion with the workflow ID ${id} is open: look at it with "sequence-failover watch 'failover o'\\''clock'", or choose another --workflow-id.`,
    ),
  );
});

it('another error, and the started workflow, are passed on', async () => {
  const error = new Error('Temporal is gone');
  await expect(unlessOpen('run', 'failover-orders', Promise.reject(error))).rejects.toBe(error);
  await expect(unlessOpen('run', 'failover-orders', Promise.resolve('started'))).resolves.toBe('started');
});
