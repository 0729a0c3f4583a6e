import { ONE_PAGE_AT_MOST } from '../src/steps/limits.js';
import type { Mode } from '../src/contract/input.js';
import type { PageLimits } from '../src/postgres/sequences/page-ranges.js';

/**
 * Large pages are quicker, since each takes a dozen of workflow tasks; payloads have to stay under the 512 KiB at which Temporal
 * warns, also where names are long. See docs/decisions/0021.
 */
export const pageLimits: PageLimits = { whole: ONE_PAGE_AT_MOST, sequences: 5_000, bytes: 500 * 1024 };

/** A page of a plan answers the query `statements` at once: half a kilobyte for each sequence, of the 2 MiB that Temporal lets through. */
const planLimits: PageLimits = { whole: ONE_PAGE_AT_MOST, sequences: 2_500, bytes: 250 * 1024 };

export function pageLimitsIn(mode: Mode): PageLimits {
  return mode === 'plan' ? planLimits : pageLimits;
}
