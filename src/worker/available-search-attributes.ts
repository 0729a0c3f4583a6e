import type { NativeConnection } from '@temporalio/worker';
import type { Log } from '../../activities/dependencies.js';
import type { Searchable } from '../contract/search-attributes.js';
import { readSearchAttributes } from './search-attributes.js';

/** How long an answer of the server is used, in milliseconds. */
const ANSWER_KEPT_MS = 60_000;
/** How long the server may take, in milliseconds. A run waits for it. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * The search attributes that runs may set: those that the namespace has. None if the server does not answer.
 *
 * @param isEncrypted whether payloads are encrypted; then the ticket, which may contain any text, is not sent to the server as a search
 * attribute
 */
export function availableSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  { isEncrypted, log }: { isEncrypted: boolean; log: Log },
): () => Promise<Searchable[]> {
  let answer: Promise<Searchable[]> | undefined;
  let askedAt = 0;
  const ask = async (): Promise<Searchable[]> => {
    try {
      const { present } = await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        readSearchAttributes(connection, namespace),
      );
      return present.filter((one) => one !== 'ticket' || !isEncrypted);
    } catch (error) {
      log.warn({ namespace, err: error }, 'the server does not tell which search attributes there are');
      return [];
    }
  };
  return () => {
    if (answer === undefined || performance.now() - askedAt > ANSWER_KEPT_MS) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
}
