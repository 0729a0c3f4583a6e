import { log } from '@temporalio/activity';
import { sumOfDigests } from '../src/steps/digest.js';
import type { Changes, RecheckReport } from '../src/steps/recheck-steps.js';
import type { ChangedRow } from '../src/steps/rows.js';
import { packTable } from '../src/steps/table.js';
import { cut } from '../src/contract/parsing/text.js';
import { changedOnStandby, type StandbyChanges } from '../src/planning/rows/changed-on-standby.js';
import { changedRows, type SeenSequence } from '../src/planning/rows/changed-rows.js';
import { rowStateDigest } from '../src/planning/rows/row-state.js';
import { readRecorded } from './read-recorded.js';

/** One recheck reports at most this many rows; the next recheck reports the others. */
const CHANGES_AT_MOST = 500;

/**
 * The changes since the run and its pages recorded their sequences. The recorded rows are read only if the sum of the present digests
 * differs from `recorded`.
 *
 * @param recorded null: compare in any case; undefined, from an older worker: do not compare
 */
export async function compareWithRecorded(
  seen: readonly SeenSequence[],
  recorded: string | null | undefined,
): Promise<Pick<RecheckReport, 'standings' | 'changes'>> {
  const standings = sumOfDigests(seen.map(({ row, state }) => rowStateDigest(row.sequence, state)));
  if (recorded === undefined || recorded === standings) return { standings };
  return { standings, changes: await changesOf(seen) };
}

/** Compares the standby with what is recorded, without the primary: sequences that are new there, changed, or gone. */
export async function compareStandbyWithRecorded(
  seen: readonly SeenSequence[],
): Promise<Omit<StandbyChanges, 'changes'> & { changes: Changes }> {
  try {
    const { known, unknown } = await readRecorded();
    const { changes, ...rest } = changedOnStandby(known, seen);
    return { ...rest, changes: bounded(changes, unknown) };
  } catch (error) {
    return { vanished: [], renewed: [], changes: unreadable(error) };
  }
}

async function changesOf(seen: readonly SeenSequence[]): Promise<Changes> {
  try {
    const { known, unknown } = await readRecorded();
    return bounded(changedRows(known, seen), unknown);
  } catch (error) {
    return unreadable(error);
  }
}

function bounded(changed: readonly ChangedRow[], unknown: string | null): Changes {
  // Where the recorded rows could not be read, a sequence may have been recorded before, so it is not reported as new.
  const sure = unknown === null ? changed : changed.filter(({ was }) => was !== null);
  const rows = sure.slice(0, CHANGES_AT_MOST);
  return { rows: packTable(rows), more: sure.length - rows.length, unknown };
}

function unreadable(error: unknown): Changes {
  const reason = error instanceof Error ? error.message : String(error);
  log.warn('the rows that the run has recorded could not be read; the next recheck tries again', { reason });
  return { rows: packTable<ChangedRow>([]), more: 1, unknown: cut(reason, 300) };
}
