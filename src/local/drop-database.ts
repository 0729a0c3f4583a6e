import pg from 'pg';
import { until } from './until.js';

/** Milliseconds that sessions have to end. */
const SESSIONS_END_WITHIN_MS = 30_000;

/** The SQLSTATE object_in_use: a session, or the use of a slot, has not ended within the 5 seconds that the server waits, or at once. */
const OBJECT_IN_USE = '55006';

/**
 * Drops a database, and ends its sessions. `WITH (FORCE)` does that from PostgreSQL 13 on.
 *
 * @param admin connected to another database of the server, as a superuser
 * @throws Error if the sessions do not end within 30 seconds, or what the server raises
 */
export async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const database = pg.escapeIdentifier(name);
  const { rows: versions } = await admin.query<{ forces: boolean }>(
    `SELECT current_setting('server_version_num')::integer >= 130000 AS forces`,
  );
  const what = `the sessions of ${name} to end`;
  if (versions[0]?.forces === true) {
    const deadline = performance.now() + SESSIONS_END_WITHIN_MS;
    const drop = async () => {
      try {
        await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code !== OBJECT_IN_USE || performance.now() > deadline) throw error;
        return false;
      }
    };
    await until(drop, { interval: 100, what });
    return;
  }
  await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
  const endSessions = async () => {
    const { rows } = await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [name],
    );
    return rows.length === 0;
  };
  await until(endSessions, { timeout: SESSIONS_END_WITHIN_MS, what });
  await admin.query(`DROP DATABASE ${database}`);
}
