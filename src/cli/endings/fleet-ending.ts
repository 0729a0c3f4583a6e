import type { FleetEnding } from '../../client/fleet-run.js';
import type { FleetRow, FleetStatus } from '../../contract/fleet-status.js';
import { failureLines } from '../../terminal/failure-lines.js';
import { findingsLines } from '../../terminal/findings-lines.js';
import { explainedFleetTable, mostUrgentFirst } from '../../terminal/fleet-table.js';
import { printable } from '../../contract/printable.js';
import { fleetFindings, fleetSummaryLines } from '../../terminal/screens/fleet-screen.js';
import { exitCodeOf } from '../exit-codes.js';
import type { Output } from '../output.js';
import { endingAsJson } from './as-json.js';
import { terminatedLines } from './run-ending.js';

/**
 * Prints how a fleet has ended.
 *
 * @returns the exit code
 */
export function showFleetEnding(
  output: Output,
  workflowId: string,
  /** `pairs` is null if they could not be read. */
  { ending, pairs }: { ending: FleetEnding; pairs: readonly FleetRow[] | null },
): number {
  output.result(endingLines(output, workflowId, ending, pairs ?? []), {
    ...endingAsJson(workflowId, ending),
    pairs,
  });
  return exitCodeOf(ending);
}

function endingLines(
  output: Output,
  workflowId: string,
  ending: FleetEnding,
  pairs: readonly FleetRow[],
): string[] {
  const { green, red, yellow } = output.colors;
  switch (ending.state) {
    case 'completed':
      return [
        `${green('Completed')} (fleet ${printable(workflowId)})`,
        ...fleetLines(output, { workflowId, status: ending.result, pairs }),
      ];
    case 'failed':
      return [
        `${red('Failed')}: ${ending.type} (fleet ${printable(workflowId)})`,
        ...failureLines(ending.message, ending.status?.findings ?? [], output.width),
        ...(ending.status === null ? [] : fleetLines(output, { workflowId, status: ending.status, pairs })),
      ];
    case 'cancelled':
      return [
        `${yellow('Cancelled')} (fleet ${printable(workflowId)}): and with it every pair that had not ended`,
      ];
    case 'terminated':
      return terminatedLines(output, workflowId, ending.message);
  }
}

/** A fleet in numbers, its findings, and all of its pairs. */
export function fleetLines(
  output: Output,
  { workflowId, status, pairs }: { workflowId: string; status: FleetStatus; pairs: readonly FleetRow[] },
): string[] {
  return [
    ...fleetSummaryLines(status),
    ...findingsLines(fleetFindings(status, workflowId), output),
    ...(pairs.length === 0 ? [] : ['', ...explainedFleetTable(mostUrgentFirst(pairs), output.width)]),
  ];
}
