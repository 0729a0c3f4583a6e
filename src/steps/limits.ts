/** Limits that stand in several places, and must agree there. */

/** The number of pages that work at once: enough to keep both servers busy, and few enough to bound memory, connections and locks. */
export const PAGES_AT_ONCE = 3;

/** A run or a promotion carries at most this many measured buffers, the largest; see docs/decisions/0011. */
export const MEASURED_KEPT = 2_000;

/** Up to this number of sequences there is one page, and the run itself keeps the rows. Above it, each page is a workflow of its own. */
export const ONE_PAGE_AT_MOST = 2_000;

/** The largest number of sequences that one recheck tops up. If more are behind, a new round follows. */
export const TOP_UPS_AT_MOST = 500;

/** Up to this number of sequences, each setval is a step of its own, so that the history shows every sequence. */
export const INDIVIDUALLY_AT_MOST = 100;

/** If no heartbeat of a promotion's step comes for this time, Temporal gives the attempt up, in milliseconds. It is short because the primary is fenced meanwhile. */
export const PROMOTION_HEARTBEAT_MS = 3_000;

/** An attempt commits its change within this time of a heartbeat, in milliseconds, and so before Temporal can give it up: docs/decisions/0040 */
export const COMMITTED_WITHIN_MS = 2_500;
