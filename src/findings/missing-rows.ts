import type { FindingCode } from '../contract/findings.js';

/** Findings about tables whose rows the standby lacks, or may lack. */
export const OF_MISSING_ROWS: ReadonlySet<string> = new Set<FindingCode>([
  'NOT_PUBLISHED',
  'PARTLY_PUBLISHED',
  'NOT_SUBSCRIBED',
  'GUARDRAILS_UNREAD',
]);
