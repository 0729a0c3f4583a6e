import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Place } from '../temporal-client.js';
import { TimeLimit } from '../time-limit.js';
import { describeTrouble } from './trouble.js';

/** Milliseconds between two queries. */
export const INTERVAL_MS = 1_000;
/** Milliseconds after which a query counts as lost. Temporal's own timeout for a query is shorter. */
const ANSWER_WITHIN_MS = 30_000;

interface Asking {
  onTrouble: (trouble: string) => void;
  limit: TimeLimit | undefined;
  /** Milliseconds for one answer; null: any time. */
  within?: number | null;
}

/**
 * Repeats the query until there is an answer.
 *
 * @throws an error after which another query would not help; LimitOver
 */
export async function askUntilAnswered<T>(
  client: Client,
  { address }: Place,
  question: () => Promise<T>,
  { onTrouble, limit = new TimeLimit(undefined), within = ANSWER_WITHIN_MS }: Asking,
): Promise<T> {
  const { connection } = client;
  const ask = () => (within === null ? question() : connection.withDeadline(Date.now() + within, question));
  for (;;) {
    const calls = new AbortController();
    // Each call of a question adds a listener, which the client never removes.
    setMaxListeners(0, calls.signal);
    try {
      return await limit.within(connection.withAbortSignal(calls.signal, ask));
    } catch (error) {
      const trouble = describeTrouble(error, address);
      if (trouble === null) throw error;
      onTrouble(trouble);
    } finally {
      // After the limit, no call to Temporal keeps the command alive.
      calls.abort();
    }
    await limit.within(delay(INTERVAL_MS));
  }
}
