import type { Outcome } from '../contract/status.js';
import type { PlannedSequence, PrimarySequence } from '../steps/rows.js';
import { nextValue } from '../sequences/sequence.js';
import type { StandbySequence } from './standby-sequence.js';

/** A row of which nothing is known but its name and what became of it. */
export function bareRow(sequence: string, outcome: Outcome, reason: string): PlannedSequence {
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

/** The row of a sequence that gets no target: whose it is on each side, and, of one that failed, where it could be read. */
export function rowWithoutTarget(
  primary: PrimarySequence | undefined,
  standby: StandbySequence | undefined,
  outcome: 'skipped' | 'failed',
  reason: string,
): PlannedSequence {
  const row = bareRow((primary ?? standby)?.sequence ?? '', outcome, reason);
  if (primary !== undefined) row.primaryOid = primary.oid;
  if (standby !== undefined) row.oid = standby.oid;
  if (outcome === 'skipped') return row;
  row.primaryNext = primary === undefined ? null : nextOfPrimary(primary);
  row.standbyBefore = standby === undefined ? null : nextOfStandby(standby);
  row.standbyNext = row.standbyBefore;
  return row;
}

function nextOfPrimary({ last, called, increment }: PrimarySequence): string | null {
  if (last === undefined || called === undefined) return null;
  return String(nextValue({ lastValue: BigInt(last), isCalled: called }, BigInt(increment)));
}

function nextOfStandby({ reading, definition }: StandbySequence): string | null {
  return 'problem' in reading ? null : String(nextValue(reading.position, definition.increment));
}
