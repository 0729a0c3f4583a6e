import type { PageRange } from '../src/steps/identity.js';
import type { Endpoint } from '../src/postgres/endpoint.js';

/** The endpoint for all that is done on one page: its steps meet a session that knows the page's relations already. */
export function aboutPage(endpoint: Endpoint, range: PageRange | null): Endpoint {
  return range === null ? endpoint : endpoint.about(JSON.stringify(range.upTo));
}
