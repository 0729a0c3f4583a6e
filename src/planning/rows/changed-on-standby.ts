import type { ChangedRow, IdentifiedRow, KnownSequence, RecordedRow } from '../../steps/rows.js';
import { type SeenSequence, toRecorded } from './changed-rows.js';
import { rowWithoutValues } from './page-rows.js';
import { type RowState, rowStateDigest, rowStateOf } from './row-state.js';

/** A sequence that the standby had earlier in the run and no longer has under its name. */
export interface VanishedSequence {
  sequence: string;
  /** The oid on the standby. Absent if an older worker recorded the sequence. */
  oid?: number;
  /** Its present name on the standby; null if it was dropped. */
  renamedTo: string | null;
}

export interface StandbyChanges {
  changes: ChangedRow[];
  /** Sequences that were on both sides and were not skipped. */
  vanished: VanishedSequence[];
  /** Sequences that were dropped and created anew, with the oid that each had before. Its last reading has that oid. */
  renewed: { sequence: string; oid: number }[];
}

const WHERE = 'on the standby while the run waited';

/**
 * Like `changedRows`, but without the primary: compares the recorded rows with the standby alone. A sequence that is behind is left
 * out, since its top-up records it, unless its name is new: the record has to say that it appeared.
 */
export function changedOnStandby(
  known: readonly KnownSequence[],
  seen: readonly SeenSequence[],
): StandbyChanges {
  const there = known.filter((one) => one.gone !== true && wasOnStandby(one));
  const present = new Map(seen.map(({ row }) => [row.sequence, row]));
  const newNames = namesByOid(seen.map(({ row }) => row));
  const taken = takenNames(there, present);
  // The rows of a run without the primary have no oid of the primary's. Each sequence that it began with may have been the primary's.
  const isLost = known.every(({ primaryOid }) => primaryOid === undefined);
  const isOfPrimary = (before: KnownSequence, renamedTo: string | null) =>
    isLost ? mayBeOfPrimary(before, renamedTo, there) : wasOnBoth(before);
  const vanished: VanishedSequence[] = [];
  const changes: ChangedRow[] = [];
  for (const before of there) {
    if (present.has(before.sequence) && !taken.has(before.sequence)) continue;
    const renamedTo = before.oid === undefined ? null : (newNames.get(before.oid) ?? null);
    const isMissed = before.outcome !== 'skipped' && isOfPrimary(before, renamedTo);
    const oid = before.oid === undefined ? {} : { oid: before.oid };
    if (isMissed) vanished.push({ sequence: before.sequence, renamedTo, ...oid });
    const what = `${renamedTo === null ? 'dropped' : `renamed to ${renamedTo}`} ${WHERE}`;
    // A later recheck has to know that the sequence was there.
    const row = { ...rowWithoutValues(before.sequence, isMissed ? 'failed' : 'skipped', what), ...oid };
    const state = rowStateOf(row, false);
    if (before.standing === rowStateDigest(row.sequence, state)) continue;
    const gone = isMissed ? {} : { gone: true as const };
    changes.push({ ...toRecorded(row, state), ...gone, was: before.outcome });
  }
  const others = seen.filter(({ row }) => !taken.has(row.sequence));
  return {
    changes: [...changes, ...changesOfPresent(known, there, others)],
    vanished,
    renewed: there.flatMap((before) => {
      const now = present.get(before.sequence);
      if (before.oid === undefined || now === undefined || taken.has(before.sequence)) return [];
      return isAnother(before, now.oid) ? [{ sequence: before.sequence, oid: before.oid }] : [];
    }),
  };
}

/** The names that a renamed sequence has taken over from another one, which was dropped or renamed itself. */
function takenNames(there: readonly KnownSequence[], present: ReadonlyMap<string, Named>): Set<string> {
  const began = new Map(
    there.flatMap(({ sequence, oid, appeared }): [number, string][] =>
      oid === undefined || appeared === true ? [] : [[oid, sequence]],
    ),
  );
  return new Set(
    there.flatMap((before) => {
      const oid = present.get(before.sequence)?.oid;
      if (oid === undefined || !isAnother(before, oid)) return [];
      const name = began.get(oid);
      return name === undefined || name === before.sequence ? [] : [before.sequence];
    }),
  );
}

function changesOfPresent(
  known: readonly KnownSequence[],
  there: readonly KnownSequence[],
  seen: readonly SeenSequence[],
): ChangedRow[] {
  const recorded = new Map(there.map((one) => [one.sequence, one]));
  const outcomes = new Map(known.map(({ sequence, outcome }) => [sequence, outcome]));
  const oldNames = namesByOid(there);
  // Some of these the standby did not have yet.
  const begunWith = new Set(
    known.filter((one) => one.gone !== true && one.appeared !== true).map(({ sequence }) => sequence),
  );
  return seen.flatMap(({ row, state }): ChangedRow[] => {
    const before = recorded.get(row.sequence);
    if (before !== undefined && (state === 'behind' || isAsRecorded(before, row, state))) return [];
    const isAnew = before !== undefined && isAnother(before, row.oid);
    const what = before === undefined ? whereFrom(row, oldNames) : isAnew ? ANEW : null;
    const isBehind = state === 'behind';
    const reason = [what, isBehind ? 'behind' : row.reason].filter((text) => text !== null).join('; ');
    const outcome = isBehind ? 'failed' : row.outcome;
    const appeared = begunWith.has(row.sequence) ? {} : { appeared: true as const };
    const was = outcomes.get(row.sequence) ?? null;
    // Its last reading has the oid from before, by which a later recheck finds it.
    const oid = isAnew && before.oid !== undefined ? { oid: before.oid } : {};
    return [{ ...toRecorded(row, state), ...oid, ...appeared, outcome, reason, was }];
  });
}

const ANEW = `dropped and created anew ${WHERE}`;

function whereFrom({ sequence, oid }: Named, oldNames: ReadonlyMap<number, string>): string {
  const name = oid === undefined ? undefined : oldNames.get(oid);
  return name === undefined || name === sequence ? `created ${WHERE}` : `renamed from ${name} ${WHERE}`;
}

type Named = Pick<RecordedRow, 'sequence' | 'oid'>;

/** Whether the recorded row still holds, as far as the standby alone can tell. */
function isAsRecorded(before: KnownSequence, { outcome, oid }: IdentifiedRow, state: RowState): boolean {
  if (state === 'ahead') return before.outcome !== 'failed';
  if (outcome === 'skipped') return true;
  if (before.outcome !== 'failed') return false;
  return !isAnother(before, oid) || before.standing === rowStateDigest(before.sequence, state);
}

function isAnother(before: KnownSequence, oid: number | undefined): boolean {
  return before.oid !== undefined && before.oid !== oid;
}

/** Rows of an older worker have no oid. */
function wasOnStandby({ oid, outcome }: KnownSequence): boolean {
  return oid !== undefined || outcome === 'applied' || outcome === 'kept';
}

/** A sequence that only the standby had is not missed, since the primary has none of this name. */
function wasOnBoth({ oid, primaryOid }: KnownSequence): boolean {
  return primaryOid !== undefined || oid === undefined;
}

/** A name that appeared while the run waited counts if it was the last one of a sequence that the run began with. */
function mayBeOfPrimary(
  { appeared, oid }: KnownSequence,
  renamedTo: string | null,
  there: readonly KnownSequence[],
): boolean {
  if (appeared !== true) return true;
  if (renamedTo !== null || oid === undefined) return false;
  return there.some((one) => one.appeared !== true && one.outcome !== 'skipped' && one.oid === oid);
}

function namesByOid(sequences: readonly Named[]): ReadonlyMap<number, string> {
  return new Map(
    sequences.flatMap(({ oid, sequence }): [number, string][] =>
      oid === undefined ? [] : [[oid, sequence]],
    ),
  );
}
