import type { FleetDecideAnswer } from '../../contract/fleet-status.js';
import { printable } from '../../contract/printable.js';
import { withShortCommands } from '../../terminal/short-commands.js';

/** A line for each pair that a decision on a fleet does not apply to. */
export function leftOutLines(
  { refused, refusedCount }: Pick<FleetDecideAnswer, 'refused' | 'refusedCount'>,
  workflowId: string,
): string[] {
  const more = refusedCount - refused.length;
  return [
    ...refused.map(({ pair, reason }) =>
      printable(`not to ${pair}: ${withShortCommands(reason, { workflowId, pair })}`),
    ),
    ...(more > 0 ? [`and not to ${more} more`] : []),
  ];
}
