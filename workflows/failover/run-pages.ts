import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, ParentClosePolicy, patched, workflowInfo } from '@temporalio/workflow';
import { mapConcurrently } from '../../src/concurrency/map-concurrently.js';
import { longestSample } from '../../src/contract/buffer-policy.js';
import { INDIVIDUALLY_AT_MOST, PAGES_AT_ONCE } from '../../src/steps/limits.js';
import { childId } from '../../src/steps/child-id.js';
import type { PageAddress } from '../../src/contract/status.js';
import type { PageRange } from '../../src/steps/identity.js';
import { itemAt } from '../item-at.js';
import { proceedSignal } from '../messages.js';
import { isFleetMember } from './fleet-member.js';
import type { EarlierOutcomes } from './recorded-rows.js';
import { outcomesLost } from './outcomes-lost.js';
import type { Run } from './run.js';
import { Page } from '../pages/page.js';
import type { PageReport, PageTask } from '../pages/page-task.js';
import { assertDecoded, type PageHandle, pageName, startPageWorkflow } from '../pages/page-child.js';
import { shellQuoted } from '../../src/contract/shell.js';

/** The reports of all pages. */
export interface PagesReport {
  reports: PageReport[];
  /** In `plan`: the statements, or for each page a command that prints them. */
  statements: string[];
}

/** Works through every page of the pair. A single page runs inside the run, several pages are child workflows. */
export async function runPages(run: Run, ranges: readonly PageRange[]): Promise<PagesReport> {
  const tasks = ranges.map((range) => toTask(run, range));
  const [task] = tasks;
  return task !== undefined && tasks.length === 1 ? runInside(run, task) : runAsChildren(run, tasks);
}

async function runInside(run: Run, task: PageTask): Promise<PagesReport> {
  const page = new Page(task);
  run.recorded.beginOnePage();
  run.enter('synchronizing');
  await page.sample();
  try {
    await page.work((phase) => {
      run.enter(phase);
    });
  } catch (error) {
    if (page.isInterrupted) run.recorded.interruptOnePage(page.recorded());
    throw error;
  } finally {
    run.recorded.chain(page.digest, task);
  }
  run.recorded.endOnePage(page.recorded());
  run.setFindings('counts', []);
  return {
    reports: [page.report()],
    statements: run.input.mode === 'plan' ? page.statements() : [],
  };
}

async function runAsChildren(run: Run, tasks: readonly PageTask[]): Promise<PagesReport> {
  const { workflowId } = workflowInfo();
  const { round } = run.memory;
  const addresses = tasks.map(({ range }, index): PageAddress => ({
    workflowId: childId(workflowId, pageName(round, index)),
    from: range.after === null ? null : range.after.join('.'),
    to: range.upTo === null ? null : range.upTo.join('.'),
  }));
  run.enter('synchronizing');
  const earlier = run.recorded.beginPages(tasks.length);
  const start = (task: PageTask, index: number) =>
    startPage(run, withEarlier(task, earlier), itemAt(addresses, index), { index, total: tasks.length });
  const allPages = () =>
    longestSample(run.policy) === null
      ? mapConcurrently(PAGES_AT_ONCE, tasks, async (task, index) =>
          counted(run, task, await start(task, index)),
        )
      : inTurn(run, tasks, start);
  let reports: PageReport[];
  try {
    reports = await allPages();
  } finally {
    run.recorded.stopWorking();
  }
  assertDecoded(reports);
  const outcomes = reports.map((report, index) => ({
    range: itemAt(tasks, index).range,
    packed: report.outcomes ?? '',
  }));
  const areKept = run.recorded.endPages(addresses, outcomes);
  run.setFindings('counts', outcomesLost(!areKept));
  return {
    reports,
    statements: run.input.mode === 'plan' ? whereStatementsAre(addresses) : [],
  };
}

/** Starts the workflow of a page. If its ID is in use, the page gets another one, also in `address`. */
async function startPage(
  run: Run,
  task: PageTask,
  address: PageAddress,
  place: { index: number; total: number },
): Promise<PageHandle> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  run.recorded.beginPage(address);
  const startAs = (id: string) =>
    startPageWorkflow(task, {
      ...place,
      workflowId: id,
      // A page that is setting values can finish in order, even if the run has failed because of another page.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
  try {
    return await startAs(address.workflowId);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !patched('page-ids')) throw error;
    // A run with the same ID was terminated, and its page has not ended yet.
    const other = childId(
      workflowId,
      `${firstExecutionRunId.slice(-12)}/${pageName(task.round, place.index)}`,
    );
    run.recorded.movePage(address.workflowId, other);
    address.workflowId = other;
    return startAs(other);
  }
}

function withEarlier(task: PageTask, { pages, since }: EarlierOutcomes): PageTask {
  if (pages.length === 0) return task;
  const range = JSON.stringify(task.range);
  const same = pages.filter((page) => JSON.stringify(page.range) === range);
  const packed = (same.length > 0 ? same : pages).map((page) => page.packed);
  return { ...task, earlier: [...packed, since] };
}

/** The result of the page, which the status counts as soon as it is there. */
function counted(run: Run, task: PageTask, page: PageHandle): Promise<PageReport> {
  const result = page.result();
  // The caller, which awaits the result, handles a failure.
  result.then(
    ({ digest }) => {
      run.recorded.endPage();
      run.recorded.chain(digest, task);
    },
    () => undefined,
  );
  return result;
}

/**
 * Starts all pages, so that they measure during the same time, and then lets a few of them work at once. If one fails, the others are
 * cancelled, so that none waits for its turn, or measures, in vain.
 */
async function inTurn(
  run: Run,
  tasks: readonly PageTask[],
  start: (task: PageTask, index: number) => Promise<PageHandle>,
): Promise<PageReport[]> {
  const open = new Set<PageHandle>();
  try {
    const pages = await mapConcurrently(PAGES_AT_ONCE, tasks, async (task, index) => {
      const page = await start(task, index);
      open.add(page);
      return page;
    });
    return await mapConcurrently(PAGES_AT_ONCE, pages, async (page, index) => {
      // A page that has failed takes no signal; its result has the reason.
      await page.signal(proceedSignal).catch(() => undefined);
      try {
        return await counted(run, itemAt(tasks, index), page);
      } catch (error) {
        open.delete(page);
        await dismiss(open);
        throw error;
      } finally {
        open.delete(page);
      }
    });
  } catch (error) {
    await dismiss(open);
    await Promise.allSettled([...open].map((page) => page.result()));
    throw error;
  }
}

/** Cancels the pages. If the run itself was cancelled, they are cancelled already. */
async function dismiss(pages: Iterable<PageHandle>): Promise<void> {
  await Promise.allSettled(
    [...pages].map(({ workflowId }) => getExternalWorkflowHandle(workflowId).cancel()),
  );
}

/** Replaces the statements of a large pair: the first line fails in psql, and the others are commands for a person. */
export function whereStatementsAre(workflows: readonly Pick<PageAddress, 'workflowId'>[]): string[] {
  const queries = workflows.map(
    ({ workflowId }) =>
      `-- temporal workflow query --type statements --workflow-id ${shellQuoted(workflowId)} --output json | jq -r '.queryResult[0][]'`,
  );
  return [
    `DO $$ BEGIN RAISE EXCEPTION 'Nothing was set: the statements are too many for one answer, and are what the commands below print'; END $$;`,
    ...queries,
  ];
}

function toTask(run: Run, range: PageRange): PageTask {
  const { primaryMaxConnections, total } = run.readiness;
  return {
    identity: run.identity,
    mode: run.input.mode,
    policy: run.policy,
    primaryMaxConnections,
    range,
    ...(run.isPrimaryLost ? { primary: 'lost' as const } : {}),
    // In a fleet nobody reads the history sequence by sequence, and one step per sequence would take most of the time.
    individually: total <= INDIVIDUALLY_AT_MOST && !isFleetMember(),
    run: run.origin,
    round: run.memory.round,
    ...run.recorded.chained,
  };
}
