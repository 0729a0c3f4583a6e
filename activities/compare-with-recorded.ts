import { log } from '@temporalio/activity';
import { sumOfDigests } from '../src/steps/digest.js';
import type { ChangedRow, Changes, RecheckReport } from '../src/steps/steps.js';
import { packTable } from '../src/steps/table.js';
import { cut } from '../src/contract/parsing/text.js';
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

async function changesOf(seen: readonly SeenSequence[]): Promise<Changes> {
  try {
    const { known, unknown } = await readRecorded();
    const changed = changedRows(known, seen);
    // Of what may have been recorded where it cannot be read, nobody can say that it is new.
    const sure = unknown === null ? changed : changed.filter(({ was }) => was !== null);
    const rows = sure.slice(0, CHANGES_AT_MOST);
    return { rows: packTable(rows), more: sure.length - rows.length, unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('what the run has recorded could not be read, the next recheck tries again', { reason });
    return { rows: packTable<ChangedRow>([]), more: 1, unknown: cut(reason, 300) };
  }
}
