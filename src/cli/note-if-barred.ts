import { approversOfView } from '../contract/approvers.js';
import type { Gate } from '../contract/gate.js';
import { printable } from '../contract/printable.js';
import type { Output } from './output.js';

/** Before a person confirms an approval: that this person may not approve, because of which it would be refused. */
export function noteIfBarred(
  output: Pick<Output, 'colors' | 'note'>,
  gate: Pick<Gate, 'approvers'> | null,
  by: string,
): void {
  if (gate?.approvers === undefined) return;
  const bar = approversOfView(gate.approvers).barOf(by);
  if (bar !== null) output.note(output.colors.yellow(printable(`It will be refused: ${bar.reason}`)));
}
