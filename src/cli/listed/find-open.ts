import type { Client } from '@temporalio/client';
import { LIST_QUERIES, type Listed, listWorkflows } from '../../client/list-workflows.js';
import type { ListedRow } from '../../terminal/workflow-list.js';
import { whileNoWorkerAnswers } from '../note-if-slow.js';
import { hasWorker } from '../note-missing-worker.js';
import { openRows } from './row.js';

/** The most open fleets that are looked up. With more, the list also shows members of the other fleets. */
const FLEETS_AT_MOST = 1000;

/** The open runs, fleets and promotions. Members of an open fleet are left out, unless they are asked for. */
export async function findOpen(
  client: Client,
  { limit, members = false }: { limit: number; members?: boolean },
): Promise<{ rows: ListedRow[]; hasMore: boolean }> {
  const query = LIST_QUERIES.open;
  const isFleet = ({ of: { kind } }: Listed) => kind === 'fleet' || kind === 'promotion-fleet';
  const fleets = members
    ? []
    : (await listWorkflows(client, { query, limit: FLEETS_AT_MOST, wanted: isFleet })).listed;
  const ids = new Set(fleets.map(({ workflowId }) => workflowId));
  const { listed, hasMore } = await listWorkflows(client, {
    ...{ query, limit },
    wanted: ({ fleet }) => fleet === null || !ids.has(fleet),
  });
  if (listed.length === 0) return { rows: [], hasMore };
  return { rows: await whileNoWorkerAnswers(openRows(listed, await hasWorker(client))), hasMore };
}
