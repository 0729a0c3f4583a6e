import type { Identity } from '../../steps/steps.js';
import type { SequenceOrigin } from '../../steps/columns.js';
import { qualifiedName } from '../../sequences/identifier.js';
import { oidArray } from '../array-literal.js';
import { catalogLocks, type Endpoint, type Row } from '../endpoint.js';
import { type Feed, type FeedRow, feedsSql, toFeeds } from './feeds.js';

/** How sequences were made, by oid: what it takes to make them again on another server. */
export async function readOrigins(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<Map<number, SequenceOrigin>> {
  if (oids.length === 0) return new Map();
  const [rows = [], feedRows = []] = await endpoint.read({ expected, locks: catalogLocks }, [
    originsSql(oids),
    feedsSql(`SELECT unnest(${oidArray(oids)}) AS oid`),
  ]);
  const feeds = toFeeds(feedRows as FeedRow[]);
  const expressions = await readExpressions(endpoint, expected, [...feeds.values()].flat());
  return new Map(
    (rows as OriginRow[]).map(({ oid, type, start, schema, table, column }) => [
      Number(oid),
      {
        type,
        start,
        ownedBy: column === null ? null : qualifiedName(schema ?? '', table ?? '', column),
        feeds: new Map(
          (feeds.get(Number(oid)) ?? [])
            .filter(({ via }) => via !== 'owned')
            .map((feed) => [feed.column, { expression: expressions.get(keyOf(feed)) ?? null }]),
        ),
      },
    ]),
  );
}

interface OriginRow extends Row {
  oid: string;
  type: string;
  start: string;
  schema: string | null;
  table: string | null;
  column: string | null;
}

const originsSql = (oids: readonly number[]) => `
  SELECT a.oid::int8, format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start,
         o.nspname AS schema, o.relname AS table, o.attname AS column
  FROM unnest(${oidArray(oids)}) a (oid)
  CROSS JOIN LATERAL (SELECT s.seqtypid, s.seqstart FROM pg_sequence s WHERE s.seqrelid = a.oid OFFSET 0) s
  LEFT JOIN LATERAL (
    SELECT n.nspname, c.relname, at.attname
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.refobjid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute at ON at.attrelid = d.refobjid AND at.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = a.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    OFFSET 0
  ) o ON true`;

const keyOf = ({ oid, attnum }: Feed) => `${oid}.${attnum}`;

/** Defaults that are more than nextval. From PostgreSQL 17 on pg_get_expr waits for whoever has the table locked: then they are left out. */
async function readExpressions(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly Feed[],
): Promise<Map<string, string>> {
  const tables = feeds.filter(({ plain, via }) => !plain && via === 'default').map(({ oid }) => oid);
  if (tables.length === 0) return new Map();
  try {
    const [rows = []] = await endpoint.read<{ oid: string; attnum: number; text: string } & Row>(
      { expected, locks: catalogLocks + tables.length, lockTimeoutMs: 500 },
      [
        `SELECT adrelid::int8 AS oid, adnum AS attnum, pg_get_expr(adbin, adrelid) AS text
         FROM pg_attrdef WHERE adrelid = ANY (${oidArray([...new Set(tables)])})`,
      ],
    );
    return new Map(rows.map(({ oid, attnum, text }) => [`${oid}.${attnum}`, text]));
  } catch {
    return new Map();
  }
}
