/** Limits that activities and workflows must agree on. */

/** Up to so many sequences are one page: the run keeps their rows itself, instead of a workflow for each page. */
export const ONE_PAGE_AT_MOST = 2_000;

/** Sequences that a recheck tells to be topped up; more than these behind at once are a new round. */
export const TOP_UPS_AT_MOST = 500;

/** Up to so many sequences that are set at a time each have a step of their own, so that the history reads sequence by sequence. */
export const INDIVIDUALLY_AT_MOST = 100;
