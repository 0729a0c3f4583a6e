import { escapeLiteral } from 'pg';
import type { PageRange } from '../../steps/identity.js';

/**
 * A condition over `pg_class c` and `pg_namespace n`; temporary sequences are in schemas pg_temp_N. No user's schema begins with pg_: the server reserves it
 * (https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG).
 *
 * By `relkind = 'S'` alone the planner would expect one sequence while the catalog was never analyzed, since initdb left none, and would look
 * for its schema by reading all of them. Of a CASE it always expects half of the rows.
 */
export const isListed = `CASE WHEN c.relkind = 'S' THEN true ELSE false END
  AND (left(n.nspname, 3) <> 'pg_' OR c.relpersistence = 't') AND n.nspname <> 'information_schema'`;

/**
 * A query, without parameters, for the sequences of a range: `namespace` and `nspname`, `oid`, `relname` and `relpersistence`. What it costs
 * depends on the page and not on how many sequences there are: within a schema they are found by their names, whole schemas by what
 * depends on them, since no index of pg_class leads with the schema. The type name is compared as bytes
 * (https://www.postgresql.org/docs/current/datatype-character.html), and so are the indexes over it.
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

// A name of the other side may not exist in this database's encoding, and cannot be written as text then. It is compared by its bytes
// in UTF-8, and where the index is to help, by the start that every encoding writes alike.

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

/** Of printable ASCII. */
function literal(name: string): string {
  return `${escapeLiteral(name)}::name`;
}

function bytes(name: string): string {
  return `decode('${Buffer.from(name).toString('hex')}', 'hex')`;
}

/** From SQL_ASCII nothing can be converted, and its bytes are taken for UTF-8. */
export function bytesOf(column: string): string {
  return `convert_to(${column}::text, CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END)`;
}

const nonAscii = /[^ -~]/u;

/** No name from the whole one on comes before it. */
function plainStart(name: string): string {
  return name.slice(0, nonAscii.exec(name)?.index);
}
