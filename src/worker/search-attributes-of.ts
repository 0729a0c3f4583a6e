import type { NativeConnection } from '@temporalio/worker';
import type { Log } from '../../activities/dependencies.js';
import type { Searchable } from '../contract/search-attributes.js';
import { readSearchAttributes } from './search-attributes.js';

/** Milliseconds for which an answer of the server is used. */
const KEPT = 60_000;
/** Milliseconds that the server may take: a run waits for it. */
const PATIENCE = 2_000;

/**
 * Which search attributes runs may set: those that the namespace has. None if the server does not tell.
 *
 * @param isEncrypted if payloads are encrypted; then the ticket, which any text may be in, is not told to the server
 */
export function searchAttributesOf(
  connection: NativeConnection,
  namespace: string,
  { isEncrypted, log }: { isEncrypted: boolean; log: Log },
): () => Promise<Searchable[]> {
  let answer: Promise<Searchable[]> | undefined;
  let askedAt = 0;
  const ask = async (): Promise<Searchable[]> => {
    try {
      const { present } = await connection.withDeadline(Date.now() + PATIENCE, () =>
        readSearchAttributes(connection, namespace),
      );
      return present.filter((one) => one !== 'ticket' || !isEncrypted);
    } catch (error) {
      log.warn({ namespace, err: error }, 'the server does not tell which search attributes there are');
      return [];
    }
  };
  return () => {
    if (answer === undefined || performance.now() - askedAt > KEPT) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
}
