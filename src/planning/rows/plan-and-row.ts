import type { IdentifiedRow, PlannedSequence } from '../../steps/rows.js';
import { toRow } from '../../steps/sequence-row.js';

/**
 * The plan for a sequence, and the row that shows its outcome. The plan stays as it was computed. The row changes: the sequence may fail,
 * or count as set because an earlier round has set it.
 */
export interface PlanAndRow<P extends PlannedSequence = PlannedSequence> {
  plan: P;
  row: IdentifiedRow;
}

/** The plan with a row of its own, which later steps change. */
export function toPlanAndRow(plan: PlannedSequence): PlanAndRow {
  const row: IdentifiedRow = toRow(plan);
  if (plan.oid !== undefined) row.oid = plan.oid;
  if (plan.primaryOid !== undefined) row.primaryOid = plan.primaryOid;
  return { plan, row };
}

/** The sequences with a plan of one kind that have not failed since. */
export function plansLeft<P extends PlannedSequence>(
  all: readonly PlanAndRow[],
  isOfKind: (plan: PlannedSequence) => plan is P,
): PlanAndRow<P>[] {
  return all.filter((one): one is PlanAndRow<P> => one.row.outcome !== 'failed' && isOfKind(one.plan));
}
