import { expect, it } from 'vitest';
import { workflowIdCondition } from '../../../src/temporal/workflow-id-condition.js';

it.each([
  ['pair-lock/orders', "WorkflowId = 'pair-lock/orders'"],
  ["it's", "WorkflowId = 'it''s'"],
  ['a"b', "WorkflowId STARTS_WITH 'a'"],
  ['it\'s\\b"c', "WorkflowId STARTS_WITH 'it''s'"],
  ['"a', null],
  ['\\', null],
])('the condition on the workflow ID %j is %j', (workflowId, condition) => {
  expect(workflowIdCondition(workflowId)).toBe(condition);
});
