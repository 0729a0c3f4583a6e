import pg from 'pg';

/**
 * Creates a database. From PostgreSQL 15 on, the server would copy the template page by page through the WAL, which takes twice the processor
 * time of copying its files.
 *
 * @param admin connected to another database of the server
 * @param options of CREATE DATABASE
 */
export async function createDatabase(admin: pg.Client, name: string, options = ''): Promise<void> {
  const { rows } = await admin.query<{ chooses: boolean }>(
    `SELECT current_setting('server_version_num')::integer >= 150000 AS chooses`,
  );
  const strategy = rows[0]?.chooses === true ? 'STRATEGY file_copy' : '';
  await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} ${options} ${strategy}`);
}
