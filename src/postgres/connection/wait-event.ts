import pg, { type ClientConfig, type PoolClient } from 'pg';
import { backendKeyOf } from './backend-key.js';

/** In milliseconds, for the connection and for the query. If it fails, the caller goes on waiting for its statement. */
const TIMEOUT_MS = 3_000;

/**
 * The wait event of a session, read from pg_stat_activity over another connection. A role can see the wait events of its own sessions.
 *
 * @param config the configuration of the connection of the session
 * @returns null if it waits for nothing, or if it could not be read, for example because no further connection is possible; never throws
 */
export async function waitEventOf(config: ClientConfig, session: PoolClient): Promise<string | null> {
  const key = backendKeyOf(session);
  if (key === null) return null;
  const client = new pg.Client({ ...config, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ event: string | null }>(
      'SELECT wait_event AS event FROM pg_catalog.pg_stat_activity WHERE pid = $1',
      [key.processId],
    );
    return rows[0]?.event ?? null;
  } catch {
    return null;
  } finally {
    // A connection that could not be ended had been lost before.
    await client.end().catch(() => undefined);
  }
}
