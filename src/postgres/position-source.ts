import type { Identity } from '../contract/steps.js';
import type { Position } from '../sequences/sequence.js';
import { oidArray } from './array-literal.js';
import type { Endpoint, Query } from './endpoint.js';
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
}

/**
 * Looks up sequences by oid; one that is gone is missing from the answer. Locks none of them.
 *
 * @param before a statement without parameters to run first, in the same round trip
 */
export async function seeSequences(query: Query, oids: readonly number[], before?: string): Promise<Sight> {
  const answers = await query.all<SightRow>([...(before === undefined ? [] : [before]), sightSql(oids)]);
  return toSight(answers.at(-1) ?? []);
}

/**
 * Where those stand that may be read; one that may not has no data, and one that is gone no row. One statement that keeps no lock, from
 * PostgreSQL 18.2 on.
 */
export function positionsSql(oids: readonly number[]): string {
  return `
    SELECT c.oid, CASE WHEN has_schema_privilege(c.relnamespace, 'USAGE') THEN pg_get_sequence_data(c.oid::regclass) END AS data
    FROM pg_class c WHERE c.oid = ANY (${oidArray(oids)}) AND c.relkind = 'S'`;
}

export interface PositionRow extends Record<string, unknown> {
  oid: number;
  data: string | null;
}

/** By oid, of what `positionsSql` answers. */
export function toPositions(rows: readonly PositionRow[]): Map<number, Position> {
  const positions = new Map<number, Position>();
  for (const { oid, data } of rows) {
    const position = toPosition(data);
    if (position !== null) positions.set(oid, position);
  }
  return positions;
}

/** @param data what pg_get_sequence_data says, `(last_value,is_called,…)`: nothing of a sequence that may not be read, or is gone */
export function toPosition(data: string | null): Position | null {
  const comma = data?.indexOf(',') ?? -1;
  // After `(` there is a value, or nothing.
  return data === null || comma < 2
    ? null
    : { lastValue: BigInt(data.slice(1, comma)), isCalled: data[comma + 1] === 't' };
}

/**
 * 18.2. In 18.0 and 18.1 pg_get_sequence_data keeps a RowExclusiveLock on each sequence until the transaction ends, waits for an ALTER
 * SEQUENCE in flight, and fails for a sequence that is gone; measured on every minor version up to 18.4.
 */
const READS_WITHOUT_LOCKS = 180002;

/** Whether pg_get_sequence_data can be relied on. */
export async function readsWithoutLocks(endpoint: Endpoint, expected: Identity): Promise<boolean> {
  return (await endpoint.version(expected)) >= READS_WITHOUT_LOCKS;
}

function sightSql(oids: readonly number[]): string {
  return `
    SELECT mine.role, c.oid::int8, quote_ident(n.nspname) AS schema,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence,
           coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
           coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS select,
           coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS update
    FROM (SELECT quote_ident(current_user) AS role) mine
    LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
      ON c.oid = ANY (${oidArray(oids)}) AND c.relkind = 'S'`;
}

function toSight(rows: readonly SightRow[]): Sight {
  const sequences = new Map<number, Seen>();
  for (const { oid, schema, sequence, schema_usage, select, update } of rows) {
    if (oid === null) continue;
    const privileges = { schemaUsage: schema_usage, select, update };
    sequences.set(Number(oid), { oid: Number(oid), schema, sequence, privileges });
  }
  return { sequences, role: rows[0]?.role ?? '' };
}

interface SightRow extends Record<string, unknown> {
  role: string;
  oid: string | null;
  schema: string;
  sequence: string;
  schema_usage: boolean;
  select: boolean;
  update: boolean;
}

/** Whether `positionSource` may touch it. Without USAGE on the schema no statement could name it, ours for psql included. */
export function isReadable({ privileges }: Seen): boolean {
  return privileges.schemaUsage && privileges.select;
}

/**
 * Before PostgreSQL 18.2: a query for `oid, last_value, is_called` of the given sequences, read from the relations themselves, since
 * pg_sequences hides the value of one that was never called or was restarted, and waits for an ALTER SEQUENCE in flight.
 * It keeps an AccessShareLock on each, and one that is gone or renamed fails the statement; the caller isolates it.
 *
 * @param readable at least one; told by their oids, since another sequence may have taken the name meanwhile
 */
export function positionSource(readable: readonly Seen[]): string {
  const each = readable.map(({ sequence }) => `SELECT tableoid, last_value, is_called FROM ${sequence}`);
  return `SELECT oid, last_value, is_called FROM (${each.join(' UNION ALL ')}) d (oid, last_value, is_called)
          WHERE oid = ANY (${oidArray(readable.map(({ oid }) => oid))})`;
}
