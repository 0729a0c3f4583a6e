import type { Counts, Outcome, PageAddress, PageProgress } from '../../src/contract/status.js';
import type { PageRange } from '../../src/steps/identity.js';
import type { Chained } from '../../src/steps/page-steps.js';
import type { ChangedRow, RecordedRow } from '../../src/steps/rows.js';
import { ONE_PAGE_AT_MOST } from '../../src/steps/limits.js';
import { sumOfDigests } from '../../src/steps/digest.js';
import { mergeChange, rowOfChange } from '../../src/planning/rows/changed-rows.js';
import { mergeRounds } from '../../src/planning/rows/merge-rounds.js';
import { packOutcomes, unpackOutcomes } from '../../src/planning/rows/outcomes.js';
import { withMoved } from '../../src/planning/rows/row-state.js';
import { countRows, NO_SEQUENCES, sumOfCounts } from '../../src/contract/counts.js';
import type { RunMemory } from './run-memory.js';

/** The largest size of all packed outcomes that a run carries, in characters: those of some 300,000 sequences. */
const OUTCOMES_AT_MOST = 400_000;
/** The most rows of a run with one page whose pair has grown while it waited. The next round has several pages. */
const GROWN_PAGE_AT_MOST = 2 * ONE_PAGE_AT_MOST;
/** The largest number of pages of earlier rounds that the next recheck compares with. If no recheck comes between rounds, they add up. */
const PAGES_COMPARED = 400;

type Memory = Pick<
  RunMemory,
  'counts' | 'rows' | 'pages' | 'earlierPages' | 'standings' | 'outcomes' | 'digests' | 'recordDigest'
>;

/** The outcome of each sequence of one page, packed by `packOutcomes`. */
export interface PackedPage {
  range: PageRange;
  packed: string;
}

/** The outcomes of earlier rounds, page by page, and of the top-ups since then. */
export interface EarlierOutcomes {
  pages: readonly PackedPage[];
  since: string;
}

/** The records of a run about its sequences: their rows, or the pages that have the rows, and the counts of the outcomes. */
export class RecordedRows {
  private working: PageProgress | null = null;

  constructor(private readonly memory: Memory) {}

  /** The progress of the present round; null if it has no pages that are workflows of their own. */
  get progress(): PageProgress | null {
    return this.working && { ...this.working };
  }

  get rows(): readonly RecordedRow[] {
    return this.memory.rows;
  }

  get pages(): readonly PageAddress[] {
    return this.memory.pages;
  }

  /** The pages that may have recorded sequences, the latest last. */
  get pagesToCompare(): PageAddress[] {
    return [...(this.memory.earlierPages ?? []), ...this.memory.pages];
  }

  /** The earlier records that the next record has to name. */
  get chained(): Chained {
    const { digests = [] } = this.memory;
    return digests.length === 0 ? {} : { previousDigests: [...digests] };
  }

  /** @param digest of a record that named `previousDigests`; undefined from an older worker, and if the record could not be written */
  chain(digest: string | undefined, { previousDigests = [] }: Chained): void {
    if (digest === undefined) return;
    const unnamed = (this.memory.digests ?? []).filter((one) => !previousDigests.includes(one));
    this.memory.digests = [...unnamed, digest];
  }

  /** @param digest of the whole record */
  close(digest: string | undefined): void {
    if (digest !== undefined) this.memory.recordDigest = digest;
  }

  /** Whether a continue-as-new had to drop the rows, see `withinLimits`. */
  get isLost(): boolean {
    const { rows, pages, counts } = this.memory;
    return rows.length === 0 && pages.length === 0 && counts.total > 0;
  }

  /** Sets the number of sequences before the first round has recorded any. */
  expect(total: number): void {
    this.memory.counts = { ...NO_SEQUENCES, total };
  }

  /** A round with one page begins. The run itself keeps the rows. */
  beginOnePage(): void {
    this.memory.pages = [];
  }

  /** @param rows the rows of the page, after the round has set and recorded the sequences */
  endOnePage(rows: readonly RecordedRow[]): void {
    this.memory.rows = mergeRounds(this.memory.rows, rows);
    delete this.memory.earlierPages;
    delete this.memory.outcomes;
  }

  /** @param rows the rows of the page at the time when the run was cancelled */
  interruptOnePage(rows: readonly RecordedRow[]): void {
    this.memory.rows = mergeRounds(this.memory.rows, rows);
    this.memory.counts = countRows(this.memory.rows);
  }

  /** A round with several pages begins. Each page is a workflow of its own. */
  beginPages(total: number): EarlierOutcomes {
    const { memory } = this;
    this.working = { total, done: 0 };
    const earlier = { pages: memory.outcomes ?? [], since: packOutcomes(memory.rows) };
    const before = this.pagesToCompare;
    if (before.length > 0) memory.earlierPages = before.slice(-PAGES_COMPARED);
    memory.rows = memory.rows.filter(({ gone }) => gone === true);
    memory.pages = [];
    return earlier;
  }

  beginPage(address: PageAddress): void {
    this.memory.pages.push({ ...address });
  }

  /** A page has finished its work. */
  endPage(): void {
    if (this.working !== null) this.working.done += 1;
  }

  /** No page is working any more. */
  stopWorking(): void {
    this.working = null;
  }

  /** The page runs under another workflow ID, since the first one was taken. */
  movePage(workflowId: string, to: string): void {
    for (const page of this.memory.pages) if (page.workflowId === workflowId) page.workflowId = to;
  }

  /** @returns whether the outcomes fit. If not, the counts of the next round do not include those of earlier rounds */
  endPages(pages: PageAddress[], outcomes: PackedPage[]): boolean {
    this.memory.pages = pages;
    const isKept = outcomes.reduce((sum, { packed }) => sum + packed.length, 0) <= OUTCOMES_AT_MOST;
    this.memory.outcomes = isKept ? outcomes : [];
    return isKept;
  }

  /**
   * A round has finished all its pages. The next recheck can compare sums, with two exceptions: if pages of an earlier round recorded other
   * sequences than this round, or if an older worker sent no sum, it compares row by row.
   *
   * @param counts the counts of all pages
   * @param standings the sum of the digests of each page
   */
  endRound(counts: Counts, standings: readonly (string | undefined)[]): void {
    const { memory } = this;
    // Sequences that an earlier round has set, or that are gone, count too.
    const recorded = countRows(memory.rows);
    memory.counts = memory.pages.length === 0 ? recorded : sumOfCounts([counts, recorded]);
    const told = standings.filter((one) => one !== undefined);
    const sum = told.length < standings.length ? null : sumOfDigests(told);
    if (sum === memory.standings) delete memory.earlierPages;
    memory.standings = memory.earlierPages === undefined ? sum : null;
  }

  /** A recheck has compared the records with the present sequences, unless `standings` is null. */
  compared(standings: string | null): void {
    this.memory.standings = standings;
  }

  /** Rows have changed while the run waited. */
  change(changed: readonly ChangedRow[]): void {
    delete this.memory.earlierPages;
    if (changed.length > 0) this.merge(changed);
  }

  /** Sequences were topped up, or could not be. A sequence that was behind and has been set is ahead now. */
  topUp(rows: readonly RecordedRow[]): void {
    const { memory } = this;
    const outcomeOf = this.outcomesBefore();
    this.merge(rows.map((row) => ({ ...row, was: outcomeOf(row) })));
    if (memory.standings == null) return;
    memory.standings = rows
      .filter(({ outcome }) => outcome === 'applied')
      .reduce((sum, { sequence }) => withMoved(sum, sequence, 'behind', 'ahead'), memory.standings);
  }

  private merge(changed: readonly ChangedRow[]): void {
    const { memory } = this;
    const before = new Map(memory.rows.map((row) => [row.sequence, row]));
    const after = new Map(
      changed.map((one) => [one.sequence, mergeChange(before.get(one.sequence), rowOfChange(one))]),
    );
    const kept = memory.rows.map((row) => after.get(row.sequence) ?? row);
    const added = [...after.values()].filter(({ sequence }) => !before.has(sequence));
    const all = [...kept, ...added];
    if (memory.pages.length === 0) {
      memory.rows = all.slice(0, GROWN_PAGE_AT_MOST);
      memory.counts = countRows(all);
      return;
    }
    // The pages have the other rows.
    memory.rows = all.slice(-ONE_PAGE_AT_MOST);
    for (const { was, outcome } of changed) memory.counts = moved(memory.counts, was, outcome);
  }

  /** The recorded outcome of a sequence, in the run or in its pages; null if it is not known. */
  private outcomesBefore(): (row: RecordedRow) => Outcome | null {
    const { memory } = this;
    const here = new Map(memory.rows.map(({ sequence, outcome }) => [sequence, outcome]));
    const inPages = unpackOutcomes((memory.outcomes ?? []).map(({ packed }) => packed));
    return ({ sequence, oid, outcome }) => {
      // Pages of an older worker sent no outcomes, so the counts stay as they are.
      const unknown = memory.pages.length > 0 && inPages.size === 0 ? outcome : null;
      return here.get(sequence) ?? (oid === undefined ? undefined : inPages.get(oid)) ?? unknown;
    };
  }
}

/** @param was the earlier outcome; null if the sequence had no row */
function moved(counts: Counts, was: Outcome | null, now: Outcome): Counts {
  const after = { ...counts };
  if (was === null) after.total += 1;
  else after[was] -= 1;
  after[now] += 1;
  return after;
}
