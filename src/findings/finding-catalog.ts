/** What a gate makes of a finding, by its code. docs/reference/findings.md says the same in words. */
import type { Finding } from '../contract/status.js';

type Code = Finding['code'];

/** Blocks that nobody can accept, and why. */
export const UNACCEPTABLE: ReadonlyMap<string, string> = new Map<Code, string>([
  ['STANDBY_UNREACHABLE', 'since nothing could be proved'],
  ['LOOK_FAILED', 'since nothing could be proved'],
  ['HANDOFF_ID_TAKEN', 'since the promotion could not be started'],
]);

/** Blocks whose remedy says all: a recheck clears them by itself, only a new run can be rid of them, or it names every way on. */
export const REMEDY_IS_COMPLETE: ReadonlySet<Code> = new Set<Code>([
  'PRIMARY_UNREACHABLE',
  'STANDBY_UNREACHABLE',
  'LOOK_FAILED',
  'HANDOFF_NO_WORKER',
  'HANDOFF_ID_TAKEN',
  'PATTERN_UNMATCHED',
  'SEQUENCES_REFRESHING',
  'OUTLIER_DATA',
]);

/** Blocks that the next recheck of a waiting run clears by itself, once their remedy was applied. */
export const CLEARED_BY_RECHECK: ReadonlySet<Code> = new Set<Code>([
  'TABLES_NOT_READY',
  'SUBSCRIPTION_DISABLED',
  'SUBSCRIPTION_GONE',
  'APPLY_WORKER_DOWN',
]);

/**
 * Warnings that may appear while a run waits without becoming a block. Each of them leaves the proof whole: the sequence was
 * compared with the primary and with the rows, and is as far ahead as its buffer demands. Any other warning that was not
 * there when the gate opened says that something which could be checked then cannot be checked now, and blocks.
 */
const HARMLESS_WHEN_NEW: ReadonlySet<Code> = new Set<Code>([
  // The buffer shrinks as the primary consumes what is left up to the limit; half of it is still demanded.
  'BUFFER_REDUCED',
  // Values are left on the primary, and more on the standby.
  'PRIMARY_LIMIT',
  'STANDBY_LIMIT',
  // The target was raised past the row.
  'BEHIND_DATA',
  // The first of the rows was looked up, and is half a buffer away or no obstacle.
  'ROWS_AHEAD',
  // The buffer covers the caches.
  'CACHED',
  // The proof is whole; what is missing is the comparison with earlier rows of the record.
  'CHANGES_UNKNOWN',
  'COUNTS_INCOMPLETE',
  // After the approval the standby has to confirm everything that the primary has written.
  'SUBSCRIPTION_LAG',
]);

/** Whether a finding that was not there when the gate opened is a block, although it is only a warning in itself. */
export function blocksWhenNew({ severity, code }: Pick<Finding, 'severity' | 'code'>): boolean {
  return severity === 'warn' && !HARMLESS_WHEN_NEW.has(code);
}

/**
 * Findings that may go away within seconds, such as by the end of a transaction that holds a lock. Where one stands in the
 * way of an approval, the verification is repeated for a while before the gate is blocked again.
 */
export const MAY_PASS: ReadonlySet<string> = new Set<Code>(['DATA_NOT_CHECKED', 'READ_FAILED']);
