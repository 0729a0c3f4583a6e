import { LIST_QUERIES, listWorkflows } from '../../client/list-workflows.js';
import { endedLines, type ListedRow, openLines } from '../../terminal/workflow-list.js';
import { EXIT } from '../exit-codes.js';
import { findOpen } from '../listed/find-open.js';
import { endedRows } from '../listed/row.js';
import type { Output } from '../output.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { wholeNumber } from '../whole-number.js';

interface ListOptions {
  closed?: true;
  limit: string;
  members?: true;
  showTemporal?: true;
}

export async function list(output: Output, options: ListOptions): Promise<number> {
  const { closed, members, showTemporal } = options;
  const limit = wholeNumber('--limit', options.limit);
  if (showTemporal)
    output.command(temporalCommand.list(closed ? LIST_QUERIES.ended : LIST_QUERIES.open, limit));
  return withClient(async (client) => {
    if (!closed) {
      const { rows, hasMore } = await findOpen(client, { limit, ...(members && { members }) });
      const none =
        'No run, fleet or promotion is open. Those that have ended: sequence-failover list --closed';
      show(output, { rows, hasMore }, rows.length === 0 ? [none] : openLines(rows, output, Date.now()));
      return EXIT.done;
    }
    const { listed, hasMore } = await listWorkflows(client, {
      ...{ query: LIST_QUERIES.ended, limit },
      wanted: ({ fleet }) => fleet === null || members === true,
    });
    const rows = await endedRows(listed);
    const lines = [
      ...endedLines(rows, output.width),
      '',
      'The record of one: sequence-failover report <workflow>',
    ];
    show(output, { rows, hasMore }, rows.length === 0 ? ['No run, fleet or promotion has ended.'] : lines);
    return EXIT.done;
  });
}

function show(
  output: Output,
  { rows, hasMore }: { rows: ListedRow[]; hasMore: boolean },
  lines: readonly string[],
): void {
  output.result(lines, { workflows: rows, hasMore });
  if (hasMore) output.note(`There are more than ${rows.length}: see them with --limit <number>.`);
}
