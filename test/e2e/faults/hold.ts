import pg from 'pg';
import { onTestFinished } from 'vitest';
import { advisoryLocksSql } from '../../../src/postgres/session/advisory-locks.js';
import { query } from './query.js';

/** A transaction of another session. It keeps its locks until `commit`. */
export interface Hold {
  commit(): Promise<void>;
}

/** Holds the advisory locks of all sequences, so that every setval of this project waits. */
export async function holdAdvisoryLocks(url: string): Promise<Hold> {
  const rows = await query<{ oid: string }>(url, "SELECT oid::int8 FROM pg_class WHERE relkind = 'S'");
  return hold(url, advisoryLocksSql(rows.map(({ oid }) => Number(oid))));
}

/** Runs the statements in a transaction that stays open. */
export async function hold(url: string, ...statements: string[]): Promise<Hold> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  let open = true;
  const end = async (how: string) => {
    if (!open) return;
    open = false;
    await client.query(how);
    await client.end();
  };
  onTestFinished(() => end('ROLLBACK').catch(() => undefined));
  for (const statement of ['BEGIN', ...statements]) await client.query(statement);
  return { commit: () => end('COMMIT') };
}
