import { isAtGate } from '../client/failover-run.js';
import type { Status } from '../contract/status.js';
import { nextSteps } from '../terminal/next-step.js';
import { gateLines } from '../terminal/status-lines.js';
import { statusAsJson } from './endings/as-json.js';
import { nextLines, statusLines } from './endings/run-ending.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';

/**
 * Prints a run that waits at its gate, with the next step.
 *
 * @returns the exit code
 */
export function showGate(output: Output, workflowId: string, status: Status): number {
  const isOpen = isAtGate(status) && status.gate?.state === 'open';
  const { green, red } = output.colors;
  output.result(
    [
      isOpen ? green('The gate is open: every sequence is ahead') : red('The gate is blocked'),
      ...gateLines(status, Date.now()),
      ...statusLines(output, status),
      ...nextLines(nextSteps(status, workflowId)),
    ],
    statusAsJson(workflowId, status),
  );
  return isOpen ? EXIT.done : EXIT.notReady;
}
