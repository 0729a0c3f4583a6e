import { executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import type { PageAddress } from '../src/contract/status.js';
import type { PageRange } from '../src/contract/steps.js';
import type { Run } from './run.js';
import {
  Page,
  type PageReport,
  type PageTask,
  statementsOf,
  type synchronizePage,
  toRow,
} from './synchronize-page.js';

/** Up to so many pages run inside the run itself; more run as workflows of their own. */
const PAGES_INLINE = 2;
/** Pages in flight at once: enough to keep both servers busy, few enough to bound their connections and locks. */
const PAGES_AT_ONCE = 4;
/** Up to so many sequences each have a step of their own in the history. */
const INDIVIDUALLY = 100;

/** What all pages together came to. */
export interface PagesReport {
  reports: PageReport[];
  /** In `plan`: the statements, or for each page a psql comment that says where they are. */
  statements: string[];
}

/** One pass over every page of the pair. */
export async function runPages(run: Run, ranges: readonly PageRange[]): Promise<PagesReport> {
  const tasks = ranges.map((range) => toTask(run, range));
  return tasks.length <= PAGES_INLINE ? runInline(run, tasks) : runAsChildren(run, tasks);
}

async function runInline(run: Run, tasks: readonly PageTask[]): Promise<PagesReport> {
  const pages = tasks.map(
    (task, index) => new Page(task, tasks.length > 1 ? `, page ${index + 1} of ${tasks.length}` : ''),
  );
  run.memory.pages = [];
  run.enter('synchronizing');
  await Promise.all(pages.map((page) => page.synchronize()));
  run.enter('verifying');
  await Promise.all(pages.map((page) => page.verify()));
  run.enter('recording');
  await Promise.all(pages.map((page) => page.record()));
  run.memory.rows = pages.flatMap((page) => page.rows.map(toRow));
  return {
    reports: pages.map((page) => page.report()),
    statements: run.input.mode === 'plan' ? pages.flatMap((page) => statementsOf(page.rows)) : [],
  };
}

async function runAsChildren(run: Run, tasks: readonly PageTask[]): Promise<PagesReport> {
  const { workflowId } = workflowInfo();
  const addresses = tasks.map(({ range }, index): PageAddress => ({
    workflowId: `${workflowId}/round-${run.memory.round}/page-${index + 1}`,
    from: range.after === null ? null : range.after.join('.'),
    to: range.upTo === null ? null : range.upTo.join('.'),
  }));
  run.enter('synchronizing');
  run.memory.rows = [];
  run.memory.pages = [];
  const reports: PageReport[] = [];
  const queue = tasks.entries();
  const lanes = Array.from({ length: PAGES_AT_ONCE }, async () => {
    for (const [index, task] of queue) {
      const address = addresses[index];
      if (address === undefined) continue;
      run.memory.pages.push(address);
      reports[index] = await executeChild<typeof synchronizePage>('synchronizePage', {
        workflowId: address.workflowId,
        args: [task],
        // A page that is setting values ends them properly, also when its run has failed for another page.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `page ${index + 1} of ${tasks.length}`,
      });
    }
  });
  await Promise.all(lanes);
  run.memory.pages = addresses;
  return {
    reports,
    statements: addresses.map(({ workflowId: page }) => whereStatementsAre(page)),
  };
}

/** A line that psql ignores and a person can run. */
export function whereStatementsAre(workflowId: string): string {
  return `-- temporal workflow query --type statements --workflow-id ${JSON.stringify(workflowId)}`;
}

function toTask(run: Run, range: PageRange): PageTask {
  const { primaryMaxConnections, total } = run.readiness;
  return {
    identity: run.identity,
    mode: run.input.mode,
    policy: run.policy,
    primaryMaxConnections,
    range,
    individually: total <= INDIVIDUALLY,
    run: run.origin,
    round: run.memory.round,
  };
}
