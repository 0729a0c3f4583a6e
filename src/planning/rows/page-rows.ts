import type { Outcome } from '../../contract/status.js';
import type { BlockedSequence, IdentifiedRow, PrimaryOrPresumed, SkippedSequence } from '../../steps/rows.js';
import { nextValue } from '../../sequences/sequence.js';
import type { StandbySequence } from '../standby-sequence.js';

/** A row without values. */
export function rowWithoutValues<O extends Outcome>(
  sequence: string,
  outcome: O,
  reason: string,
): IdentifiedRow & { outcome: O; reason: string } {
  return {
    sequence,
    primaryNext: null,
    standbyBefore: null,
    target: null,
    standbyNext: null,
    buffer: null,
    outcome,
    reason,
  };
}

/** The row of a sequence that gets no target. A blocked sequence keeps the values that could be read. */
export function rowWithoutTarget(
  primary: PrimaryOrPresumed | undefined,
  standby: StandbySequence | undefined,
  outcome: 'skipped' | 'failed',
  reason: string,
): BlockedSequence | SkippedSequence {
  const row: BlockedSequence | SkippedSequence = rowWithoutValues(
    (primary ?? standby)?.sequence ?? '',
    outcome,
    reason,
  );
  if (primary?.oid !== undefined) row.primaryOid = primary.oid;
  if (standby !== undefined) row.oid = standby.oid;
  if (outcome === 'skipped') return row;
  row.primaryNext = primary === undefined ? null : nextOfPrimary(primary);
  row.standbyBefore = standby === undefined ? null : nextOfStandby(standby);
  row.standbyNext = row.standbyBefore;
  return row;
}

function nextOfPrimary({ last, called, increment }: PrimaryOrPresumed): string | null {
  if (last === undefined || called === undefined) return null;
  return String(nextValue({ lastValue: BigInt(last), isCalled: called }, BigInt(increment)));
}

function nextOfStandby({ reading, definition }: StandbySequence): string | null {
  return 'problem' in reading ? null : String(nextValue(reading.position, definition.increment));
}
