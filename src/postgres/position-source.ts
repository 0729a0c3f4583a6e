import type { Query } from './endpoint.js';
import type { Privileges } from './grants.js';

/** A sequence as the server knows it within the transaction at hand, before its relation is touched. */
export interface Seen {
  oid: number;
  /** `quote_ident`ed. */
  schema: string;
  /** `quote_ident`ed schema.name. */
  sequence: string;
  privileges: Privileges;
}

export interface Sight {
  sequences: Map<number, Seen>;
  /** The role's name, `quote_ident`ed. */
  role: string;
  /** server_version_num, for instance 180004. */
  serverVersion: number;
}

/** Looks up sequences by oid; one that is gone is missing from the answer. Locks none of them. */
export async function seeSequences(query: Query, oids: readonly number[]): Promise<Sight> {
  const rows = await query<SightRow>(
    `SELECT server.version, server.role, c.oid::int8, quote_ident(n.nspname) AS schema,
            quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence,
            coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
            coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS select,
            coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS update,
            coalesce(has_sequence_privilege(c.oid, 'USAGE'), false) AS usage
     FROM (SELECT current_setting('server_version_num')::int AS version, quote_ident(current_user) AS role) server
     LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
       ON c.oid = ANY ($1::oid[]) AND c.relkind = 'S'`,
    [oids],
  );
  const sequences = new Map<number, Seen>();
  for (const { oid, schema, sequence, schema_usage, select, update, usage } of rows) {
    if (oid === null) continue;
    const privileges = { schemaUsage: schema_usage, select, update, usage };
    sequences.set(Number(oid), { oid: Number(oid), schema, sequence, privileges });
  }
  return { sequences, role: rows[0]?.role ?? '', serverVersion: rows[0]?.version ?? 0 };
}

interface SightRow extends Record<string, unknown> {
  version: number;
  role: string;
  oid: string | null;
  schema: string;
  sequence: string;
  schema_usage: boolean;
  select: boolean;
  update: boolean;
  usage: boolean;
}

/** Whether `positionSource` may touch it. Without USAGE on the schema no statement could name it, ours for psql included. */
export function isReadable({ privileges }: Seen): boolean {
  return privileges.schemaUsage && privileges.select;
}

/**
 * A query for `oid, last_value, is_called` of the given sequences, read from the relations themselves:
 * pg_sequences hides the value of one that was never called or was restarted, and waits for an ALTER SEQUENCE in flight.
 *
 * From PostgreSQL 18 on it keeps no lock, and values of one that is gone meanwhile are null. Before, it keeps an
 * AccessShareLock on each, and one that is gone or renamed fails the statement; the caller isolates it.
 *
 * @param readable at least one
 * @param oids the parameter with their oids, for instance `$1`
 */
export function positionSource(serverVersion: number, readable: readonly Seen[], oids: string): string {
  if (serverVersion >= 180000) {
    return `SELECT o.oid, d.last_value, d.is_called
            FROM unnest(${oids}::oid[]) o (oid), pg_get_sequence_data(o.oid::regclass) d`;
  }
  const each = readable.map(({ sequence }) => `SELECT tableoid, last_value, is_called FROM ${sequence}`);
  // Another sequence may have taken the name since.
  return `SELECT oid, last_value, is_called FROM (${each.join(' UNION ALL ')}) d (oid, last_value, is_called)
          WHERE oid = ANY (${oids}::oid[])`;
}
