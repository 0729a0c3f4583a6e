import { describe, expect, it } from 'vitest';
import type { PageAddress } from '../../../src/contract/status.js';
import { packOutcomes } from '../../../src/planning/rows/outcomes.js';
import { rowStateDigest } from '../../../src/planning/rows/row-state.js';
import { sumOfDigests } from '../../../src/steps/digest.js';
import type { RecordedRow } from '../../../src/steps/rows.js';
import { ONE_PAGE_AT_MOST } from '../../../src/steps/limits.js';
import { NO_SEQUENCES } from '../../../src/contract/counts.js';
import { RecordedRows } from '../../../workflows/failover/recorded-rows.js';
import type { RunMemory } from '../../../workflows/failover/run-memory.js';

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

const page = (workflowId: string): PageAddress => ({ workflowId, from: null, to: null });

type Memory = ConstructorParameters<typeof RecordedRows>[0];

/** A round with these pages, which have no outcomes of their own. */
function roundOf(recorded: RecordedRows, ids: string[], packed: string[] = ids.map(() => '')) {
  const earlier = recorded.beginPages(ids.length);
  const pages = ids.map(page);
  for (const one of pages) recorded.beginPage(one);
  const range = { after: null, upTo: null };
  const areKept = recorded.endPages(
    pages,
    packed.map((text) => ({ range, packed: text })),
  );
  recorded.stopWorking();
  return { earlier, areKept };
}

const empty = (more: Partial<RunMemory> = {}): Memory => ({
  ...{ counts: NO_SEQUENCES, rows: [], pages: [], standings: null },
  ...more,
});
const counted = (applied: number, kept = 0) => ({ ...NO_SEQUENCES, total: applied + kept, applied, kept });

describe('a round with several pages', () => {
  it('shows how many pages are done while it works', () => {
    const recorded = new RecordedRows(empty());
    expect(recorded.progress).toBeNull();
    recorded.beginPages(3);
    const before = recorded.progress;
    recorded.endPage();
    expect([before, recorded.progress]).toEqual([
      { total: 3, done: 0 },
      { total: 3, done: 1 },
    ]);
    recorded.stopWorking();
    expect(recorded.progress).toBeNull();
  });

  it('follows a page that runs under another workflow ID', () => {
    const recorded = new RecordedRows(empty());
    recorded.beginPages(2);
    const first = page('a');
    recorded.beginPage(first);
    recorded.beginPage(page('b'));
    recorded.movePage('a', 'c');
    expect(recorded.pages.map(({ workflowId }) => workflowId)).toEqual(['c', 'b']);
    expect(first.workflowId).toBe('a');
  });

  it('leaves the rows to the pages, except those of sequences that are gone', () => {
    const memory = empty({ rows: [row('public.a'), { ...row('public.b', 'skipped'), gone: true }] });
    const recorded = new RecordedRows(memory);
    const { earlier } = roundOf(recorded, ['a']);
    expect(earlier).toEqual({ pages: [], since: packOutcomes(memory.rows) });
    expect(recorded.rows.map(({ sequence }) => sequence)).toEqual(['public.b']);
    recorded.endRound(counted(3), [undefined]);
    expect(memory.counts).toEqual({ ...counted(3), total: 4, skipped: 1 });
  });

  it('compares with the pages of earlier rounds until a recheck has done so: the last 400 of them', () => {
    const memory = empty();
    const recorded = new RecordedRows(memory);
    roundOf(recorded, ['a', 'b']);
    recorded.endRound(counted(2), ['1', '2']);
    expect(recorded.pagesToCompare.map(({ workflowId }) => workflowId)).toEqual(['a', 'b']);
    expect(memory.standings).toBe(sumOfDigests(['1', '2']));
    const many = Array.from({ length: 500 }, (_, at) => `p${at}`);
    roundOf(recorded, many);
    // Other sequences may have been recorded than before.
    recorded.endRound(counted(2), ['4']);
    expect(memory.standings).toBeNull();
    expect(recorded.pagesToCompare.map(({ workflowId }) => workflowId)).toEqual(['a', 'b', ...many]);
    roundOf(recorded, ['c']);
    expect(recorded.pagesToCompare.map(({ workflowId }) => workflowId)).toEqual([...many.slice(100), 'c']);
    recorded.change([]);
    expect(recorded.pagesToCompare.map(({ workflowId }) => workflowId)).toEqual(['c']);
  });

  it('need not compare with earlier pages that recorded the same', () => {
    const memory = empty();
    const recorded = new RecordedRows(memory);
    for (const id of ['a', 'b']) {
      roundOf(recorded, [id]);
      recorded.endRound(counted(2), ['3']);
    }
    expect(recorded.pagesToCompare.map(({ workflowId }) => workflowId)).toEqual(['b']);
    expect(memory.standings).toBe(sumOfDigests(['3']));
  });

  it('compares row by row if an older worker sent no sum', () => {
    const memory = empty();
    const recorded = new RecordedRows(memory);
    roundOf(recorded, ['a', 'b']);
    recorded.endRound(counted(2), ['1', undefined]);
    expect(memory.standings).toBeNull();
  });

  it('carries the outcomes of its pages, unless they are too large', () => {
    const memory = empty();
    const recorded = new RecordedRows(memory);
    expect(roundOf(recorded, ['a', 'b'], ['x'.repeat(200_000), 'y'.repeat(200_000)]).areKept).toBe(true);
    expect(memory.outcomes).toHaveLength(2);
    expect(roundOf(recorded, ['c'], ['z'.repeat(400_001)]).areKept).toBe(false);
    expect(memory.outcomes).toEqual([]);
  });
});

describe('a top-up of sequences whose rows the pages have', () => {
  const identified = (oid: number, outcome: RecordedRow['outcome']) => ({
    ...row(`public.s${oid}`, outcome),
    oid,
  });
  const known = [identified(1, 'kept'), identified(2, 'applied')];

  function topUp(rows: RecordedRow[], packed = packOutcomes(known)) {
    const behind = rowStateDigest('public.s1', 'behind');
    const memory = empty({ outcomes: [], pages: [page('a')] });
    const recorded = new RecordedRows(memory);
    roundOf(recorded, ['a'], [packed]);
    recorded.endRound(counted(1, 1), [behind]);
    recorded.change([]);
    recorded.compared(behind);
    recorded.topUp(rows);
    return { memory, recorded };
  }

  it('moves each from its outcome of the round to its new one, and is ahead', () => {
    const { memory, recorded } = topUp([identified(1, 'applied'), identified(2, 'failed')]);
    expect(memory.counts).toEqual({ total: 2, applied: 1, kept: 0, skipped: 0, failed: 1 });
    expect(recorded.rows.map(({ sequence }) => sequence)).toEqual(['public.s1', 'public.s2']);
    expect(memory.standings).toBe(rowStateDigest('public.s1', 'ahead'));
    // The run has their rows now.
    recorded.topUp([identified(2, 'applied')]);
    expect(memory.counts).toEqual({ total: 2, applied: 2, kept: 0, skipped: 0, failed: 0 });
  });

  it('counts one more for a sequence that the round did not have', () => {
    expect(topUp([identified(3, 'applied')]).memory.counts).toEqual({
      ...{ total: 3, applied: 2, kept: 1, skipped: 0, failed: 0 },
    });
  });

  it('leaves the counts as they are if older pages sent no outcomes', () => {
    expect(topUp([identified(1, 'applied')], '').memory.counts).toEqual(counted(1, 1));
  });

  it('keeps the last 2,000 rows', () => {
    const all = Array.from({ length: ONE_PAGE_AT_MOST + 1 }, (_, at) => identified(at + 1, 'applied'));
    const { recorded } = topUp(all);
    expect(recorded.rows).toHaveLength(ONE_PAGE_AT_MOST);
    expect(recorded.rows[0]?.sequence).toBe('public.s2');
  });
});

it('the rows of a page that was interrupted are those of the run', () => {
  const memory = empty({ rows: [row('public.a', 'kept')] });
  const recorded = new RecordedRows(memory);
  recorded.interruptOnePage([row('public.a'), row('public.b', 'failed')]);
  expect(recorded.rows.map(({ outcome }) => outcome)).toEqual(['applied', 'failed']);
  expect(memory.counts).toEqual({ total: 2, applied: 1, kept: 0, skipped: 0, failed: 1 });
});

it('a record names the records before it until one has named them', () => {
  const recorded = new RecordedRows(empty());
  expect(recorded.chained).toEqual({});
  recorded.chain('a', recorded.chained);
  recorded.chain('b', {});
  const { chained } = recorded;
  expect(chained).toEqual({ previousDigests: ['a', 'b'] });
  recorded.chain('c', {});
  recorded.chain(undefined, chained);
  recorded.chain('d', chained);
  expect(recorded.chained).toEqual({ previousDigests: ['c', 'd'] });
});

it('the rows are lost only if there were sequences and nothing has their rows', () => {
  const isLost = (memory: Partial<RunMemory>) => new RecordedRows(empty(memory)).isLost;
  expect(isLost({ counts: counted(1) })).toBe(true);
  expect(isLost({})).toBe(false);
  expect(isLost({ counts: counted(1), rows: [row('public.a')] })).toBe(false);
  expect(isLost({ counts: counted(1), pages: [page('a')] })).toBe(false);
});

it('keeps twice the rows of one page of a pair that grows on and on, and counts all', () => {
  const { recorded, memory } = ofOnePage([row('public.first')]);
  const many = Array.from({ length: 2 * ONE_PAGE_AT_MOST }, (_, at) => ({
    ...row(`public.s${at}`),
    was: null,
  }));
  recorded.change(many);
  expect(recorded.rows).toHaveLength(2 * ONE_PAGE_AT_MOST);
  expect(recorded.rows[0]?.sequence).toBe('public.first');
  expect(memory.counts.total).toBe(2 * ONE_PAGE_AT_MOST + 1);
});
