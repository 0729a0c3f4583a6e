import { digestOf } from '../hash/sha256.js';
import type { Chained, RecordReport } from '../steps/page-steps.js';
import type { Step } from './steps.js';

/** The digest of a record, computed from its history: docs/reference/record-format.md says how to compute it without this code. */
export interface RecordDigest {
  /**
   * The digest that the closing step returned; the ledger has the same. Null if the record is not closed, or if an older
   * worker closed it.
   */
  sha256: string | null;
  /** The number of records of rows in the history, and how many of them the digest covers. */
  records: number;
  covered: number;
  /** The contradictions that were found; empty if there are none. */
  problems: string[];
}

/** The end of a problem that a missing history explains. */
export const NOT_IN_HISTORY = 'is named, and not in the history';

/** The steps that record rows, and those that close a record: of a run, and of a promotion. */
const RECORDS_ROWS = 'recordBuffer';
const CLOSES = ['closeRecord', 'recordPromotion'];

/**
 * Computes the digests again, and follows the chain from the step that closed the record to the first record of rows.
 *
 * @param steps the steps of all histories
 * @param claimed the digest in the closing event; null if it has none
 * @returns null for a workflow that records nothing
 */
export function recordDigestOf(steps: readonly Step[], claimed: string | null): RecordDigest | null {
  const rows = steps.filter(({ activity }) => activity === RECORDS_ROWS);
  const closings = steps.filter(({ activity }) => CLOSES.includes(activity));
  if (rows.length + closings.length === 0) return null;
  // A promotion also closes the record of its run. The closing event of a promotion has the digest of the promotion's own record.
  const closing = closings.find(({ activity }) => activity === 'recordPromotion') ?? closings.at(-1);
  const sha256 = closing === undefined ? null : returnedDigest(closing);
  const byDigest = new Map(rows.flatMap((step) => pairWith(returnedDigest(step), step)));
  const problems = [...rows, ...closings].flatMap(whyChanged);
  if (sha256 !== null && claimed !== null && claimed !== sha256)
    problems.push(
      `the closing event has the digest ${claimed}, and the step that closed the record ${sha256}`,
    );
  const covered = new Set<Step>();
  const toFollow = closing === undefined ? [] : [closing];
  for (let step = toFollow.pop(); step !== undefined; step = toFollow.pop()) {
    for (const digest of (step.input as Chained | null)?.previousDigests ?? []) {
      const named = byDigest.get(digest);
      if (named === undefined) problems.push(`a record with the digest ${digest} ${NOT_IN_HISTORY}`);
      else if (!covered.has(named)) {
        covered.add(named);
        toFollow.push(named);
      }
    }
  }
  return { sha256, records: rows.length, covered: covered.size, problems: [...new Set(problems)] };
}

const returnedDigest = ({ result }: Step) =>
  (result as Partial<RecordReport> | null | undefined)?.digest ?? null;

const pairWith = (digest: string | null, step: Step): [string, Step][] =>
  digest === null ? [] : [[digest, step]];

function whyChanged(step: Step): string[] {
  const returned = returnedDigest(step);
  const computed = digestOf(step.input);
  return returned === null || returned === computed
    ? []
    : [
        `the input of the step ${step.activity} of ${step.scheduledAt} has the digest ${computed}, and the step returned ${returned}`,
      ];
}
