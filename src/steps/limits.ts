/** Limits that activities and workflows must agree on. */

/** Up to this number of sequences there is one page, and the run itself keeps the rows. Above it, each page is a workflow of its own. */
export const ONE_PAGE_AT_MOST = 2_000;

/** The largest number of sequences that one recheck tops up. If more are behind, a new round follows. */
export const TOP_UPS_AT_MOST = 500;

/** Up to this number of sequences, each setval is a step of its own, so that the history shows every sequence. */
export const INDIVIDUALLY_AT_MOST = 100;
