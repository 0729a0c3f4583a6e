import type { Identity } from '../../../src/steps/identity.js';

/** Which server and database a session is connected to. @param query runs a statement in it, and returns the rows */
export async function readIdentity(
  query: (statement: string) => Promise<readonly Record<string, unknown>[]>,
): Promise<Identity> {
  const [row] = await query(
    `SELECT system_identifier::text AS "systemIdentifier", oid::text AS "databaseOid", datname AS database
     FROM pg_control_system(), pg_database WHERE datname = current_database()`,
  );
  if (row === undefined) throw new Error('no identity');
  return row as unknown as Identity;
}
