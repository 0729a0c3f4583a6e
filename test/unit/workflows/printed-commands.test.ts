import { execFileSync } from 'node:child_process';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { handoffId, handoffWorker } from '../../../src/planning/pair/handoff-findings.js';
import { standbyNotOpened } from '../../../src/planning/promotion/after-switch-findings.js';
import { toRunFailure } from '../../../workflows/ending.js';
import { whereStatementsAre } from '../../../workflows/failover/run-pages.js';

/** As an ID or a task queue may be. Pasted without quotes, or in double quotes, a shell would run the command in it. */
const NAME = `it's "$(echo run >&3)" \`echo run >&3\``;

/** The arguments that a shell gives to `temporal`. */
function argumentsOf(command: string): string[] {
  const script = `exec 3>&1; temporal() { printf '%s\\0' "$@"; }; jq() { cat; }; ${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const commandIn = (text: string) =>
  /(temporal (?:workflow|task-queue) .*?)(?=, (?:and|then) |$)/su.exec(text)?.[1] ?? '';

const promotion = { workflowId: NAME, runId: 'r', workflowType: 'promoteStandby' };

it.each([
  ['the statements of a page', () => (whereStatementsAre([promotion])[1] ?? '').replace(/^-- /u, '')],
  ['HANDOFF_NO_WORKER', () => handoffWorker(NAME, [], 'promotion')[0]?.remedy],
  ['HANDOFF_ID_TAKEN, completed', () => handoffId({ ...promotion, status: 'COMPLETED' })[0]?.remedy],
  ['HANDOFF_ID_TAKEN, running', () => handoffId({ ...promotion, status: 'RUNNING' })[0]?.remedy],
  ['STANDBY_NOT_OPENED', () => standbyNotOpened('orders', NAME, 'refused').remedy],
  [
    'a workflow that is open already',
    () =>
      toRunFailure(new WorkflowExecutionAlreadyStartedError('already started', NAME, 'sequenceFailover'))
        .message,
  ],
])('the command of %s names the workflow to a shell, and runs nothing of its name', (_, text) => {
  expect(argumentsOf(commandIn(text() ?? ''))).toContain(NAME);
});
