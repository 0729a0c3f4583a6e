import pg, { type ClientConfig, type PoolClient } from 'pg';

/** Milliseconds for the whole look: where it fails, whoever asked goes on waiting. */
const patience = 3_000;

/**
 * What a session waits for right now, by pg_stat_activity over a connection of its own: a role sees its own sessions there.
 *
 * @param config by which the session was connected
 * @returns null where it waits for nothing, or where nobody can tell, such as without room for one more connection; never throws
 */
export async function waitEventOf(config: ClientConfig, session: PoolClient): Promise<string | null> {
  const { processID } = session as unknown as { processID: number | null };
  if (processID === null) return null;
  const client = new pg.Client({ ...config, connectionTimeoutMillis: patience, query_timeout: patience });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ event: string | null }>(
      'SELECT wait_event AS event FROM pg_catalog.pg_stat_activity WHERE pid = $1',
      [processID],
    );
    return rows[0]?.event ?? null;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}
