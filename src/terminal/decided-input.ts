import type { GivenSelection } from '../contract/selection.js';
import type { Status } from '../contract/status.js';
import { partsOfName } from '../sequences/identifier.js';
import { escapePattern } from '../sequences/pattern.js';

/** What a run selected and its approvals decided, as the input of a promotion that it does not start: the same findings would block the promotion. */
export function decidedInput({
  gate,
  selection = {},
}: Pick<Status, 'gate' | 'selection'>): GivenSelection & { accept?: string[] } {
  const accept = [...new Set((gate?.approvals ?? []).flatMap((approval) => approval.accept))];
  const decided = (gate?.decidedRows ?? []).map(({ sequence, rows }) => ({
    match: escapePattern(partsOfName(sequence).join('.')),
    rows,
  }));
  // Of several overrides that match, the last one counts.
  const overrides = [...(selection.overrides ?? []), ...decided];
  return {
    ...selection,
    ...(accept.length > 0 && { accept }),
    ...(overrides.length > 0 && { overrides }),
  };
}
