import { escapeLiteral } from 'pg';
import type { PageRange } from '../../steps/identity.js';

/**
 * A condition over `pg_class c` and `pg_namespace n`. Temporary sequences are in schemas pg_temp_N. No schema of a user begins with pg_,
 * since the server reserves this prefix (https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG). If the catalog was
 * never analyzed, the planner would expect `relkind = 'S'` to match one row, since initdb leaves no sequence, and would search for its
 * schema by reading all schemas. For a CASE the planner always expects half of the rows.
 */
export const isListed = `CASE WHEN c.relkind = 'S' THEN true ELSE false END
  AND (left(n.nspname, 3) <> 'pg_' OR c.relpersistence = 't') AND n.nspname <> 'information_schema'`;

/**
 * A query, without parameters, for the sequences of a range: `namespace` and `nspname`, `oid`, `relname` and `relpersistence`. Its cost
 * depends on the page, and not on the number of sequences in the database. Inside a schema, sequences are found by their names. Whole
 * schemas are read through the dependencies on the schema, since no index of pg_class begins with the schema. The type name is compared as
 * bytes (https://www.postgresql.org/docs/current/datatype-character.html), and so are its indexes.
 */
export function listedSql({ after, upTo }: PageRange): string {
  if (after === null && upTo === null)
    return select('pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace');
  if (after !== null && upTo !== null && after[0] === upTo[0]) {
    return within(after[0], [...beyond('c.relname', after[1]), ...notBeyond('c.relname', upTo[1])]);
  }
  const between = [
    ...(after === null ? [] : beyond('n.nspname', after[0])),
    ...(upTo === null ? [] : [...notBeyond('n.nspname', upTo[0]), `NOT ${isNamed('n.nspname', upTo[0])}`]),
  ];
  return [
    ...(after === null ? [] : [within(after[0], beyond('c.relname', after[1]))]),
    select(
      `pg_namespace n
       JOIN pg_depend member ON member.refclassid = 'pg_namespace'::regclass AND member.refobjid = n.oid
         AND member.classid = 'pg_class'::regclass AND member.objsubid = 0
       JOIN pg_class c ON c.oid = member.objid AND c.relnamespace = n.oid`,
      between,
    ),
    ...(upTo === null ? [] : [within(upTo[0], notBeyond('c.relname', upTo[1]))]),
  ].join('\nUNION ALL\n');
}

function select(from: string, conditions: readonly string[] = []): string {
  return `SELECT n.oid AS namespace, n.nspname, c.oid, c.relname, c.relpersistence
    FROM ${from} WHERE ${[isListed, ...conditions].join(' AND ')}`;
}

function within(schema: string, conditions: readonly string[]): string {
  return select('pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace', [
    `c.relnamespace = (SELECT s.oid FROM pg_namespace s WHERE ${isNamed('s.nspname', schema)})`,
    ...conditions,
  ]);
}

// A name of the other side may not exist in this database's encoding. Then it cannot be written as text, and is compared by its bytes
// in UTF-8. For the index, its beginning is used, as far as every encoding writes it alike.

function isNamed(column: string, name: string): string {
  return isPlain(name) ? `${column} = ${literal(name)}` : `${bytesOf(column)} = ${bytes(name)}`;
}

function beyond(column: string, name: string): string[] {
  if (isPlain(name)) return [`${column} > ${literal(name)}`];
  return [`${bytesOf(column)} > ${bytes(name)}`, `${column} >= ${literal(plainStart(name))}`];
}

function notBeyond(column: string, name: string): string[] {
  return [isPlain(name) ? `${column} <= ${literal(name)}` : `${bytesOf(column)} <= ${bytes(name)}`];
}

function isPlain(name: string): boolean {
  return !nonAscii.test(name);
}

/** Names of printable ASCII characters. */
function literal(name: string): string {
  return `${escapeLiteral(name)}::name`;
}

function bytes(name: string): string {
  return `decode('${Buffer.from(name).toString('hex')}', 'hex')`;
}

/** Text in SQL_ASCII cannot be converted, so its bytes are taken as UTF-8. */
export function bytesOf(column: string): string {
  return `convert_to(${column}::text, CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END)`;
}

const nonAscii = /[^ -~]/u;

/** No name from this one on comes before the bound. */
function plainStart(name: string): string {
  return name.slice(0, nonAscii.exec(name)?.index);
}
