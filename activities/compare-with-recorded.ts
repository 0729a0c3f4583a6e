import { log } from '@temporalio/activity';
import { sumOfDigests } from '../src/steps/digest.js';
import type { Changes, RecheckReport } from '../src/steps/recheck-steps.js';
import type { ChangedRow } from '../src/steps/rows.js';
import { packTable } from '../src/steps/table.js';
import { cut } from '../src/contract/parsing/text.js';
import { changedOnStandby, type StandbyChanges } from '../src/planning/changed-on-standby.js';
import { changedRows, type SeenSequence } from '../src/planning/changed-rows.js';
import { standingDigest } from '../src/planning/standing.js';
import { readRecorded } from './read-recorded.js';

/** More rows than this take several rechecks. */
const CHANGES_AT_MOST = 500;

/**
 * What has changed since the run and its pages recorded their sequences. Their rows are read only where the sum of
 * where the sequences stand is another than `recorded`.
 *
 * @param recorded null: compare anyway; undefined, from an older worker: do not
 */
export async function compareWithRecorded(
  seen: readonly SeenSequence[],
  recorded: string | null | undefined,
): Promise<Pick<RecheckReport, 'standings' | 'changes'>> {
  const standings = sumOfDigests(seen.map(({ row, standing }) => standingDigest(row.sequence, standing)));
  if (recorded === undefined || recorded === standings) return { standings };
  return { standings, changes: await changesOf(seen) };
}

/** The same without the primary: of what the standby has now, and has no more. */
export async function compareStandbyWithRecorded(
  seen: readonly SeenSequence[],
): Promise<Omit<StandbyChanges, 'changes'> & { changes: Changes }> {
  try {
    const { known, unknown } = await readRecorded();
    const { changes, ...rest } = changedOnStandby(known, seen);
    return { ...rest, changes: bounded(changes, unknown) };
  } catch (error) {
    return { vanished: [], changes: unreadable(error) };
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
  // Of what may have been recorded where it cannot be read, nobody can say that it is new.
  const sure = unknown === null ? changed : changed.filter(({ was }) => was !== null);
  const rows = sure.slice(0, CHANGES_AT_MOST);
  return { rows: packTable(rows), more: sure.length - rows.length, unknown };
}

function unreadable(error: unknown): Changes {
  const reason = error instanceof Error ? error.message : String(error);
  log.warn('what the run has recorded could not be read, the next recheck tries again', { reason });
  return { rows: packTable<ChangedRow>([]), more: 1, unknown: cut(reason, 300) };
}
