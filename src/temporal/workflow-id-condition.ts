/**
 * The condition of a list query on a workflow ID. A text with " or \ matches nothing (server 1.32), so only the part before it is asked for:
 * the caller compares the ID of each execution in the answer.
 *
 * @returns null if nothing comes before it: that would list all workflows
 */
export function workflowIdCondition(workflowId: string): string | null {
  const [before = ''] = workflowId.split(/["\\]/u);
  if (before === '') return null;
  const operator = before === workflowId ? '=' : 'STARTS_WITH';
  return `WorkflowId ${operator} '${before.replaceAll("'", "''")}'`;
}
