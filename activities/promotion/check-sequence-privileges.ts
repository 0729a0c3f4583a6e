import type { PromotionFinding } from '../../src/contract/promotion.js';
import { missingSequencePrivileges } from '../../src/planning/promotion/sequence-privileges.js';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import { readColumns } from '../../src/postgres/sequences/fed-columns.js';
import {
  readMissingPrivileges,
  type NamedUnprivileged,
} from '../../src/postgres/sequences/read-missing-privileges.js';
import { qualifiedName } from '../../src/sequences/identifier.js';
import { compileSelection } from '../../src/sequences/selection.js';
import type { Identity } from '../../src/steps/identity.js';
import type { PromotionCheckInput } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';

/**
 * The privileges on sequences that are missing for all that follows: on the primary also for the way back, which sets its sequences. A
 * sequence that only one side has is not set, and needs none; if it matters, the readiness or the round says so.
 */
export async function checkSequencePrivileges(
  { primary, standby }: Pair,
  { identity, failback, selection }: PromotionCheckInput,
): Promise<PromotionFinding[]> {
  const select = compileSelection(selection ?? { include: [], exclude: [] });
  const isSelected = ({ rawSchema, name }: { rawSchema: string; name: string }) =>
    select(rawSchema, name).selected;
  const [onPrimary, onStandby] = await Promise.all([
    onSide('primary', () => readMissingPrivileges(primary, identity.primary, failback ? 'set' : 'read')),
    onSide('standby', () => readMissingPrivileges(standby, identity.standby, 'set')),
  ]);
  const [ofPrimary, ofStandby] = await Promise.all([
    onSide('standby', () => thatTheOtherHas(standby, identity.standby, onPrimary.filter(isSelected))),
    onSide('primary', () => thatTheOtherHas(primary, identity.primary, onStandby.filter(isSelected))),
  ]);
  return missingSequencePrivileges(ofPrimary, ofStandby, failback);
}

async function thatTheOtherHas(
  other: Endpoint,
  expected: Identity,
  lacking: readonly NamedUnprivileged[],
): Promise<NamedUnprivileged[]> {
  if (lacking.length === 0) return [];
  const names = lacking.map(({ rawSchema, name }) => [rawSchema, name]);
  const { sequences } = await readColumns(other, expected, { columns: [], sequences: names });
  return lacking.filter(({ rawSchema, name }) => sequences.has(qualifiedName(rawSchema, name)));
}
