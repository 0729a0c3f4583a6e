import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { MEMO, WORKFLOW_TYPES } from '../contract/names.js';
import { SEARCH_ATTRIBUTES, SEARCHABLE, type Searchable } from '../contract/search-attributes.js';
import { decodePayloads } from './decode-payloads.js';
import { type ProductWorkflow, workflowOfType } from './find-workflow.js';

/** The facts about a workflow that the server knows without a worker. */
export interface Listed {
  of: ProductWorkflow;
  workflowId: string;
  runId: string;
  /** ISO 8601 in UTC. After a continue-as-new it is the start of the last run of the chain. */
  startedAt: string;
  /** Null while it is open. */
  endedAt: string | null;
  state: 'open' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out';
  /** The search attributes that the workflow has set; empty if the server does not have them. */
  attributes: Partial<Record<Searchable, string>>;
  /** From its memo; null if it has none, or if the key to decrypt it is not known here. */
  pair: string | null;
  ticket: string | null;
  /** The workflow ID of the fleet that started it. */
  fleet: string | null;
}

type Info = proto.temporal.api.workflow.v1.IWorkflowExecutionInfo;

const types = Object.values(WORKFLOW_TYPES)
  .map((type) => `'${type}'`)
  .join(', ');
const ended = ['Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut'].map((one) => `'${one}'`);

/** Queries for `temporal workflow list`. They need no search attributes of this project. */
export const LIST_QUERIES = {
  open: `WorkflowType IN (${types}) AND ExecutionStatus = 'Running'`,
  ended: `WorkflowType IN (${types}) AND ExecutionStatus IN (${ended.join(', ')})`,
} as const;

/**
 * Lists the runs, fleets and promotions of the namespace. The newest comes first; among those that have ended, the one that ended last. The
 * list of the server may be some seconds behind.
 *
 * @param which.query one of {@link LIST_QUERIES}
 * @param which.wanted whether to include a workflow; default: all
 * @param which.limit the most workflows
 * @returns `hasMore` if there are more
 */
export async function listWorkflows(
  client: Client,
  {
    query,
    limit,
    wanted = () => true,
  }: { query: string; limit: number; wanted?: (listed: Listed) => boolean },
): Promise<{ listed: Listed[]; hasMore: boolean }> {
  const listed: Listed[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({
      ...{ namespace: client.options.namespace, query, nextPageToken },
    });
    for (const info of page.executions) {
      const one = await toListed(client, info);
      if (one === null || !wanted(one)) continue;
      if (listed.length === limit) return { listed, hasMore: true };
      listed.push(one);
    }
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  return { listed, hasMore: false };
}

async function toListed(client: Client, info: Info): Promise<Listed | null> {
  const { workflowId, runId } = { workflowId: '', runId: '', ...info.execution } as Record<string, string>;
  const of = workflowOfType(client, info.type?.name ?? '', workflowId ?? '', runId);
  if (of.kind === 'other') return null;
  const memo = (name: string) => memoOf(client, info, name);
  return {
    ...{ of, workflowId: workflowId ?? '', runId: runId ?? '' },
    startedAt: instant(info.startTime) ?? '',
    endedAt: instant(info.closeTime),
    state: stateOf(info.status),
    attributes: attributesOf(info),
    pair: await memo('pair'),
    ticket: await memo('ticket'),
    fleet: await memo(MEMO.fleet),
  };
}

function instant(time: proto.google.protobuf.ITimestamp | null | undefined): string | null {
  if (time == null) return null;
  const ms = Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6);
  return new Date(ms).toISOString();
}

function stateOf(status: Info['status']): Listed['state'] {
  const { WorkflowExecutionStatus: all } = proto.temporal.api.enums.v1;
  switch (status) {
    case all.WORKFLOW_EXECUTION_STATUS_COMPLETED:
      return 'completed';
    case all.WORKFLOW_EXECUTION_STATUS_FAILED:
      return 'failed';
    case all.WORKFLOW_EXECUTION_STATUS_CANCELED:
      return 'cancelled';
    case all.WORKFLOW_EXECUTION_STATUS_TERMINATED:
      return 'terminated';
    case all.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
      return 'timed-out';
    default:
      return 'open';
  }
}

function attributesOf({ searchAttributes }: Info): Listed['attributes'] {
  const values: Listed['attributes'] = {};
  for (const one of SEARCHABLE) {
    const payload = searchAttributes?.indexedFields?.[SEARCH_ATTRIBUTES[one]];
    const value: unknown = payload && defaultPayloadConverter.fromPayload(payload);
    if (typeof value === 'string') values[one] = value;
  }
  return values;
}

/** A text of the memo; null if it cannot be read here, so that the rest of the list is still shown. */
async function memoOf(client: Client, { memo }: Info, name: string): Promise<string | null> {
  const payload = memo?.fields?.[name];
  if (payload == null) return null;
  try {
    const [value] = await decodePayloads(client, [payload]);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
