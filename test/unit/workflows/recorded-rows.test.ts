import { expect, it } from 'vitest';
import type { RecordedRow } from '../../../src/steps/rows.js';
import { ONE_PAGE_AT_MOST } from '../../../src/steps/limits.js';
import { NO_SEQUENCES } from '../../../src/contract/counts.js';
import { RecordedRows } from '../../../workflows/failover/recorded-rows.js';

const row = (sequence: string, outcome: RecordedRow['outcome'] = 'applied'): RecordedRow => ({
  ...{ sequence, primaryNext: '10', standbyBefore: '1', target: '20', standbyNext: '20', buffer: '10' },
  ...{ outcome, reason: null },
});

function ofOnePage(rows: readonly RecordedRow[]) {
  const memory = { counts: NO_SEQUENCES, rows: [], pages: [], standings: null };
  const recorded = new RecordedRows(memory);
  recorded.beginOnePage();
  recorded.endOnePage(rows);
  recorded.endRound(NO_SEQUENCES, [undefined]);
  return { recorded, memory };
}

it('keeps the row of every sequence of one page, also if the pair outgrows a page while the run waits', () => {
  const full = Array.from({ length: ONE_PAGE_AT_MOST }, (_, at) => row(`public.s${at}`));
  const { recorded, memory } = ofOnePage(full);
  recorded.change([{ ...row('public.late', 'skipped'), was: null }]);
  expect(recorded.rows).toHaveLength(ONE_PAGE_AT_MOST + 1);
  expect(recorded.rows[0]?.sequence).toBe('public.s0');
  expect(recorded.rows.at(-1)?.sequence).toBe('public.late');
  expect(memory.counts).toEqual({
    ...NO_SEQUENCES,
    total: ONE_PAGE_AT_MOST + 1,
    applied: ONE_PAGE_AT_MOST,
    skipped: 1,
  });
});
