import type { Identity } from '../../steps/identity.js';
import type { ColumnName, ColumnOnServer, SideFacts } from '../../steps/columns.js';
import { partsOfName, qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import { arrayLiteral, booleanArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint, type Row } from '../endpoint.js';
import { bytesOf } from './listed-sequences.js';

/** By their unquoted names. Columns, schemas, sequences and roles that do not exist are missing from the answer. */
interface Wanted {
  columns: readonly ColumnName[];
  schemas?: readonly string[];
  /** Each as schema and name. */
  sequences?: readonly (readonly string[])[];
  /** Quoted. */
  roles?: readonly string[];
}

/**
 * Looks up columns by their names on the other side, with the sequences that feed each of them here, in one round trip. Each is looked up
 * by an index, whatever the statistics say, so it costs the same in a large catalog. No table is locked.
 */
export async function readColumns(
  endpoint: Endpoint,
  expected: Identity,
  { columns, schemas = [], sequences = [], roles: askedRoles = [] }: Wanted,
): Promise<SideFacts> {
  const [roles = [], present = [], there = [], knownRoles = [], found = []] = await endpoint.read(
    { expected, locks: CATALOG_LOCKS },
    [
      roleSql,
      schemasSql(schemas),
      sequencesSql(sequences),
      rolesSql(askedRoles),
      ...(columns.length === 0 ? [] : [columnsSql(columns)]),
    ],
  );
  const [role] = roles as RoleRow[];
  return {
    role: quoteIdentifier(role?.role ?? ''),
    isSuperuser: role?.superuser ?? false,
    schemas: new Map((present as SchemaRow[]).map(({ i, usage }) => [schemas[i] ?? '', { usage }])),
    sequences: new Set((there as { i: number }[]).map(({ i }) => qualifiedName(...(sequences[i] ?? [])))),
    roles: new Set((knownRoles as { i: number }[]).map(({ i }) => askedRoles[i] ?? '')),
    columns: toColumns(columns, found as ColumnRow[]),
  };
}

function toColumns(asked: readonly ColumnName[], rows: readonly ColumnRow[]): Map<string, ColumnOnServer> {
  const columns = new Map<string, ColumnOnServer>();
  for (const row of rows) {
    const name = asked[row.i];
    if (name === undefined) continue;
    const key = qualifiedName(name.schema, name.table, name.column);
    let column = columns.get(key);
    if (column === undefined) {
      column = {
        relkind: row.relkind,
        owner: quoteIdentifier(row.owner),
        isIdentity: row.identity,
        hasDefault: row.has_default,
        schemaUsage: row.usage,
        maySelect: row.may_select,
        feeders: [],
        ...(row.type !== null && { type: row.type }),
        ...(row.generated !== null && { generated: row.generated }),
        ...(row.insert_triggers !== null && { insertTriggers: row.insert_triggers.map(quoteIdentifier) }),
      };
      columns.set(key, column);
    }
    if (row.via !== null)
      column.feeders.push({
        sequence: qualifiedName(row.schema, row.name),
        via: row.via,
        oid: Number(row.sequence),
      });
  }
  return columns;
}

interface RoleRow extends Row {
  role: string;
  superuser: boolean;
}

interface SchemaRow extends Row {
  i: number;
  usage: boolean;
}

interface ColumnRow extends Row {
  i: number;
  relkind: string;
  owner: string;
  identity: boolean;
  has_default: boolean;
  generated: NonNullable<ColumnOnServer['generated']> | null;
  insert_triggers: string[] | null;
  usage: boolean;
  may_select: boolean;
  type: NonNullable<ColumnOnServer['type']> | null;
  schema: string;
  name: string;
  sequence: string;
  via: ColumnOnServer['feeders'][number]['via'] | null;
}

const roleSql = 'SELECT rolname AS role, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user';

const schemasSql = (schemas: readonly string[]) => `
  SELECT a.i, has_schema_privilege(n.oid, 'USAGE') AS usage
  FROM unnest(${numbers(schemas.length)}, ${hex(schemas)}) a (i, schema), pg_namespace n
  WHERE ${bytesOf('n.nspname')} = decode(a.schema, 'hex')`;

/** A name with characters that the encoding may lack counts as missing. Then the advice is to create the column. */
const sequencesSql = (sequences: readonly (readonly string[])[]) => `
  SELECT a.i
  FROM (
    SELECT i, convert_from(decode(s, 'hex'), 'UTF8')::name AS schema, convert_from(decode(n, 'hex'), 'UTF8')::name AS name
    FROM unnest(${numbers(sequences.length)}, ${hex(sequences.map(([schema = '']) => schema))},
      ${hex(sequences.map(([, name = '']) => name))}, ${booleanArray(sequences.map(isAscii))}) a (i, s, n, ascii)
    WHERE ascii OR getdatabaseencoding() IN ('UTF8', 'SQL_ASCII')
    OFFSET 0
  ) a
  CROSS JOIN LATERAL (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = a.name AND c.relkind = 'S' AND n.nspname = a.schema OFFSET 0
  ) c`;

const rolesSql = (roles: readonly string[]) => `
  SELECT a.i FROM unnest(${numbers(roles.length)}, ${hex(roles.map((role) => partsOfName(role)[0] ?? ''))}) a (i, role), pg_roles r
  WHERE ${bytesOf('r.rolname')} = decode(a.role, 'hex')`;

/**
 * Names are passed as bytes in UTF-8, since the encoding of this database may lack some of their characters. A column with such a name
 * cannot exist here.
 */
const hex = (names: readonly string[]) =>
  `'${arrayLiteral(names.map((name) => Buffer.from(name).toString('hex')))}'::text[]`;

const numbers = (count: number) => `'${arrayLiteral(Array.from({ length: count }, (_, i) => i))}'::int4[]`;

const isAscii = (names: readonly string[]) => names.every((name) => /^[ -~]*$/u.test(name));

/**
 * If the database's encoding may lack a character, names that are not ASCII are compared one by one. All others are looked up by an index;
 * OFFSET 0 makes sure of that. AS MATERIALIZED would have the same effect, but not before PostgreSQL 12.
 */
const columnsSql = (columns: readonly ColumnName[]) => `
  WITH asked AS (
    SELECT i, decode(s, 'hex') AS schema, decode(t, 'hex') AS "table", decode(c, 'hex') AS "column",
           ascii OR getdatabaseencoding() IN ('UTF8', 'SQL_ASCII') AS direct
    FROM unnest(${numbers(columns.length)}, ${hex(columns.map(({ schema }) => schema))},
      ${hex(columns.map(({ table }) => table))}, ${hex(columns.map(({ column }) => column))},
      ${booleanArray(columns.map(({ schema, table, column }) => isAscii([schema, table, column])))}) a (i, s, t, c, ascii)
  ),
  named AS (
    SELECT i, convert_from(schema, 'UTF8')::name AS schema, convert_from("table", 'UTF8')::name AS "table",
           convert_from("column", 'UTF8')::name AS "column"
    FROM (SELECT * FROM asked WHERE direct OFFSET 0) a
    OFFSET 0
  ),
  found AS (
    SELECT a.i, c.oid, at.attnum
    FROM named a
    CROSS JOIN LATERAL (SELECT n.oid FROM pg_namespace n WHERE n.nspname = a.schema OFFSET 0) n
    CROSS JOIN LATERAL (SELECT c.oid FROM pg_class c WHERE c.relname = a."table" AND c.relnamespace = n.oid OFFSET 0) c
    CROSS JOIN LATERAL (
      SELECT at.attnum FROM pg_attribute at WHERE at.attrelid = c.oid AND at.attname = a."column" AND NOT at.attisdropped OFFSET 0
    ) at
    UNION ALL
    SELECT a.i, c.oid, at.attnum
    FROM (SELECT * FROM asked WHERE NOT direct OFFSET 0) a
    JOIN pg_namespace n ON ${bytesOf('n.nspname')} = a.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND ${bytesOf('c.relname')} = a."table"
    JOIN pg_attribute at ON at.attrelid = c.oid AND ${bytesOf('at.attname')} = a."column" AND NOT at.attisdropped
    OFFSET 0
  )
  SELECT f.i, c.relkind, pg_get_userbyid(c.relowner) AS owner, c.attidentity <> '' AS identity, c.atthasdef AS has_default, c.generated,
         coalesce(has_schema_privilege(c.relnamespace, 'USAGE'), false) AS usage,
         coalesce(has_column_privilege(f.oid, f.attnum, 'SELECT'), false) AS may_select,
         (SELECT CASE WHEN 21 IN (t.oid, t.typbasetype) THEN 'int2' WHEN 23 IN (t.oid, t.typbasetype) THEN 'int4' WHEN 20 IN (t.oid, t.typbasetype) THEN 'int8' END
          FROM pg_type t WHERE t.oid = c.atttypid) AS type,
         -- Also those of partitions. TRIGGER_TYPE_ROW, _BEFORE and _INSERT in src/include/catalog/pg_trigger.h.
         (WITH RECURSIVE below AS (
            SELECT f.oid
            UNION ALL
            SELECT i.inhrelid
            FROM below b CROSS JOIN LATERAL (SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = b.oid AND c.relkind = 'p' OFFSET 0) i
          )
          SELECT json_agg(DISTINCT t.tgname)
          FROM below b CROSS JOIN LATERAL (
            SELECT t.tgname FROM pg_trigger t
            WHERE t.tgrelid = b.oid AND t.tgtype & 7 = 7 AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
            OFFSET 0
          ) t) AS insert_triggers,
         s.nspname AS schema, s.relname AS name, s.sequence::int8, s.via
  FROM found f
  CROSS JOIN LATERAL (
    SELECT c.relkind, c.relowner, c.relnamespace, at.attidentity, at.atthasdef, at.atttypid,
           -- Before PostgreSQL 12 there are none, nor the column.
           CASE to_jsonb(at) ->> 'attgenerated' WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated
    FROM pg_class c JOIN pg_attribute at ON at.attrelid = c.oid AND at.attnum = f.attnum
    WHERE c.oid = f.oid AND c.relkind IN ('r', 'p', 'f', 'v') OFFSET 0
  ) c
  LEFT JOIN LATERAL (
    SELECT q.sequence, q.via, sc.relname, sn.nspname
    FROM (
      SELECT d.objid AS sequence, CASE d.deptype WHEN 'i' THEN 'identity' ELSE 'owned' END AS via
      FROM pg_depend d
      WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.refobjsubid = f.attnum
        AND d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND d.deptype IN ('a', 'i')
      UNION ALL
      SELECT d.refobjid, 'default'
      FROM pg_attrdef ad JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid
      WHERE ad.adrelid = f.oid AND ad.adnum = f.attnum AND d.refclassid = 'pg_class'::regclass
      UNION ALL
      SELECT d.refobjid, 'default'
      FROM pg_depend d
      WHERE NOT c.atthasdef AND d.classid = 'pg_type'::regclass AND d.objid = c.atttypid AND d.refclassid = 'pg_class'::regclass
      OFFSET 0
    ) q
    JOIN pg_class sc ON sc.oid = q.sequence AND sc.relkind = 'S'
    JOIN pg_namespace sn ON sn.oid = sc.relnamespace
    OFFSET 0
  ) s ON true`;
