import type { Identity } from '../../steps/identity.js';
import type { Position } from '../../sequences/sequence.js';
import { oidArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import type { Privileges } from './grants.js';

/** The identity of a sequence in the present transaction, before its relation is touched. */
export interface SequenceIdentity {
  oid: number;
  /** `quote_ident`ed. */
  schema: string;
  /** `quote_ident`ed schema.name. */
  sequence: string;
  privileges: Privileges;
}

/** Sequences by their oids, and the role that looked them up. */
export interface SequenceLookup {
  sequences: Map<number, SequenceIdentity>;
  /** The role's name, `quote_ident`ed. */
  role: string;
}

/** Looks up sequences by oid. A sequence that no longer exists is missing from the answer. It locks none of them. */
export async function lookUpSequences(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<SequenceLookup> {
  const [rows = []] = await endpoint.read<LookupRow>({ expected, locks: CATALOG_LOCKS }, [lookupSql(oids)]);
  return toLookup(rows);
}

/** The ways to read a position. */
export type ReadMethod =
  /** By a function that keeps no lock, from PostgreSQL 18.2 on. */
  | 'free'
  /**
   * Before: by pg_sequence_last_value, which keeps a RowExclusiveLock until the transaction ends and waits for an ALTER SEQUENCE in
   * flight. It knows no value of a sequence whose is_called is false; that one is read from its relation.
   */
  | 'locking'
  /** From the relation, under an AccessShareLock, which does not wait for an ALTER SEQUENCE. It takes ten times as long. */
  | 'relation';

/**
 * One statement, for {@link toPositions}. A sequence that the role may not read, or that no longer exists, has no data. A
 * sequence that may not be read is not locked.
 */
export function positionsSql(oids: readonly number[], method: ReadMethod): string {
  const wanted = `unnest(${oidArray(oids)}) w (oid)`;
  if (method === 'free')
    return `SELECT w.oid, CASE WHEN ${mayBeRead(method, 'w.oid')} THEN pg_get_sequence_data(w.oid::regclass) END AS data FROM ${wanted}`;
  return `
    SELECT w.oid, CASE WHEN w.last IS NOT NULL THEN '(' || w.last || ',t'
                       WHEN w.readable THEN (SELECT '(' || r.word[2] || ',' || r.word[3] FROM ${relationOf('w.oid')} r)
                       END AS data
    FROM ${withLast(method, wanted)} w`;
}

/** A subquery for a lateral join: the row of pg_class, looked up by its index, whatever size the planner expects of the catalog. */
function sequenceOf(oid: string): string {
  return `(
      SELECT c.oid, c.relnamespace, c.relname, c.relpersistence FROM pg_class c WHERE c.oid = ${oid} AND c.relkind = 'S' OFFSET 0
    )`;
}

/**
 * A subquery for a lateral join, with `last_value` and `is_called`. It has no row, or nulls, if the role may not read the sequence, or if it
 * no longer exists.
 *
 * @param oid an expression of SQL; null for no sequence
 */
export function positionOf(method: ReadMethod, oid: string): string {
  if (method === 'free')
    return `pg_get_sequence_data(CASE WHEN ${mayBeRead(method, oid)} THEN ${oid}::regclass END)`;
  return `(
      SELECT coalesce(q.last, q.word[2]::int8) AS last_value, q.last IS NOT NULL OR q.word[3]::boolean AS is_called
      FROM (
        SELECT w.last, CASE WHEN w.readable AND w.last IS NULL THEN (SELECT r.word FROM ${relationOf('w.oid')} r) END AS word
        FROM ${withLast(method, `(SELECT ${oid} AS oid) w`)} w
        OFFSET 0
      ) q
    )`;
}

/**
 * A subquery with `oid`, `readable`, and as `last` the last value by the function that keeps a lock; `last` is null if the relation has to be
 * read.
 *
 * @param wanted an item of FROM with oids, as `w`
 */
function withLast(method: ReadMethod, wanted: string): string {
  const last =
    method === 'locking'
      ? 'CASE WHEN w.readable THEN pg_sequence_last_value(w.oid::regclass) END'
      : 'NULL::int8';
  return `(
      SELECT w.oid, w.readable, ${last} AS last
      FROM (SELECT w.oid, ${mayBeRead(method, 'w.oid')} AS readable FROM ${wanted} OFFSET 0) w
      OFFSET 0
    )`;
}

/**
 * Whether the role may read the sequence. Without USAGE on the schema no statement can name it, and the statements for psql could not either.
 * The functions know by themselves whether a sequence still exists, and `pg_get_sequence_data` checks the privilege SELECT.
 */
function mayBeRead(method: ReadMethod, oid: string): string {
  const sequence = sequenceOf(oid);
  switch (method) {
    case 'free':
      return `(${mayUseEverySchema} OR (SELECT has_schema_privilege(c.relnamespace, 'USAGE') FROM ${sequence} c))`;
    case 'locking':
      return `CASE WHEN ${mayUseEverySchema} THEN has_sequence_privilege(${oid}, 'SELECT') ELSE (SELECT ${isReadable} FROM ${sequence} c) END`;
    case 'relation':
      return `(SELECT ${isReadable} FROM ${sequence} c)`;
  }
}

/** A temporary sequence belongs to another session. */
const isReadable = `c.relpersistence <> 't' AND has_schema_privilege(c.relnamespace, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT')`;

/**
 * Whether the role may use every schema; not true if there are very many. It is found out once in a statement. Then the sequence's row of
 * pg_class is not needed, whose look-up takes as long as the function that reads the position.
 */
const mayUseEverySchema = `(
      SELECT count(*) <= 100 AND bool_and(has_schema_privilege(n.oid, 'USAGE'))
      FROM (SELECT oid FROM pg_namespace WHERE left(nspname::text, 3) <> 'pg_' LIMIT 101) n
    )`;

/**
 * A subquery that reads a relation whose name is known only when the statement runs: `word` has the oid, the last value and `is_called`.
 * `ts_stat` runs the query that it is given, and returns the distinct words of its text search vectors
 * (https://www.postgresql.org/docs/current/functions-textsearch.html). Here that is one word, such as `16384,1,f`. The oid shows whether
 * another sequence has taken the name meanwhile. See docs/decisions/0022: the planning time of one UNION ALL over all relations grows with
 * the square of their number.
 */
function relationOf(oid: string): string {
  return `(
      SELECT q.word FROM (
        SELECT (SELECT string_to_array(word, ',') FROM ts_stat(format(
          'SELECT array_to_tsvector(ARRAY[concat_ws('','', tableoid, last_value, is_called)]) FROM %s.%I',
          c.relnamespace::regnamespace, c.relname
        ))) AS word
        FROM ${sequenceOf(oid)} c OFFSET 0
      ) q
      WHERE q.word[1]::oid = ${oid}
    )`;
}

/** A row of `positionsSql`. */
export interface PositionRow extends Record<string, unknown> {
  oid: number;
  data: string | null;
}

/** The positions by oid, from the rows of `positionsSql`. */
export function toPositions(rows: readonly PositionRow[]): Map<number, Position> {
  const positions = new Map<number, Position>();
  for (const { oid, data } of rows) {
    const position = toPosition(data);
    if (position !== null) positions.set(oid, position);
  }
  return positions;
}

/**
 * @param data `(last_value,is_called…`, as pg_get_sequence_data returns it; without values if the sequence may not be read or no longer
 * exists
 */
export function toPosition(data: string | null): Position | null {
  const comma = data?.indexOf(',') ?? -1;
  // After `(` there is a value, or nothing.
  return data === null || comma < 2
    ? null
    : { lastValue: BigInt(data.slice(1, comma)), isCalled: data[comma + 1] === 't' };
}

/**
 * Version 18.2. In 18.0 and 18.1 pg_get_sequence_data keeps a RowExclusiveLock on each sequence until the end of the transaction, waits for
 * a running ALTER SEQUENCE, and fails for a sequence that no longer exists; measured on every minor version up to 18.4.
 */
const READS_WITHOUT_LOCKS = 180002;

/** Whether pg_get_sequence_data works without these faults. */
export async function readsWithoutLocks(endpoint: Endpoint, expected: Identity): Promise<boolean> {
  return (await endpoint.version(expected)) >= READS_WITHOUT_LOCKS;
}

function lookupSql(oids: readonly number[]): string {
  return `
    SELECT mine.role, c.oid::int8, quote_ident(n.nspname) AS schema,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence,
           coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
           coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS select,
           coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS update
    FROM (SELECT quote_ident(current_user) AS role) mine
    CROSS JOIN unnest(${oidArray(oids)}) w (oid)
    LEFT JOIN LATERAL (
      SELECT c.oid, c.relname, c.relnamespace FROM pg_class c WHERE c.oid = w.oid AND c.relkind = 'S' OFFSET 0
    ) c ON true
    LEFT JOIN pg_namespace n ON n.oid = c.relnamespace`;
}

function toLookup(rows: readonly LookupRow[]): SequenceLookup {
  const sequences = new Map<number, SequenceIdentity>();
  for (const { oid, schema, sequence, schema_usage, select, update } of rows) {
    if (oid === null) continue;
    const privileges = { schemaUsage: schema_usage, select, update };
    sequences.set(Number(oid), { oid: Number(oid), schema, sequence, privileges });
  }
  return { sequences, role: rows[0]?.role ?? '' };
}

interface LookupRow extends Record<string, unknown> {
  role: string;
  oid: string | null;
  schema: string;
  sequence: string;
  schema_usage: boolean;
  select: boolean;
  update: boolean;
}
