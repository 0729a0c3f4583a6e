import type { Client } from '@temporalio/client';
import { LIST_QUERIES, type Listed, listWorkflows } from '../../client/list-workflows.js';
import type { ListedRow } from '../../terminal/workflow-list.js';
import { hasWorker } from '../note-missing-worker.js';
import { openRows } from './row.js';

/** A namespace with more open fleets also lists the members of the others. */
const FLEETS_AT_MOST = 1000;

/** Runs, fleets and promotions that are open. The members of a fleet that is open itself are left out, unless they are wanted. */
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
  return { rows: await openRows(listed, await hasWorker(client)), hasMore };
}
