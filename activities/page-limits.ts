import type { PageLimits } from '../src/postgres/page-ranges.js';

/**
 * Large pages are quicker, since each takes a dozen of workflow tasks; payloads have to stay under the 512 KiB at which Temporal
 * warns, also where names are long. See docs/decisions/0021.
 */
export const pageLimits: PageLimits = { whole: 2_000, sequences: 5_000, bytes: 500 * 1024 };
