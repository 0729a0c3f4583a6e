import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { mapConcurrently } from '../src/concurrency/map-concurrently.js';
import { INTERNAL_QUERIES } from '../src/contract/names.js';
import { PAGES_AT_ONCE } from '../src/steps/limits.js';
import type { KnownSequence, RecordedAnswer } from '../src/steps/rows.js';
import { unpackTable } from '../src/steps/table.js';

/**
 * Reads the rows that this activity's run and its pages have recorded, by the query `recorded`. The names of 100,000 sequences would not
 * fit into an activity's input.
 *
 * @returns the rows; `unknown` is the reason if some could not be read
 * @throws if no worker answers
 */
export async function readRecorded(): Promise<{ known: KnownSequence[]; unknown: string | null }> {
  const { client, info } = Context.current();
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
  const ask = (id: string, run?: string) =>
    client.workflow.getHandle(id, run).query<RecordedAnswer>(INTERNAL_QUERIES.recorded);
  const run = await ask(workflowId, runId);
  const lost = run.lost ? ['the rows of the run, which were too long to be carried on,'] : [];
  // A worker has to replay each page that is not in its cache.
  const pages = await mapConcurrently(PAGES_AT_ONCE, run.pages, async (page) => {
    try {
      return unpackTable((await ask(page.workflowId)).known);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      lost.push(`the workflow ${page.workflowId}`);
      return [];
    }
  });
  // A later record of a sequence replaces an earlier one, and the run's own record replaces that of a page.
  const known = new Map([...pages, unpackTable(run.known)].flat().map((one) => [one.sequence, one]));
  const [first] = lost;
  const others = lost.length > 1 ? ` (and ${lost.length - 1} more)` : '';
  const unknown = first === undefined ? null : `${first}${others} can no longer be read`;
  return { known: [...known.values()], unknown };
}
