/**
 * The condition of a list query on a workflow ID. Server 1.32 finds nothing for a text with " or \. The condition then has only the part before
 * that character, so it may match other workflows, too: the caller has to compare the ID of each one that is listed.
 *
 * @returns null if that character is the first, since the condition would match all workflows
 */
export function workflowIdCondition(workflowId: string): string | null {
  const [before = ''] = workflowId.split(/["\\]/u);
  if (before === '') return null;
  const operator = before === workflowId ? '=' : 'STARTS_WITH';
  return `WorkflowId ${operator} '${before.replaceAll("'", "''")}'`;
}
