import pg from 'pg';
import { until } from './until.js';

/** Milliseconds that sessions have to end. */
const SESSIONS_END_WITHIN_MS = 10_000;

/**
 * Drops a database, and ends its sessions. `WITH (FORCE)` does that from PostgreSQL 13 on.
 *
 * @param admin connected to another database of the server, as a superuser
 * @throws Error if the sessions do not end within 10 seconds, or what the server raises
 */
export async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const database = pg.escapeIdentifier(name);
  const { rows: versions } = await admin.query<{ forces: boolean }>(
    `SELECT current_setting('server_version_num')::integer >= 130000 AS forces`,
  );
  if (versions[0]?.forces === true) {
    await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
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
  await until(endSessions, { timeout: SESSIONS_END_WITHIN_MS, what: `the sessions of ${name} to end` });
  await admin.query(`DROP DATABASE ${database}`);
}
