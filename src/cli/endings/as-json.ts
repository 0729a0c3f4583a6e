import type { WorkflowEnding } from '../../client/ending.js';
import type { Ending } from '../../contract/status.js';

/** The fields that the JSON of every command about one workflow has. docs/reference/command.md describes them for users. */
export interface WorkflowJson {
  workflowId: string;
  state: 'open' | WorkflowEnding<unknown, unknown>['state'];
  /** Null if it is not known. */
  status: object | null;
}

/**
 * A workflow that answers a query. It may have ended.
 *
 * @param status null if it is not known
 * @param isOpen false: Temporal has closed it
 */
export function statusAsJson(
  workflowId: string,
  status: { ending: Ending | null } | null,
  isOpen = true,
): WorkflowJson {
  // Of a workflow that Temporal has ended, the status says nothing about that.
  return { workflowId, state: status?.ending?.state ?? (isOpen ? 'open' : 'terminated'), status };
}

/** A workflow that has ended, with `type` and `message` of a failure. */
export function endingAsJson(workflowId: string, ending: WorkflowEnding<object, object>): WorkflowJson {
  return ending.state === 'completed'
    ? { workflowId, state: ending.state, status: ending.result }
    : { workflowId, status: null, ...ending };
}
