import type { RunEnding } from '../../client/failover-run.js';
import type { RunResult, Status } from '../../contract/status.js';
import { Acceptance } from '../../findings/acceptance.js';
import { withoutStartAgain } from '../../contract/start-again.js';
import { afterFailedRun } from '../../terminal/after-run.js';
import type { GivenStart } from '../../terminal/command-with-input.js';
import { failureLines } from '../../terminal/failure-lines.js';
import { findingsLines } from '../../terminal/findings-lines.js';
import { nextSteps } from '../../terminal/next-step.js';
import { withShortRemedies, withShortCommands } from '../../terminal/short-commands.js';
import { printable } from '../../contract/printable.js';
import { summaryLines } from '../../terminal/status-lines.js';
import { exitCodeOf } from '../exit-codes.js';
import type { Output } from '../output.js';
import { shellQuoted } from '../../contract/shell.js';
import { endingAsJson } from './as-json.js';

/** Prints how a run has ended. @param start null if nobody starts it again @returns the exit code */
export function showEnding(
  output: Output,
  workflowId: string,
  ending: RunEnding,
  start: GivenStart | null = null,
): number {
  output.result(endingLines(output, workflowId, ending, start), endingAsJson(workflowId, ending));
  return exitCodeOf(ending);
}

function endingLines(
  output: Output,
  workflowId: string,
  ending: RunEnding,
  start: GivenStart | null,
): string[] {
  const { green, red, yellow } = output.colors;
  switch (ending.state) {
    case 'completed':
      return [
        `${green('Completed')}: ${ending.result.outcome} (workflow ${printable(workflowId)})${handoffText(ending.result)}`,
        ...statusLines(output, ending.result),
        ...nextLines(nextSteps(ending.result, workflowId)),
      ];
    case 'failed': {
      const next = start === null ? [] : afterFailedRun(ending.type, start, Date.now());
      const message = next.length === 0 ? ending.message : withoutStartAgain(ending.message);
      return [
        `${red('Failed')}: ${ending.type} (workflow ${printable(workflowId)})`,
        // The findings below say the same in detail.
        ...(isAboutBlocks(ending) && hasBlocks(ending.status)
          ? []
          : failureLines(withShortCommands(message, { workflowId }), [], output.width)),
        ...(ending.status === null ? [] : statusLines(output, ending.status)),
        ...nextLines(next),
      ];
    }
    case 'cancelled':
      return [`${yellow('Cancelled')} (workflow ${printable(workflowId)}): nothing was handed off`];
    case 'terminated':
      return terminatedLines(output, workflowId, ending.message);
  }
}

/** A run without a handoff has the outcome `handed-off` too. A person who is tired could take it for a promotion. */
function handoffText({ outcome, handoff }: Pick<RunResult, 'outcome' | 'handoff'>): string {
  return outcome === 'handed-off' && handoff === null ? '; no promotion was started' : '';
}

/** The next steps of a person. Commands are not broken into lines, so that they can be copied. */
export function nextLines(steps: readonly string[]): string[] {
  const lines = steps.map((step, at) => `${at === 0 ? 'Next:' : '     '} ${printable(step)}`);
  return lines.length === 0 ? [] : ['', ...lines];
}

/**
 * A run completes with a block only if somebody accepted it by name. The approver is shown instead of the remedy, which is no longer
 * possible.
 */
function withApprovers({ findings, gate }: Pick<Status, 'findings' | 'gate'>): Status['findings'] {
  return findings.map((finding) => {
    const { severity, message } = finding;
    if (severity !== 'block') return finding;
    const names = (gate?.approvals ?? [])
      .filter(({ accept }) => new Acceptance(accept).coversShown(finding))
      .map(({ by }) => by);
    return names.length === 0
      ? finding
      : {
          ...finding,
          message: `${message.replace(/\.$/u, '')}; accepted by ${names.join(', ')}`,
          remedy: '',
        };
  });
}

/** Temporal ended the workflow, so the workflow could not report anything. */
export function terminatedLines({ colors }: Output, workflowId: string, message: string): string[] {
  return [
    `${colors.yellow('Terminated')} (workflow ${printable(workflowId)}): ${printable(message)}`,
    'Nothing more happens. Sequences that were set stay set. What was done is in its history: ' +
      `sequence-failover report ${shellQuoted(workflowId)}`,
  ];
}

/** The servers of a run, its progress, and its findings. */
export function statusLines(output: Output, status: Status): string[] {
  const { workflowId, phase, ending } = status;
  const isOver = phase === 'done';
  const findings = ending?.state === 'completed' ? withApprovers(status) : status.findings;
  const told = workflowId === null ? findings : withShortRemedies(findings, { workflowId, isOver });
  return [...summaryLines(status, Date.now()), ...findingsLines(told, output)];
}

/** Whether the message lists the blocks. Another message says what the findings do not, such as who rejected the failover and why. */
const isAboutBlocks = ({ type, status }: Extract<RunEnding, { state: 'failed' }>) =>
  type === 'NotAhead' || (type === 'NotReady' && status?.mode === 'check');

function hasBlocks(status: Status | null): boolean {
  return status?.findings.some(({ severity }) => severity === 'block') ?? false;
}
