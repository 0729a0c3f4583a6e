import type { SequenceRow } from '../contract/status.js';
import { plansIn, recheckIn } from '../record/planned.js';
import type { RunRecord } from '../record/run-record.js';
import type { Step } from '../record/steps.js';
import { headroom } from '../sequences/headroom.js';
import type { ReportedRow } from './report.js';

/** The rows of all rounds; in modes that set nothing, the planned rows. They are ordered by name, then by round. */
export function rowsOf({ rounds, rows }: RunRecord, steps: readonly Step[]): ReportedRow[] {
  const increments = incrementsOf(steps);
  const all =
    rounds.length === 0
      ? rows.map((row) => ({ row, round: null }))
      : rounds.flatMap(({ round, rows: ofRound }) => ofRound.map((row) => ({ row, round })));
  const lastRound = new Map(all.map(({ row, round }) => [row.sequence, round]));
  return all
    .map(({ row, round }) =>
      toReported(row, round, {
        last: lastRound.get(row.sequence) === round,
        increment: increments.get(row.sequence) ?? null,
      }),
    )
    .sort((a, b) =>
      a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : (a.round ?? 0) - (b.round ?? 0),
    );
}

function toReported(
  row: SequenceRow,
  round: number | null,
  { last, increment }: { last: boolean; increment: string | null },
): ReportedRow {
  return { pair: null, round, last, ...row, increment, headroom: headroomOf(row, increment) };
}

function headroomOf({ standbyNext, primaryNext }: SequenceRow, increment: string | null): string | null {
  if (standbyNext === null || primaryNext === null || increment === null || BigInt(increment) === 0n)
    return null;
  return String(headroom(BigInt(standbyNext), BigInt(primaryNext), BigInt(increment)));
}

/** By the sequence's name, from the steps that planned its target. */
function incrementsOf(steps: readonly Step[]): Map<string, string> {
  const increments = new Map<string, string>();
  for (const step of steps) {
    for (const planned of [...plansIn(step), ...(recheckIn(step)?.topUps ?? [])]) {
      const { sequence, increment }: { sequence: string; increment?: string } = planned;
      if (increment !== undefined) increments.set(sequence, increment);
    }
  }
  return increments;
}
