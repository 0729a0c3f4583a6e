import type { PageRange } from '../src/steps/identity.js';
import type { Endpoint } from '../src/postgres/endpoint.js';

/** The endpoint for all steps of one page. They prefer the same session, which has the page's relations in its cache. */
export function forPage(endpoint: Endpoint, range: PageRange | null): Endpoint {
  return range === null ? endpoint : endpoint.withAffinity(JSON.stringify(range.upTo));
}
