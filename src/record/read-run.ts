import { INTERNAL_WORKFLOW_TYPES, WORKFLOW_TYPES } from '../contract/names.js';
import { attributesOf } from './history-json.js';
import type { Bundle, HistorySource, WorkflowHistory } from './source.js';

/** The histories of a run: those of its continue-as-new chain, and those of its pages. */
export interface RunHistories {
  workflowId: string;
  /** The runs of the chain, in order. */
  chain: WorkflowHistory[];
  /** Above 2,000 sequences, pages are child workflows. They are in the order in which they were started. */
  pages: WorkflowHistory[];
  /** Of a fleet: the runs, or the promotions, of its pairs, in the order in which they were started. Empty otherwise. */
  members: RunHistories[];
  /** Runs that the other histories name, and that the source no longer has. */
  missing: { workflowId: string; runId: string }[];
}

/** The source does not have the workflow that was asked for. */
export class NoHistoryError extends Error {
  override readonly name = 'NoHistoryError';
}

/**
 * Reads all histories of the continue-as-new chain of a run, with the pages of each.
 *
 * @param runId any run of the chain; default: the workflow's last run
 * @throws NoHistoryError if there is no such run
 */
export async function readRun(
  source: HistorySource,
  workflowId: string,
  runId?: string,
): Promise<RunHistories> {
  const found = await source.history(workflowId, runId);
  if (found === null)
    throw new NoHistoryError(
      `there is no history of the workflow ${workflowId}${runId === undefined ? '' : `, run ${runId}`}`,
    );
  const missing: RunHistories['missing'] = [];
  const chain = [found];
  const follow = async (
    from: WorkflowHistory,
    next: (one: WorkflowHistory) => string | undefined,
    add: (one: WorkflowHistory) => void,
  ) => {
    for (let id = next(from); id !== undefined && id !== '';) {
      const history = await source.history(workflowId, id);
      if (history === null) {
        missing.push({ workflowId, runId: id });
        return;
      }
      add(history);
      id = next(history);
    }
  };
  await follow(found, previousRunId, (one) => chain.unshift(one));
  await follow(found, nextRunId, (one) => chain.push(one));
  const pages: WorkflowHistory[] = [];
  for (const page of chain.flatMap((one) => childrenOf(one, INTERNAL_WORKFLOW_TYPES.page))) {
    const history = await source.history(page.workflowId, page.runId);
    if (history === null) missing.push(page);
    else pages.push(history);
  }
  const members: RunHistories[] = [];
  const memberType = MEMBERS[typeOf(found)];
  if (memberType !== undefined) {
    for (const member of chain.flatMap((one) => childrenOf(one, memberType))) {
      if ((await source.history(member.workflowId, member.runId)) === null) missing.push(member);
      else members.push(await readRun(source, member.workflowId, member.runId));
    }
  }
  return { workflowId: found.workflowId, chain, pages, members, missing };
}

/** The type of a fleet's children, by the type of the fleet. */
const MEMBERS: Readonly<Record<string, string>> = {
  [WORKFLOW_TYPES.fleet]: WORKFLOW_TYPES.run,
  [WORKFLOW_TYPES.promotionFleet]: WORKFLOW_TYPES.promotion,
};

/** All histories: of the chain, of its pages, and of the members of a fleet. */
export function allHistories({ chain, pages, members }: RunHistories): WorkflowHistory[] {
  return [...chain, ...pages, ...members.flatMap(allHistories)];
}

function allMissing({ missing, members }: RunHistories): RunHistories['missing'] {
  return [...missing, ...members.flatMap(allMissing)];
}

/** The workflow's type, such as `sequenceFailover`. */
export function typeOf({ events }: Pick<WorkflowHistory, 'events'>): string {
  const [first] = events;
  return (first && attributesOf<Started>(first, 'workflowExecutionStarted')?.workflowType?.name) ?? '';
}

/** The histories as a bundle, which can be written to a file. */
export function toBundle(run: RunHistories, exportedAt: string): Bundle {
  return {
    ...{ format: 'sequence-failover-record', version: 1, exportedAt, workflowId: run.workflowId },
    ...{ histories: allHistories(run), missing: allMissing(run) },
  };
}

interface Started {
  workflowType: { name: string };
  continuedExecutionRunId: string;
}

interface ContinuedAsNew {
  newExecutionRunId: string;
}

interface ChildStarted {
  workflowExecution: { workflowId: string; runId: string };
  workflowType: { name: string };
}

function previousRunId({ events }: WorkflowHistory): string | undefined {
  const [first] = events;
  return first && attributesOf<Started>(first, 'workflowExecutionStarted')?.continuedExecutionRunId;
}

function nextRunId({ events }: WorkflowHistory): string | undefined {
  const last = events.at(-1);
  return last && attributesOf<ContinuedAsNew>(last, 'workflowExecutionContinuedAsNew')?.newExecutionRunId;
}

/** The children of this type that a run started. */
function childrenOf({ events }: WorkflowHistory, type: string): { workflowId: string; runId: string }[] {
  return events.flatMap((event) => {
    const child = attributesOf<ChildStarted>(event, 'childWorkflowExecutionStarted');
    if (child?.workflowType?.name !== type || child.workflowExecution === undefined) return [];
    const { workflowId, runId } = child.workflowExecution;
    return [{ workflowId, runId }];
  });
}
