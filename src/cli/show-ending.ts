import type { RunEnding } from '../client/failover-run.js';
import { printable } from '../terminal/printable.js';
import { findingsLines, summaryLines } from '../terminal/status-lines.js';
import { wrap } from '../terminal/text-table.js';
import type { Status } from '../contract/status.js';
import { exitCodeOf } from './exit-codes.js';
import type { Output } from './output.js';

/** Prints how a run has ended. @returns the exit code */
export function showEnding(output: Output, workflowId: string, ending: RunEnding): number {
  output.result(endingLines(output, workflowId, ending), { workflowId, ...ending });
  return exitCodeOf(ending);
}

function endingLines(output: Output, workflowId: string, ending: RunEnding): string[] {
  const { colors } = output;
  switch (ending.state) {
    case 'completed':
      return [
        `${colors.green('Completed')}: ${ending.result.outcome} (workflow ${workflowId})`,
        ...statusLines(output, ending.result),
      ];
    case 'failed':
      return [
        `${colors.red('Failed')}: ${ending.type} (workflow ${workflowId})`,
        // The findings below say the same, one by one.
        ...(hasBlocks(ending.status) ? [] : wrap(printable(ending.message), output.width)),
        ...(ending.status === null ? [] : statusLines(output, ending.status)),
      ];
    case 'cancelled':
      return [`${colors.yellow('Cancelled')} (workflow ${workflowId}): nothing was handed off`];
  }
}

export function statusLines(output: Output, status: Status): string[] {
  return [...summaryLines(status), ...findingsLines(status.findings, output)];
}

function hasBlocks(status: Status | null): boolean {
  return status?.findings.some(({ severity }) => severity === 'block') ?? false;
}
