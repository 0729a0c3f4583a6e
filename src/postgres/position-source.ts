import type { Identity } from '../contract/steps.js';
import type { Position } from '../sequences/sequence.js';
import { arrayLiteral, oidArray } from './array-literal.js';
import type { Endpoint, Query, Row } from './endpoint.js';
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

/**
 * Looks up sequences by oid; one that is gone is missing from the answer. Locks none of them.
 *
 * @param before a statement without parameters to run first, in the same round trip
 */
export async function seeSequences(query: Query, oids: readonly number[], before = ''): Promise<Sight> {
  return toSight(await query<SightRow>(`${before}${before && ';'} ${sightSql(oids)}`));
}

/**
 * Where those stand that may be read, by oid; one that may not, or is gone, is missing from the answer. One statement that keeps no
 * lock, from PostgreSQL 18 on.
 */
export async function seePositions(query: Query, oids: readonly number[]): Promise<Map<number, Position>> {
  const rows = await query<PositionColumns & { oid: string } & Row>(
    `SELECT l.oid::int8, d.last_value, d.is_called
     FROM (
       SELECT c.oid FROM pg_class c
       WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'S' AND has_schema_privilege(c.relnamespace, 'USAGE') OFFSET 0
     ) l, pg_get_sequence_data(l.oid::regclass) d`,
    [arrayLiteral(oids)],
  );
  const positions = new Map<number, Position>();
  for (const row of rows) {
    const position = toPosition(row);
    if (position !== null) positions.set(Number(row.oid), position);
  }
  return positions;
}

/** What pg_get_sequence_data says of a sequence: nothing where it may not be read, or is gone. */
export interface PositionColumns {
  last_value: string | null;
  is_called: boolean | null;
}

export function toPosition({ last_value, is_called }: PositionColumns): Position | null {
  return last_value === null || is_called === null
    ? null
    : { lastValue: BigInt(last_value), isCalled: is_called };
}

/**
 * Whether the endpoint's server has pg_get_sequence_data. Asked once: a server of another version has another identity.
 */
export async function readsWithoutLocks(endpoint: Endpoint, expected: Identity): Promise<boolean> {
  const known = versions.get(endpoint);
  if (known !== undefined) return known >= 180000;
  const [row] = await endpoint.transaction({ access: 'read only', expected, locks: 0 }, (query) =>
    query<{ version: number }>(`SELECT current_setting('server_version_num')::int AS version`),
  );
  const version = row?.version ?? 0;
  versions.set(endpoint, version);
  return version >= 180000;
}

const versions = new WeakMap<Endpoint, number>();

function sightSql(oids: readonly number[]): string {
  return `
    SELECT server.version, server.role, c.oid::int8, quote_ident(n.nspname) AS schema,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence,
           coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
           coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS select,
           coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS update,
           coalesce(has_sequence_privilege(c.oid, 'USAGE'), false) AS usage
    FROM (SELECT current_setting('server_version_num')::int AS version, quote_ident(current_user) AS role) server
    LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
      ON c.oid = ANY (${oidArray(oids)}) AND c.relkind = 'S'`;
}

function toSight(rows: readonly SightRow[]): Sight {
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
