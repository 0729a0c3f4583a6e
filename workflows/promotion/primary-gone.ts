import { workflowInfo } from '@temporalio/workflow';
import { temporaryFailure } from '../ending.js';
import { startCommand } from '../../src/planning/remedies/start-command.js';
import { selectionGiven } from '../../src/contract/selection.js';
import { selectionFor } from './policy.js';
import type { Promotion } from './promotion.js';

/** The advice if the primary cannot be reached before anything was changed; empty for another failure. A promotion fences the primary, so it needs one. */
export function primaryGoneAdvice(promotion: Promotion, cause: unknown): string {
  const { pair, ticket, requestedBy } = promotion;
  if (temporaryFailure(cause)?.type !== 'PrimaryUnreachable') return '';
  const { workflowId, taskQueue } = workflowInfo();
  const command = startCommand({
    taskQueue,
    workflowId: `${workflowId}-lost`,
    input: {
      ...{ pair, primary: 'lost' },
      ...selectionGiven(selectionFor(promotion)),
      ...(requestedBy === null ? {} : { requestedBy }),
      ...(ticket === null ? {} : { ticket }),
    },
  });
  return `; if the primary is gone for good, start a run without it, and then promote by hand as docs/how-to/after-the-failover.md says: ${command}`;
}
