/** How long one step may wait for locks of other sessions on the relations of one side, in milliseconds. */
export const LOCK_WAITS_MS = 5_000;

/** The timeout for each further lock after that. It is not 0, which PostgreSQL takes for no limit. */
const LEAST_MS = 50;

/**
 * The time that all reads and writes of one step may spend together on waiting for locks. Every wait that ended in a lock timeout counts.
 * A wait that ended with the lock does not: there was progress. Waits of pages that are read at the same time overlap, so that each may use
 * what was left when it began.
 */
export class LockWaits {
  #leftMs = LOCK_WAITS_MS;

  /** @returns the lock timeout for the next attempt, which wants `wantedMs` */
  timeout(wantedMs: number): number {
    return Math.min(wantedMs, Math.max(this.#leftMs, LEAST_MS));
  }

  /** An attempt with this lock timeout has run into it. */
  spend(timeoutMs: number): void {
    this.#leftMs -= timeoutMs;
  }
}
