import type { PromotionFinding } from '../../src/contract/promotion.js';
import { sequenceRights } from '../../src/planning/sequence-rights.js';
import { readMissingRights } from '../../src/postgres/sequences/read-missing-rights.js';
import { compileSelection } from '../../src/sequences/selection.js';
import type { PromotionCheckInput } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';

/** The privileges on sequences that are missing for all that follows: on the primary also for the way back, which sets its sequences. */
export async function checkSequenceRights(
  { primary, standby }: Pair,
  { identity, failback, selection }: PromotionCheckInput,
): Promise<PromotionFinding[]> {
  const select = compileSelection(selection ?? { include: [], exclude: [] });
  const isSelected = ({ rawSchema, name }: { rawSchema: string; name: string }) =>
    select(rawSchema, name).selected;
  const [onPrimary, onStandby] = await Promise.all([
    onSide('primary', () => readMissingRights(primary, identity.primary, failback ? 'set' : 'read')),
    onSide('standby', () => readMissingRights(standby, identity.standby, 'set')),
  ]);
  return sequenceRights(onPrimary.filter(isSelected), onStandby.filter(isSelected), failback);
}
