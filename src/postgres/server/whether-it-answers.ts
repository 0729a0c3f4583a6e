import type { Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';

/**
 * Whether anything answers for a server in PostgreSQL's protocol: a session, or a refusal of its own, such as of a server that is starting, was
 * fenced, or has no connection left. What a pooler says of a server that it cannot reach (class 08), and what the network says, is none.
 *
 * Tried once, by a new connection: it takes no longer than the URL's connect_timeout, by default 5 seconds.
 *
 * @returns `answer`: what it said, or null, and then `why` says how the connection failed
 */
export async function whetherItAnswers(endpoint: Endpoint): Promise<{ answer: string | null; why: string }> {
  const { side, address } = endpoint;
  const { host, port, database } = address;
  try {
    const [row] = await endpoint.transaction(
      { access: 'read only', expected: null, locks: 0, byNewConnection: true },
      (query) =>
        query<{ system: string }>('SELECT system_identifier::text AS system FROM pg_control_system()'),
    );
    const answer = `the ${side} at ${host}:${port}/${database} accepts connections (system identifier ${row?.system ?? 'unknown'})`;
    return { answer, why: '' };
  } catch (error) {
    const { sqlstate, reason } = classify(error);
    const answered = sqlstate !== null && !sqlstate.startsWith('08');
    return answered ? { answer: reason, why: '' } : { answer: null, why: reason };
  }
}
