import { type ChildWorkflowHandle, type ParentClosePolicy, startChild } from '@temporalio/workflow';
import { INTERNAL_WORKFLOW_TYPES } from '../../src/contract/names.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';
import { UndecodableError } from '../ending.js';
import type { PageReport, PageTask } from './page-task.js';
import type { synchronizePage } from './synchronize-page.js';

/** A page that is its own workflow. */
export type PageHandle = ChildWorkflowHandle<typeof synchronizePage>;

/** The name of a page of a round, in the IDs of workflows. */
export const pageName = (round: number, index: number) => `round-${round}/page-${index + 1}`;

interface PageStart {
  workflowId: string;
  index: number;
  /** The number of pages of the round. */
  total: number;
  parentClosePolicy?: ParentClosePolicy;
}

/** Starts the workflow of a page. */
export function startPageWorkflow(
  task: PageTask,
  { index, total, ...options }: PageStart,
): Promise<PageHandle> {
  return startChild<typeof synchronizePage>(INTERNAL_WORKFLOW_TYPES.page, {
    ...options,
    args: [task],
    staticSummary: `page ${index + 1} of ${total}`,
  });
}

/** @throws UndecodableError if this worker lacks the key to decode one of the reports */
export function assertDecoded(reports: readonly PageReport[]): void {
  if (reports.some(isUndecodable)) throw new UndecodableError('the report of a page');
}
