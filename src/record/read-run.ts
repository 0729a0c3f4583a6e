import { attributesOf, type EncodedPayload, firstPayload } from './history-json.js';
import type { Bundle, HistorySource, WorkflowHistory } from './source.js';

/** The histories of a run: those of its continue-as-new chain, and those of its pages. */
export interface RunHistories {
  workflowId: string;
  /** The runs of the chain, in order. */
  chain: WorkflowHistory[];
  /** Above 2,000 sequences, pages are child workflows. They are in the order in which they were started. */
  pages: WorkflowHistory[];
  /** Runs that the other histories name, and that the source no longer has. */
  missing: { workflowId: string; runId: string }[];
}

/**
 * Reads all histories of the continue-as-new chain of a run, with the pages of each.
 *
 * @param runId any run of the chain; default: the workflow's last run
 * @throws Error if there is no such run
 */
export async function readRun(
  source: HistorySource,
  workflowId: string,
  runId?: string,
): Promise<RunHistories> {
  const found = await source.history(workflowId, runId);
  if (found === null)
    throw new Error(
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
  await follow(found, before, (one) => chain.unshift(one));
  await follow(found, after, (one) => chain.push(one));
  const pages: WorkflowHistory[] = [];
  for (const page of chain.flatMap(childrenOf)) {
    const history = await source.history(page.workflowId, page.runId);
    if (history === null) missing.push(page);
    else pages.push(history);
  }
  return { workflowId: found.workflowId, chain, pages, missing };
}

/** The histories as a bundle, which can be written to a file. */
export function toBundle({ workflowId, chain, pages, missing }: RunHistories, exportedAt: string): Bundle {
  return {
    ...{ format: 'sequence-failover-record', version: 1, exportedAt, workflowId },
    ...{ histories: [...chain, ...pages], missing },
  };
}

interface Started {
  continuedExecutionRunId: string;
}

interface ContinuedAsNew {
  newExecutionRunId: string;
}

interface ChildStarted {
  workflowExecution: { workflowId: string; runId: string };
  workflowType: { name: string };
}

function before({ events }: WorkflowHistory): string | undefined {
  const [first] = events;
  return first && attributesOf<Started>(first, 'workflowExecutionStarted')?.continuedExecutionRunId;
}

function after({ events }: WorkflowHistory): string | undefined {
  const last = events.at(-1);
  return last && attributesOf<ContinuedAsNew>(last, 'workflowExecutionContinuedAsNew')?.newExecutionRunId;
}

/** The pages that a run started. */
function childrenOf({ events }: WorkflowHistory): { workflowId: string; runId: string }[] {
  return events.flatMap((event) => {
    const child = attributesOf<ChildStarted>(event, 'childWorkflowExecutionStarted');
    const isPage = child?.workflowType?.name === 'synchronizePage';
    return isPage && child.workflowExecution !== undefined ? [child.workflowExecution] : [];
  });
}

/** A step that a run scheduled, and its result. */
export interface Step {
  activity: string;
  activityId: string;
  input: unknown;
  /** Undefined if the step did not complete. */
  result: unknown;
  /** ISO 8601, in UTC. */
  scheduledAt: string;
  /** The attempt that completed; null if none did. */
  startedAt: string | null;
  completedAt: string | null;
}

/** The steps of one history, in the order in which they were scheduled. */
export function stepsOf({ events }: Pick<WorkflowHistory, 'events'>): Step[] {
  const steps = new Map<string, Step>();
  const startedAt = new Map<string, string>();
  for (const event of events) {
    const scheduled = attributesOf<Scheduled>(event, 'activityTaskScheduled');
    const started = attributesOf(event, 'activityTaskStarted');
    const completed = attributesOf<Completed>(event, 'activityTaskCompleted');
    if (scheduled !== undefined) {
      steps.set(event.eventId, {
        activity: scheduled.activityType?.name ?? '',
        activityId: scheduled.activityId ?? '',
        input: firstPayload(scheduled.input),
        result: undefined,
        scheduledAt: event.eventTime ?? '',
        startedAt: null,
        completedAt: null,
      });
    } else if (started !== undefined) {
      startedAt.set(event.eventId, event.eventTime ?? '');
    } else if (completed !== undefined) {
      const step = steps.get(completed.scheduledEventId ?? '');
      if (step === undefined) continue;
      step.result = firstPayload(completed.result);
      step.startedAt = startedAt.get(completed.startedEventId ?? '') ?? null;
      step.completedAt = event.eventTime ?? '';
    }
  }
  return [...steps.values()];
}

interface Scheduled {
  activityId: string;
  activityType: { name: string };
  input: { payloads?: EncodedPayload[] };
}

interface Completed {
  scheduledEventId: string;
  startedEventId: string;
  result: { payloads?: EncodedPayload[] };
}
