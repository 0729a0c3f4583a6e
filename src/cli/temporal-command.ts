import { shellQuoted } from '../contract/shell.js';
import { SEARCH_ATTRIBUTES, type Searchable } from '../contract/search-attributes.js';
import { SIGNALS, TASK_QUEUE, UPDATES, WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT } from '../contract/promotion.js';

/** The equivalent `temporal` commands, which can be pasted into a shell. */
export const temporalCommand = {
  start: (workflowId: string, input: object) =>
    shell(
      ...['temporal', 'workflow', 'start', '--type', WORKFLOW_TYPES.run, '--task-queue', TASK_QUEUE],
      ...['--fail-existing', '--workflow-id', workflowId, '--input', JSON.stringify(input)],
    ),
  startPromotion: (type: string, workflowId: string, input: object) =>
    shell(
      ...['temporal', 'workflow', 'start', '--type', type, '--task-queue', TASK_QUEUE],
      ...['--fail-existing', '--workflow-id', workflowId, '--task-timeout', PROMOTION_TASK_TIMEOUT],
      ...['--input', JSON.stringify(input)],
    ),
  result: (workflowId: string) => shell('temporal', 'workflow', 'result', '--workflow-id', workflowId),
  cancel: (workflowId: string) => shell('temporal', 'workflow', 'cancel', '--workflow-id', workflowId),
  show: (workflowId: string) =>
    shell(
      ...['temporal', 'workflow', 'show', '--workflow-id', workflowId],
      ...['--output', 'json', '--no-json-shorthand-payloads'],
    ),
  list: (query: string, limit: number) =>
    shell('temporal', 'workflow', 'list', '--query', query, '--limit', String(limit)),
  query: (workflowId: string, type: string) =>
    shell('temporal', 'workflow', 'query', '--workflow-id', workflowId, '--type', type),
  decide: (
    workflowId: string,
    { decision, ...message }: { decision: 'approve' | 'reject' },
    { signal }: { signal?: true },
  ) =>
    signal
      ? temporalCommand.signal(workflowId, SIGNALS[decision], message)
      : shell(
          ...['temporal', 'workflow', 'update', 'execute', '--workflow-id', workflowId],
          ...['--name', UPDATES.decide, '--input', JSON.stringify({ decision, ...message })],
        ),
  signal: (workflowId: string, name: string, message: object) =>
    shell(
      ...['temporal', 'workflow', 'signal', '--workflow-id', workflowId],
      ...['--name', name, '--input', JSON.stringify(message)],
    ),
  registerSearchAttributes: (which: readonly Searchable[]) =>
    shell(
      ...['temporal', 'operator', 'search-attribute', 'create'],
      ...which.flatMap((one) => ['--name', SEARCH_ATTRIBUTES[one], '--type', 'Keyword']),
    ),
  createSchedule: (scheduleId: string, everyMs: number, input: object) =>
    shell(
      ...['temporal', 'schedule', 'create', '--schedule-id', scheduleId, '--interval', `${everyMs / 1000}s`],
      ...['--overlap-policy', 'Skip', '--type', WORKFLOW_TYPES.run, '--task-queue', TASK_QUEUE],
      ...['--workflow-id', scheduleId, '--input', JSON.stringify(input)],
    ),
};

function shell(...words: string[]): string {
  return words.map(shellQuoted).join(' ');
}
