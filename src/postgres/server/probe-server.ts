import type { Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';

/**
 * Whether a server answered, with its answer, or the reason of the failure. `unknown` if only the configuration of the worker is wrong, or if
 * only a pooler answered: the server may be well.
 */
export type Probe =
  | { answers: 'yes'; answer: string }
  | { answers: 'no'; why: string }
  | { answers: 'unknown'; why: string; remedy: string };

/**
 * Whether a server answers in PostgreSQL's protocol. A session is an answer, and so is a refusal by the server, for example because it is
 * starting, was fenced, or has no free connection. An error of a pooler that cannot reach the server (class 08) is no answer, and neither is
 * an error of the network. An error that stays until somebody corrects the configuration says nothing about the server, and neither does a
 * pooler that does not know the database, has no room for another client, or has let the query wait for too long.
 *
 * It makes one attempt with a new connection, which takes at most the URL's connect_timeout, by default 5 seconds.
 *
 * @returns the text of the answer, or how the connection failed
 */
export async function probeServer(endpoint: Endpoint): Promise<Probe> {
  const { side, address } = endpoint;
  const { host, port, database } = address;
  try {
    const [row] = await endpoint.transaction(
      { access: 'read only', expected: null, locks: 0, byNewConnection: true },
      (query) =>
        query<{ system: string }>('SELECT system_identifier::text AS system FROM pg_control_system()'),
    );
    const answer = `the ${side} at ${host}:${port}/${database} accepts connections (system identifier ${row?.system ?? 'unknown'})`;
    return { answers: 'yes', answer };
  } catch (error) {
    const { sqlstate, reason, retryable, remedy, isOfPooler = false } = classify(error);
    if (isOfPooler) return { answers: 'unknown', why: reason, remedy };
    if (sqlstate !== null && !sqlstate.startsWith('08')) return { answers: 'yes', answer: reason };
    return retryable ? { answers: 'no', why: reason } : { answers: 'unknown', why: reason, remedy };
  }
}
