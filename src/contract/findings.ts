/**
 * Every finding by its code, as data: what a gate makes of it. docs/reference/findings.md says the same in words, with the meaning and the
 * remedy of each.
 */
export const FINDINGS = {
  MISSING_ON_STANDBY: { severity: 'block', scope: 'sequence' },
  NO_READ_PRIVILEGE: { severity: 'block', scope: 'sequence' },
  NO_UPDATE_PRIVILEGE: { severity: 'block', scope: 'sequence' },
  READ_FAILED: { severity: 'block', scope: 'sequence', mayPass: true },
  DEFINITION_DIFFERS: { severity: 'block', scope: 'sequence' },
  FEEDS_DIFFER: { severity: 'block', scope: 'sequence' },
  STANDBY_ONLY_FEEDS: { severity: 'block', scope: 'sequence' },
  EXHAUSTED: { severity: 'block', scope: 'sequence' },
  OUTLIER_DATA: { severity: 'block', scope: 'sequence', remedyIsComplete: true },
  NOT_AHEAD: { severity: 'block', scope: 'sequence' },
  SETVAL_FAILED: { severity: 'block', scope: 'sequence' },
  UNLOGGED: { severity: 'block', scope: 'sequence' },
  NO_EVIDENCE: { severity: 'block', scope: 'sequence' },

  TABLES_NOT_READY: { severity: 'block', scope: 'pair', clearsItself: true },
  SUBSCRIPTION_DISABLED: { severity: 'block', scope: 'pair', clearsItself: true },
  SUBSCRIPTION_GONE: { severity: 'block', scope: 'pair', clearsItself: true },
  APPLY_WORKER_DOWN: { severity: 'block', scope: 'pair', clearsItself: true },
  SLOT_LOST: { severity: 'block', scope: 'pair' },
  NOT_CAUGHT_UP: { severity: 'block', scope: 'pair' },
  SEQUENCES_REFRESHING: { severity: 'block', scope: 'pair', remedyIsComplete: true },
  PATTERN_UNMATCHED: { severity: 'block', scope: 'run', remedyIsComplete: true },
  HANDOFF_NO_WORKER: { severity: 'block', scope: 'run', clearsItself: true, remedyIsComplete: true },
  HANDOFF_ID_TAKEN: {
    ...{ severity: 'block', scope: 'run', clearsItself: true, remedyIsComplete: true },
    unacceptable: 'since the promotion could not be started',
  },
  PRIMARY_UNREACHABLE: { severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
  PRIMARY_LOST: { severity: 'block', scope: 'pair', remedyIsComplete: true },
  PRIMARY_BACK: { severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
  LEDGER_UNREADABLE: { severity: 'block', scope: 'run' },
  STANDBY_UNREACHABLE: {
    ...{ severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
    unacceptable: 'because nothing could be verified',
  },
  /** A recheck failed for another reason than a side that cannot be reached. */
  LOOK_FAILED: {
    ...{ severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
    unacceptable: 'because nothing could be verified',
  },

  DATABASE_MISSING_ON_STANDBY: { severity: 'block', scope: 'fleet' },
  DATABASE_ONLY_ON_STANDBY: { severity: 'info', scope: 'fleet' },

  // The buffer shrinks as the primary consumes what is left up to the limit; half of it is still demanded.
  BUFFER_REDUCED: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  // The target was raised past the row.
  BEHIND_DATA: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  // The first of the rows was looked up, and is half a buffer away or no obstacle.
  ROWS_AHEAD: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  LIMIT_NOT_COMPUTED: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  NO_HEADROOM: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  // Values are left on the primary, and more on the standby.
  PRIMARY_LIMIT: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  STANDBY_LIMIT: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  CYCLES: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  // The buffer covers the caches.
  CACHED: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  DATA_NOT_CHECKED: { severity: 'warn', scope: 'sequence', blocksWhenNew: true, mayPass: true },
  NO_DEFAULT: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  SKIPPED_BEHIND_DATA: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  WEAK_EVIDENCE: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  NO_SUBSCRIPTION: { severity: 'warn', scope: 'pair', blocksWhenNew: true },
  SEQUENCES_SUBSCRIBED: { severity: 'warn', scope: 'pair', blocksWhenNew: true },
  SLOT_MISSING: { severity: 'warn', scope: 'pair', blocksWhenNew: true },
  // After the approval the standby has to confirm everything that the primary has written.
  SUBSCRIPTION_LAG: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  // What a switch meets besides the sequences; none of it makes a sequence wrong.
  LONG_TRANSACTION: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  PREPARED_TRANSACTION: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  OTHER_SLOT: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  SLOT_UNRESERVED: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  NO_REPLICA_IDENTITY: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  NOT_PUBLISHED: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  NOT_SUBSCRIBED: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  LARGE_OBJECTS: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  STANDBY_WRITERS: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  GUARDRAILS_UNREAD: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  SCHEMA_DIFFERS: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  // The proof is whole; what is missing is the comparison with earlier rows of the record.
  CHANGES_UNKNOWN: { severity: 'warn', scope: 'run', blocksWhenNew: false },
  COUNTS_INCOMPLETE: { severity: 'warn', scope: 'run', blocksWhenNew: false },
  LEDGER_UNAVAILABLE: { severity: 'warn', scope: 'run', blocksWhenNew: true },

  READ_ONLY_DEFAULT: { severity: 'info', scope: 'pair' },
  ROWS_DECIDED: { severity: 'info', scope: 'sequence' },
  OWN_PHASE: { severity: 'info', scope: 'sequence' },
  CONSUMPTION: { severity: 'info', scope: 'sequence' },
  NEAR_LIMIT: { severity: 'info', scope: 'sequence' },
  BUFFER_SUGGESTED: { severity: 'info', scope: 'sequence' },
} as const satisfies Record<string, FindingEntry>;

/** What holds for all findings of a code. */
export type FindingEntry = Scope &
  (
    | {
        /** Keeps the gate shut. */
        severity: 'block';
        /** Why nobody can accept it; absent for a block that an approver can accept. */
        unacceptable?: string;
        /** The next recheck of a waiting run clears it, once its cause is gone. Absent: it takes a round of its own. */
        clearsItself?: true;
        /** Its remedy says all that is to be done. Absent: a run adds how to go on after it. */
        remedyIsComplete?: true;
        mayPass?: true;
      }
    | {
        severity: 'warn';
        /**
         * Whether it is a block where it was not there when the gate opened: something that could be checked then cannot be checked now.
         * The others leave the proof whole: the sequence was compared with the primary and with the rows, and is as far ahead as its
         * buffer demands.
         */
        blocksWhenNew: boolean;
        /**
         * It may go away within seconds, as by the end of a transaction that holds a lock. Where it stands in the way of an approval, the
         * verification is repeated for a while before the gate is blocked again.
         */
        mayPass?: true;
      }
    | { severity: 'info' }
  );

/** What a finding can be about. */
export interface Scope {
  /** What each finding is about: a sequence, the pair's two servers, this run and what it was asked to do, or a fleet. */
  scope: 'sequence' | 'pair' | 'run' | 'fleet';
}

/** The code of a finding: docs/reference/findings.md. */
export type FindingCode = keyof typeof FINDINGS;

/** The codes whose entry is like `T`. */
export type CodeOf<T> = {
  [Code in FindingCode]: (typeof FINDINGS)[Code] extends T ? Code : never;
}[FindingCode];

/** Codes of findings that stand in the way of a failover. */
export type BlockCode = CodeOf<{ severity: 'block' }>;
/** Codes of findings that stand in the way of nothing, unless they are new at the gate. */
export type WarningCode = CodeOf<{ severity: 'warn' }>;
/** Codes of findings that only inform. */
export type InfoCode = CodeOf<{ severity: 'info' }>;
/** Warnings that are blocks where they were not there when the gate opened. */
export type BlockingWarningCode = CodeOf<{ blocksWhenNew: true }>;

/** @returns undefined for a code that this version does not know */
export function findingEntry(code: string): FindingEntry | undefined {
  return Object.hasOwn(FINDINGS, code) ? FINDINGS[code as FindingCode] : undefined;
}
