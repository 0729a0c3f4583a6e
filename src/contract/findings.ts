/** All findings as data, by their codes. docs/reference/findings.md describes each in words, with its meaning and its remedy. */
export const FINDINGS = {
  MISSING_ON_STANDBY: { severity: 'block', scope: 'sequence' },
  NO_READ_PRIVILEGE: { severity: 'block', scope: 'sequence' },
  NO_UPDATE_PRIVILEGE: { severity: 'block', scope: 'sequence' },
  READ_FAILED: { severity: 'block', scope: 'sequence', mayClearSoon: true },
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
  SEQUENCES_REFRESHING: { severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
  STILL_APPLYING: {
    ...{ severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true, mayClearSoon: true },
  },
  PATTERN_UNMATCHED: { severity: 'block', scope: 'run', remedyIsComplete: true },
  HANDOFF_NO_WORKER: { severity: 'block', scope: 'run', clearsItself: true, remedyIsComplete: true },
  HANDOFF_ID_TAKEN: {
    ...{ severity: 'block', scope: 'run', clearsItself: true, remedyIsComplete: true },
    unacceptable: 'since the promotion could not be started',
  },
  /** A run that hands off to `promoteStandby` reads it too, so that the promotion does not refuse it after the approval. */
  ROLE_UNKNOWN: { severity: 'block', scope: 'run', remedyIsComplete: true },
  /** Such a run reads these as well. */
  PRIVILEGE_MISSING: { severity: 'block', scope: 'run' },
  FENCE_LEFT: { severity: 'block', scope: 'run' },
  GRANT_BY_OTHERS: { severity: 'block', scope: 'run' },
  PRIMARY_SUBSCRIBES: { severity: 'block', scope: 'run' },
  STANDBY_SYNCHRONOUS: { severity: 'block', scope: 'run' },
  NO_SYNCHRONOUS_STANDBY: { severity: 'block', scope: 'run' },
  WAY_BACK_NEEDS_IDENTITY: { severity: 'block', scope: 'run' },
  WAY_BACK_NEEDS_ROOM: { severity: 'block', scope: 'run' },
  PRIMARY_UNREACHABLE: { severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
  PRIMARY_LOST: { severity: 'block', scope: 'pair', remedyIsComplete: true },
  PRIMARY_BACK: { severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
  LEDGER_UNREADABLE: { severity: 'block', scope: 'run' },
  STANDBY_UNREACHABLE: {
    ...{ severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
    unacceptable: 'because nothing could be verified',
  },
  /** A recheck failed, although both sides can be reached. */
  LOOK_FAILED: {
    ...{ severity: 'block', scope: 'pair', clearsItself: true, remedyIsComplete: true },
    unacceptable: 'because nothing could be verified',
  },

  DATABASE_MISSING_ON_STANDBY: { severity: 'block', scope: 'fleet' },
  DATABASE_ONLY_ON_STANDBY: { severity: 'info', scope: 'fleet' },

  // The buffer shrinks as the primary uses up the values that are left before the limit. Half of it is still required.
  BUFFER_REDUCED: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  // The target is past the row.
  BEHIND_DATA: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  // The first of the rows was read. It is half a buffer away, or no obstacle.
  ROWS_AHEAD: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  // Also if a check constraint cannot be read while its table is locked.
  LIMIT_NOT_COMPUTED: { severity: 'warn', scope: 'sequence', blocksWhenNew: true, mayClearSoon: true },
  NO_HEADROOM: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  // The primary still has values, and the standby has more.
  PRIMARY_LIMIT: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  // New, it means that somebody moved the sequence, or limited it: inserts on the standby would soon fail.
  STANDBY_LIMIT: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  CYCLES: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  // The buffer covers the caches.
  CACHED: { severity: 'warn', scope: 'sequence', blocksWhenNew: false },
  DATA_NOT_CHECKED: { severity: 'warn', scope: 'sequence', blocksWhenNew: true, mayClearSoon: true },
  NO_DEFAULT: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  SKIPPED_BEHIND_DATA: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  WEAK_EVIDENCE: { severity: 'warn', scope: 'sequence', blocksWhenNew: true },
  NO_SUBSCRIPTION: { severity: 'warn', scope: 'pair', blocksWhenNew: true, blocksPromotion: true },
  SEQUENCES_SUBSCRIBED: { severity: 'warn', scope: 'pair', blocksWhenNew: true },
  SLOT_MISSING: { severity: 'warn', scope: 'pair', blocksWhenNew: true },
  // After the approval, the standby has to confirm everything that the primary has written.
  SUBSCRIPTION_LAG: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  // Obstacles to a switch apart from the sequences. None of them makes a sequence wrong.
  LONG_TRANSACTION: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  PREPARED_TRANSACTION: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  OTHER_SLOT: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  SLOT_UNRESERVED: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  NO_REPLICA_IDENTITY: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  NOT_PUBLISHED: { severity: 'warn', scope: 'pair', blocksWhenNew: true, blocksPromotion: true },
  PARTLY_PUBLISHED: { severity: 'warn', scope: 'pair', blocksWhenNew: true, blocksPromotion: true },
  NOT_SUBSCRIBED: { severity: 'warn', scope: 'pair', blocksWhenNew: true, blocksPromotion: true },
  LARGE_OBJECTS: { severity: 'warn', scope: 'pair', blocksWhenNew: false, blocksPromotion: true },
  STANDBY_WRITERS: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  // What was not read may be any finding that blocks a promotion, so this blocks it too.
  GUARDRAILS_UNREAD: {
    severity: 'warn',
    scope: 'pair',
    blocksWhenNew: true,
    mayClearSoon: true,
    blocksPromotion: true,
  },
  // New, it means that a column may take its values from a sequence that nobody compared with its rows.
  FEEDS_UNKNOWN: { severity: 'warn', scope: 'pair', blocksWhenNew: true },
  SCHEMA_DIFFERS: { severity: 'warn', scope: 'pair', blocksWhenNew: false },
  // The proof is complete. Only the comparison with earlier rows of the record is missing.
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

/** The properties of all findings with a code. */
export type FindingEntry = Scope &
  (
    | {
        /** The gate stays shut. */
        severity: 'block';
        /** Why nobody can accept it; absent if an approver can accept the block. */
        unacceptable?: string;
        /** The next recheck of a waiting run clears it, once its cause is gone. Absent: only a new round clears it. */
        clearsItself?: true;
        /** The remedy is complete. Absent: the run adds the next step after it. */
        remedyIsComplete?: true;
        mayClearSoon?: true;
      }
    | {
        severity: 'warn';
        /**
         * Whether it blocks if it did not exist when the gate opened: something that could be checked then cannot be checked now. The other
         * warnings leave the proof complete: the sequence was compared with the primary and with the rows, and is ahead by the required
         * part of its buffer.
         */
        blocksWhenNew: boolean;
        /**
         * It blocks a promotion, and a run that hands off to one: data of the primary would not be on the standby when the clients come there.
         * A run by itself only moves sequences.
         */
        blocksPromotion?: true;
        /**
         * It may go away within seconds, for example when a transaction ends that holds a lock. If it prevents an approval, the
         * verification is repeated for a while before the gate is blocked again.
         */
        mayClearSoon?: true;
      }
    | { severity: 'info' }
  );

/** The things that a finding can be about. */
export interface Scope {
  /** A sequence, the two servers of the pair, this run and its input, or a fleet. */
  scope: 'sequence' | 'pair' | 'run' | 'fleet';
}

/** The code of a finding: docs/reference/findings.md. */
export type FindingCode = keyof typeof FINDINGS;

/** The codes whose entry is like `T`. */
export type CodeOf<T> = {
  [Code in FindingCode]: (typeof FINDINGS)[Code] extends T ? Code : never;
}[FindingCode];

/** Codes of findings that prevent a failover. */
export type BlockCode = CodeOf<{ severity: 'block' }>;
/** Codes of findings that do not block a run, unless they are new at the gate. Some block a promotion. */
export type WarningCode = CodeOf<{ severity: 'warn' }>;
/** Codes of findings that only inform. */
export type InfoCode = CodeOf<{ severity: 'info' }>;
/** Warnings that block a promotion, and a run that hands off to one. */
export type PromotionBlockingCode = CodeOf<{ blocksPromotion: true }>;
/** Warnings that block if they did not exist when the gate opened. */
export type BlockingWarningCode = CodeOf<{ blocksWhenNew: true }>;

/** @returns undefined for a code that this version does not know */
export function findingEntry(code: string): FindingEntry | undefined {
  return Object.hasOwn(FINDINGS, code) ? FINDINGS[code as FindingCode] : undefined;
}
