import type { PageAddress } from '../src/contract/status.js';
import type { RecordedAnswer, RecordedRow } from '../src/steps/rows.js';
import { packTable } from '../src/steps/table.js';
import { toKnown } from '../src/planning/rows/changed-rows.js';

/** The answer to the query `recorded`, which a recheck compares with its own reading. */
export function answerRecorded(
  rows: readonly RecordedRow[],
  pages: PageAddress[] = [],
  lost = false,
): RecordedAnswer {
  return { known: packTable(rows.map(toKnown)), pages, lost };
}
