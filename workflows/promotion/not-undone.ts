import { type ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { notUndoneText } from '../../src/planning/promotion/not-undone-text.js';
import { promotionFailure } from './failure.js';
import type { Promotion } from './promotion.js';

/** The failure of a promotion that has tried to undo everything: the given one, or `NotUndone` if something is left. */
export function afterUndo(
  { undo, known }: Promotion,
  describe: (whatBecame: string) => ApplicationFailure,
): ApplicationFailure {
  const undone = undo.steps({ undone: true });
  const nothing = undo.steps().length === 0 ? 'see the status' : 'no step was undone completely';
  const failure = describe(undone.length === 0 ? nothing : `undone: ${undone.join(', ')}`);
  const { changes } = undo;
  if (changes.length === 0 || known.readiness === null) return failure;
  const { primary, standby } = known.readiness.identity;
  return promotionFailure(
    'NotUndone',
    notUndoneText({
      ...{
        workflowId: workflowInfo().workflowId,
        changes,
        cause: `${failure.type ?? ''}: ${failure.message}`,
      },
      databases: { primary: primary.database, standby: standby.database },
    }),
  );
}
