import type { ChangedRow, IdentifiedRow, KnownSequence, RecordedRow } from '../../steps/rows.js';
import { evidenceFields } from '../../steps/sequence-row.js';
import { rowWithoutValues } from './page-rows.js';
import { type RowState, rowStateDigest } from './row-state.js';
import type { SideOfPair } from '../../contract/side.js';

/** A sequence as the last recheck read it. */
export interface SeenSequence {
  row: IdentifiedRow;
  state: RowState;
}

const WAITING = 'while the run waited';

/**
 * Compares what the run has recorded with what there is now: sequences that were created, dropped or renamed, that can
 * no longer be moved, or that can be again. A sequence that is behind is left out, since its top-up records it.
 */
export function changedRows(known: readonly KnownSequence[], seen: readonly SeenSequence[]): ChangedRow[] {
  const there = known.filter(({ gone }) => gone !== true);
  const recorded = new Map(there.map((one) => [one.sequence, one]));
  const outcomes = new Map(known.map(({ sequence, outcome }) => [sequence, outcome]));
  const rows = seen.map(({ row }) => row);
  const [oldNames, newNames] = [namesByOid(there), namesByOid(rows)];
  const changes = goneRows(there, rows);
  for (const { row, state } of seen) {
    const before = recorded.get(row.sequence);
    if (state === 'behind' || (before !== undefined && isAsRecorded(before, row, state))) continue;
    const what = before === undefined ? whereFrom(row, oldNames) : whatBecameOf(before, row, newNames);
    changes.push({ ...nowRecorded(row, state, what), was: outcomes.get(row.sequence) ?? null });
  }
  return changes;
}

/** A row for each recorded sequence that neither side has under its name any more. */
export function goneRows(known: readonly KnownSequence[], seen: readonly Oids[]): ChangedRow[] {
  const present = new Set(seen.map(({ sequence }) => sequence));
  const newNames = namesByOid(seen);
  return known
    .filter(({ sequence }) => !present.has(sequence))
    .map((before) => {
      const what = whatBecameOf(before, undefined, newNames) ?? `dropped ${WAITING}`;
      return { ...rowWithoutValues(before.sequence, 'skipped', what), gone: true, was: before.outcome };
    });
}

/** The fields of a row that the run keeps: those of the contract, and those that a later recheck compares. */
export function toRecorded(row: IdentifiedRow, state: RowState): RecordedRow {
  const { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason } = row;
  const recorded: RecordedRow = {
    ...{ sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason },
    ...evidenceFields(row),
  };
  if (row.oid !== undefined) recorded.oid = row.oid;
  if (row.primaryOid !== undefined) recorded.primaryOid = row.primaryOid;
  if (state !== 'ahead') recorded.standing = rowStateDigest(sequence, state);
  return recorded;
}

/** The row of a change, as the run keeps it. */
export function rowOfChange(change: ChangedRow): RecordedRow {
  const row: RecordedRow & Partial<ChangedRow> = { ...change };
  delete row.was;
  return row;
}

/** The fields by which a later recheck sees whether a sequence has changed. */
export function toKnown({
  sequence,
  outcome,
  oid,
  primaryOid,
  standing,
  gone,
  appeared,
}: RecordedRow): KnownSequence {
  return {
    ...{ sequence, outcome },
    ...(oid === undefined ? {} : { oid }),
    ...(primaryOid === undefined ? {} : { primaryOid }),
    ...(standing === undefined ? {} : { standing }),
    ...(gone === true ? { gone } : {}),
    ...(appeared === true ? { appeared } : {}),
  };
}

/** The change. Values that it lacks are taken from the row before it. */
export function mergeChange(before: RecordedRow | undefined, change: RecordedRow): RecordedRow {
  if (before === undefined) return change;
  return {
    ...oidsOf(before),
    ...(before.appeared === true ? { appeared: true } : {}),
    ...change,
    primaryNext: change.primaryNext ?? before.primaryNext,
    standbyBefore: change.standbyBefore ?? before.standbyBefore,
    target: change.target ?? before.target,
    standbyNext: change.standbyNext ?? before.standbyNext,
    buffer: change.buffer ?? before.buffer,
  };
}

function oidsOf({ oid, primaryOid }: Oids): Omit<Oids, 'sequence'> {
  return { ...(oid === undefined ? {} : { oid }), ...(primaryOid === undefined ? {} : { primaryOid }) };
}

function isAsRecorded(before: KnownSequence, row: IdentifiedRow, state: RowState): boolean {
  if (state === 'ahead') return before.outcome === 'applied' || before.outcome === 'kept';
  if (before.outcome !== row.outcome) return false;
  // Absent in rows of an older worker.
  return before.standing === undefined || before.standing === rowStateDigest(row.sequence, state);
}

function nowRecorded(row: IdentifiedRow, state: RowState, what: string | null): RecordedRow {
  const recorded = toRecorded(row, state);
  const isAhead = state === 'ahead';
  const why = isAhead ? 'ahead of the primary when the run last read both sides' : recorded.reason;
  const reason = [what, why].filter((text) => text !== null).join('; ');
  return { ...recorded, outcome: isAhead ? 'kept' : recorded.outcome, reason };
}

const SIDES = ['primary', 'standby'] as const satisfies SideOfPair[];
type Oids = Pick<RecordedRow, 'sequence' | 'oid' | 'primaryOid'>;
type Names = Record<SideOfPair, ReadonlyMap<number, string>>;

const oidOn = ({ oid, primaryOid }: Oids, side: SideOfPair) => (side === 'primary' ? primaryOid : oid);

function namesByOid(sequences: readonly Oids[]): Names {
  const on = (side: SideOfPair) =>
    new Map(
      sequences.flatMap((one): [number, string][] => {
        const oid = oidOn(one, side);
        return oid === undefined ? [] : [[oid, one.sequence]];
      }),
    );
  return { primary: on('primary'), standby: on('standby') };
}

/** Says on which sides the sequence was dropped or renamed; null if neither. */
function whatBecameOf(before: Oids, now: Oids | undefined, newNames: Names): string | null {
  return bySide((side) => {
    const oid = oidOn(before, side);
    if (oid === undefined || (now !== undefined && oidOn(now, side) !== undefined)) return null;
    const name = newNames[side].get(oid);
    return name === undefined ? 'dropped' : `renamed to ${name}`;
  });
}

/** Says on which sides the sequence was created, or renamed from a name that the run knows. */
function whereFrom(now: Oids, oldNames: Names): string {
  const what = bySide((side) => {
    const oid = oidOn(now, side);
    if (oid === undefined) return null;
    const name = oldNames[side].get(oid);
    return name === undefined || name === now.sequence ? 'created' : `renamed from ${name}`;
  });
  return what ?? `created ${WAITING}`;
}

/** The text of each side; a text that is the same for both sides stands once. */
function bySide(tell: (side: SideOfPair) => string | null): string | null {
  const texts = new Map<string, SideOfPair[]>();
  for (const side of SIDES) {
    const text = tell(side);
    if (text !== null) texts.set(text, [...(texts.get(text) ?? []), side]);
  }
  if (texts.size === 0) return null;
  const told = [...texts].map(([text, sides]) => `${text} on the ${sides.join(' and on the ')}`);
  return `${told.join(', ')} ${WAITING}`;
}
