import { lastValueBefore } from '../../sequences/sequence.js';
import { guardedSetval } from '../../sequences/statement.js';
import type { PlannedSequence, SequenceToSet, Setting } from '../../steps/rows.js';

/** A setting with the name of its sequence. A batch of settings travels without the names, which the history has already. */
export interface NamedSetting {
  sequence: string;
  setting: Setting;
}

/** Whether the plan sets the sequence. */
export function isToSet(plan: PlannedSequence): plan is SequenceToSet {
  return plan.outcome === 'applied';
}

/** The setval of a plan, with the name of its sequence. */
export function toSetting({ sequence, oid, increment, target, called }: SequenceToSet): NamedSetting {
  return { sequence, setting: { oid, increment, target, called } };
}

/** The setvals as statements for psql. Each is guarded, so that it lowers nothing even if it is run hours later. */
export function statementsOf(plans: readonly PlannedSequence[]): string[] {
  return plans.filter(isToSet).map(({ sequence, called, ...plan }) => {
    const [increment, target] = [BigInt(plan.increment), BigInt(plan.target)];
    const value = lastValueBefore(target, increment, called);
    return guardedSetval({ sequence, increment, target, value, called });
  });
}
