import { unknownNamesLines, withoutUnknownNames } from '../terminal/approval-lines.js';
import type { ApproveOptions } from './actions/approve-options.js';
import { approvalCommand } from './approval-command.js';
import type { Output } from './output.js';

/** Before a person confirms an approval: the names in it that belong to no block, because of which it would be refused. */
export function noteUnknownNames(
  output: Output,
  workflowId: string,
  gate: Parameters<typeof withoutUnknownNames>[0]['gate'],
  given: ApproveOptions,
): void {
  const { known, unknown } = withoutUnknownNames({ gate }, given);
  const without = approvalCommand(workflowId, { ...given, ...known });
  for (const line of unknownNamesLines(unknown, without)) output.note(output.colors.yellow(line));
}
