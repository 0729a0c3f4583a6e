import type { FindingCode } from '../contract/findings.js';

/** Findings about tables whose rows the standby lacks, or may lack. */
export const OF_MISSING_ROWS: ReadonlySet<string> = new Set<FindingCode>([
  'NOT_PUBLISHED',
  'PARTLY_PUBLISHED',
  'NOT_SUBSCRIBED',
  'GUARDRAILS_UNREAD',
]);

/** The findings that are made anew if the tables of a side, or what may call `nextval` for them, have changed since the check. */
export const OF_CHANGED_TABLES: ReadonlySet<string> = new Set<FindingCode>([
  ...(OF_MISSING_ROWS as ReadonlySet<FindingCode>),
  'FEEDS_UNKNOWN',
]);
