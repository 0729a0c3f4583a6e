import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import { endSessionsBegun, readClock } from '../../src/postgres/promotion/writers.js';
import type { Identity } from '../../src/steps/identity.js';

/** How long to wait for sessions that are just starting, and the pause between two checks, in milliseconds. */
const STARTING = { longestMs: 2_000, pauseMs: 20 };

/**
 * Ends the sessions that began before a default of the database was changed. A session keeps the default that it began with, also one of a
 * connection pool. The application connects again and gets the present one.
 *
 * @param since when the former default began, by the server's clock. It is `-infinity` if new sessions were read-only before this promotion:
 *   then all sessions count.
 */
export async function endSessionsSince(endpoint: Endpoint, expected: Identity, since: string): Promise<void> {
  const changedBy = await readClock(endpoint, expected);
  const deadline = performance.now() + STARTING.longestMs;
  let starting = new Set(await endSessionsBegun(endpoint, expected, [since, changedBy]));
  while (starting.size > 0 && performance.now() < deadline) {
    await delay(STARTING.pauseMs);
    const still = await endSessionsBegun(endpoint, expected, [since, changedBy]);
    const known = starting;
    starting = new Set(still.filter((pid) => known.has(pid)));
  }
}
