import { ONE_PAGE_AT_MOST } from '../src/steps/limits.js';
import type { Mode } from '../src/contract/input.js';
import type { PageLimits } from '../src/postgres/sequences/page-ranges.js';

/**
 * Large pages are faster, since each page takes about a dozen workflow tasks. Payloads have to stay under 512 KiB, where Temporal warns,
 * even with long names. See docs/decisions/0021.
 */
export const pageLimits: PageLimits = { onePage: ONE_PAGE_AT_MOST, sequences: 5_000, bytes: 500 * 1024 };

/** In `plan`, a page answers the query `statements` with all its statements: about 0.5 KB per sequence. Temporal's limit is 2 MiB. */
const planLimits: PageLimits = { onePage: ONE_PAGE_AT_MOST, sequences: 2_500, bytes: 250 * 1024 };

export function pageLimitsIn(mode: Mode): PageLimits {
  return mode === 'plan' ? planLimits : pageLimits;
}
