import type { PageRange } from '../contract/steps.js';

/**
 * A condition over `pg_class c` and `pg_namespace n`; temporary sequences are in schemas pg_temp_N. No user's schema begins with pg_: the server reserves it
 * (https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG).
 */
export const isListed = `c.relkind = 'S'
  AND (left(n.nspname, 3) <> 'pg_' OR c.relpersistence = 't') AND n.nspname <> 'information_schema'`;

/** The same on both sides, whatever their collations. */
export const nameOrder = "convert_to(n.nspname::text, 'UTF8'), convert_to(c.relname::text, 'UTF8')";

/** `isListed` within `$1` to `$4`, the first of the parameters that `rangeParameters` makes. */
const isInRange = `${isListed}
  AND ($1::bytea IS NULL OR (${nameOrder}) > ($1::bytea, $2::bytea))
  AND ($3::bytea IS NULL OR (${nameOrder}) <= ($3::bytea, $4::bytea))`;

/**
 * The sequences of a range: `from` joins `pg_class c` and `pg_namespace n` for the condition `where`. Both lead through
 * indexes, so that a page costs what it holds, however many sequences there are. Names are compared as bytes in every index
 * (https://www.postgresql.org/docs/current/datatype-character.html says so of the type name).
 */
export function rangeSource(range: PageRange): { from: string; where: string; parameters: unknown[] } {
  const { after, upTo } = range;
  const parameters = rangeParameters(range);
  const schemas = `($5::name IS NULL OR n.nspname >= $5::name) AND ($6::name IS NULL OR n.nspname <= $6::name)`;
  if (after !== null && upTo !== null && after[0] === upTo[0]) {
    return {
      from: 'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
      where: `${isInRange} AND ${schemas}
        AND ($7::name IS NULL OR c.relname >= $7::name) AND ($8::name IS NULL OR c.relname <= $8::name)`,
      parameters: [...parameters, floor(after[1]), ceiling(upTo[1])],
    };
  }
  // No index of pg_class leads with the schema, but every relation depends on its own.
  return {
    from: `pg_namespace n
      JOIN pg_depend member ON member.refclassid = 'pg_namespace'::regclass AND member.refobjid = n.oid
        AND member.classid = 'pg_class'::regclass AND member.objsubid = 0
      JOIN pg_class c ON c.oid = member.objid AND c.relnamespace = n.oid`,
    where: `${isInRange} AND ${schemas}`,
    parameters,
  };
}

/** As bytes: a name of the other side may not exist in this database's encoding, and cannot be bound as text then. */
function rangeParameters({ after, upTo }: PageRange): unknown[] {
  const exact = [...(after ?? [null, null]), ...(upTo ?? [null, null])];
  return [
    ...exact.map((part) => (part === null ? null : Buffer.from(part))),
    after === null ? null : floor(after[0]),
    upTo === null ? null : ceiling(upTo[0]),
  ];
}

const nonAscii = /[^ -~]/u;

/**
 * The longest start of a name that every encoding writes alike. No name at or beyond the whole one comes before it: what is not
 * ASCII begins with a high byte in every encoding that a server has.
 */
function floor(name: string): string {
  return name.slice(0, nonAscii.exec(name)?.index);
}

/** The name itself where every encoding writes it alike; else null for no bound. */
function ceiling(name: string): string | null {
  return nonAscii.test(name) ? null : name;
}

/** Generous for the catalogs and indexes that one transaction reads. */
export const catalogLocks = 50;
