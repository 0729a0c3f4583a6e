import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { inLanes } from '../../src/concurrency/lanes.js';
import { longestSample } from '../../src/contract/buffer-policy.js';
import { childId } from '../../src/steps/child-id.js';
import type { PageAddress } from '../../src/contract/status.js';
import type { PageRange } from '../../src/steps/steps.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';
import { UndecodableError } from '../ending.js';
import { itemAt } from '../item-at.js';
import { proceedSignal } from '../messages.js';
import { mergeRounds } from '../../src/planning/merge-rounds.js';
import { packOutcomes } from '../../src/planning/outcomes.js';
import { isFleetMember } from './fleet-member.js';
import { outcomesLost } from './outcomes-lost.js';
import type { Run } from './run.js';
import type { RunMemory } from './run-memory.js';
import {
  countRows,
  Page,
  type PageReport,
  type PageTask,
  statementsOf,
  type synchronizePage,
} from '../pages/synchronize-page.js';

/** Pages at work at once: enough to keep both servers busy, few enough to bound their connections and locks. */
const PAGES_AT_ONCE = 3;
/** Up to so many sequences each have a step of their own in the history. */
const INDIVIDUALLY = 100;

/** What all pages together came to. */
export interface PagesReport {
  reports: PageReport[];
  /** In `plan`: the statements, or for each page a command that prints them. */
  statements: string[];
}

/** One pass over every page of the pair: a single one inside the run itself, more as workflows of their own. */
export async function runPages(run: Run, ranges: readonly PageRange[]): Promise<PagesReport> {
  const tasks = ranges.map((range) => toTask(run, range));
  const [task] = tasks;
  return task !== undefined && tasks.length === 1 ? runInline(run, task) : runAsChildren(run, tasks);
}

async function runInline(run: Run, task: PageTask): Promise<PagesReport> {
  const page = new Page(task);
  const earlier = run.memory.rows;
  run.memory.pages = [];
  run.enter('synchronizing');
  await page.sample();
  try {
    await page.untilCancelled(async () => {
      await page.synchronize();
      run.enter('verifying');
      await page.verify();
      run.enter('recording');
      await page.record();
    });
  } catch (error) {
    if (page.isInterrupted) {
      run.memory.rows = mergeRounds(earlier, page.recorded());
      run.memory.counts = countRows(run.memory.rows);
    }
    throw error;
  }
  run.memory.rows = mergeRounds(earlier, page.recorded());
  delete run.memory.earlierPages;
  delete run.memory.outcomes;
  run.found('counts', []);
  return {
    reports: [page.report()],
    statements: run.input.mode === 'plan' ? statementsOf(page.rows) : [],
  };
}

async function runAsChildren(run: Run, tasks: readonly PageTask[]): Promise<PagesReport> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const pageOf = (index: number) => `round-${run.memory.round}/page-${index + 1}`;
  const addresses = tasks.map(({ range }, index): PageAddress => ({
    workflowId: childId(workflowId, pageOf(index)),
    from: range.after === null ? null : range.after.join('.'),
    to: range.upTo === null ? null : range.upTo.join('.'),
  }));
  run.enter('synchronizing');
  const earlier = earlierOutcomes(run);
  const before = run.pagesToCompare();
  if (before.length > 0) run.memory.earlierPages = before.slice(-PAGES_COMPARED);
  run.memory.rows = run.memory.rows.filter(({ gone }) => gone === true);
  run.memory.pages = [];
  const start = async (task: PageTask, index: number) => {
    const address = itemAt(addresses, index);
    run.memory.pages.push(address);
    const startAs = (id: string) =>
      startChild<typeof synchronizePage>('synchronizePage', {
        workflowId: id,
        args: [withEarlier(task, earlier)],
        // A page that is setting values ends them properly, also when its run has failed for another page.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `page ${index + 1} of ${tasks.length}`,
      });
    try {
      return await startAs(address.workflowId);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !patched('page-ids')) throw error;
      // A run of the same ID was terminated, and its page is still about to end.
      address.workflowId = childId(workflowId, `${firstExecutionRunId.slice(-12)}/${pageOf(index)}`);
      return startAs(address.workflowId);
    }
  };
  const reports =
    longestSample(run.policy) === null
      ? await inLanes(PAGES_AT_ONCE, tasks, async (task, index) => (await start(task, index)).result())
      : await inTurn(tasks, start);
  if (reports.some(isUndecodable)) throw new UndecodableError('the report of a page');
  run.memory.pages = addresses;
  const outcomes = reports.map((report, index) => ({
    ...itemAt(tasks, index),
    packed: report.outcomes ?? '',
  }));
  run.memory.outcomes = withinBounds(outcomes.map(({ range, packed }) => ({ range, packed })));
  run.found('counts', outcomesLost(run.memory.outcomes.length < outcomes.length));
  return {
    reports,
    statements: run.input.mode === 'plan' ? whereStatementsAre(addresses) : [],
  };
}

/** Packed outcomes that a run carries, in characters: those of some 300,000 sequences. */
const OUTCOMES_AT_MOST = 400_000;
/** Pages of earlier rounds that the next recheck compares with; without a recheck in between they add up. */
const PAGES_COMPARED = 400;

type PackedPage = NonNullable<RunMemory['outcomes']>[number];

/** Without them the counts of a later round are its own. */
function withinBounds(pages: PackedPage[]): PackedPage[] {
  const size = pages.reduce((sum, { packed }) => sum + packed.length, 0);
  return size <= OUTCOMES_AT_MOST ? pages : [];
}

/** What earlier rounds and top-ups have made of the sequences of each page. */
function earlierOutcomes({ memory }: Run): { pages: readonly PackedPage[]; since: string } {
  return { pages: memory.outcomes ?? [], since: packOutcomes(memory.rows) };
}

function withEarlier(task: PageTask, { pages, since }: ReturnType<typeof earlierOutcomes>): PageTask {
  if (pages.length === 0) return task;
  const range = JSON.stringify(task.range);
  const same = pages.filter((page) => JSON.stringify(page.range) === range);
  const packed = (same.length > 0 ? same : pages).map((page) => page.packed);
  return { ...task, earlier: [...packed, since] };
}

type PageHandle = ChildWorkflowHandle<typeof synchronizePage>;

/**
 * Starts all pages, so that they measure during the same time, and then lets them work by turns. When one fails, the
 * others are cancelled: none is left waiting for its turn, or for a sample that nobody needs any more.
 */
async function inTurn(
  tasks: readonly PageTask[],
  start: (task: PageTask, index: number) => Promise<PageHandle>,
): Promise<PageReport[]> {
  const open = new Set<PageHandle>();
  try {
    const pages = await inLanes(PAGES_AT_ONCE, tasks, async (task, index) => {
      const page = await start(task, index);
      open.add(page);
      return page;
    });
    return await inLanes(PAGES_AT_ONCE, pages, async (page) => {
      // One that has failed meanwhile takes no signal any more; its result says why.
      await page.signal(proceedSignal).catch(() => undefined);
      try {
        return await page.result();
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

/** When the run itself was cancelled, its pages are already. */
async function dismiss(pages: Iterable<PageHandle>): Promise<void> {
  await Promise.allSettled(
    [...pages].map(({ workflowId }) => getExternalWorkflowHandle(workflowId).cancel()),
  );
}

/** In the place of statements: psql refuses the first, and a person can run the others. */
export function whereStatementsAre(workflows: readonly Pick<PageAddress, 'workflowId'>[]): string[] {
  const queries = workflows.map(
    ({ workflowId }) =>
      `-- temporal workflow query --type statements --workflow-id ${JSON.stringify(workflowId)} --output json | jq -r '.queryResult[0][]'`,
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
    // Of two hundred pairs nobody reads sequence by sequence, and steps are what a fleet's time goes into.
    individually: total <= INDIVIDUALLY && !isFleetMember(),
    run: run.origin,
    round: run.memory.round,
  };
}
