import type { PageRange } from '../contract/steps.js';

/**
 * A condition over `pg_class c` and `pg_namespace n`; temporary sequences are in schemas pg_temp_N. No user's schema begins with pg_: the server reserves it
 * (https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG).
 */
export const isListed = `c.relkind = 'S'
  AND (left(n.nspname, 3) <> 'pg_' OR c.relpersistence = 't') AND n.nspname <> 'information_schema'`;

/** The same on both sides, whatever their collations. */
export const nameOrder = "convert_to(n.nspname::text, 'UTF8'), convert_to(c.relname::text, 'UTF8')";

/** A query's part after FROM: joins of `pg_class c` and `pg_namespace n`, and a condition over them. */
export interface Source {
  from: string;
  where: string;
  parameters: unknown[];
}

/**
 * The sequences of a range, found through indexes, so that a page costs what it holds, however many sequences there are. The
 * type name is compared as bytes (https://www.postgresql.org/docs/current/datatype-character.html), and so are the indexes over it.
 */
export function rangeSource({ after, upTo }: PageRange): Source {
  // As bytes where need be: a name of the other side may not exist in this database's encoding, and cannot be bound as text then.
  const bounds = [...(after ?? [null, null]), ...(upTo ?? [null, null])];
  const plain = bounds.every((part) => part === null || !nonAscii.test(part));
  const order = plain ? 'n.nspname, c.relname' : nameOrder;
  const type = plain ? 'name' : 'bytea';
  const where = `${isListed}
    AND ($1::${type} IS NULL OR (${order}) > ($1::${type}, $2::${type}))
    AND ($3::${type} IS NULL OR (${order}) <= ($3::${type}, $4::${type}))
    AND ($5::name IS NULL OR n.nspname >= $5::name) AND ($6::name IS NULL OR n.nspname <= $6::name)`;
  const parameters = [
    ...bounds.map((part) => (plain || part === null ? part : Buffer.from(part))),
    after === null ? null : floor(after[0]),
    upTo === null ? null : ceiling(upTo[0]),
  ];
  if (after !== null && upTo !== null && after[0] === upTo[0]) {
    return {
      from: 'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
      where: `${where}
        AND ($7::name IS NULL OR c.relname >= $7::name) AND ($8::name IS NULL OR c.relname <= $8::name)`,
      parameters: [...parameters, floor(after[1]), ceiling(upTo[1])],
    };
  }
  return {
    // No index of pg_class leads with the schema, but every relation depends on its own.
    from: `pg_namespace n
      JOIN pg_depend member ON member.refclassid = 'pg_namespace'::regclass AND member.refobjid = n.oid
        AND member.classid = 'pg_class'::regclass AND member.objsubid = 0
      JOIN pg_class c ON c.oid = member.objid AND c.relnamespace = n.oid`,
    where,
    parameters,
  };
}

const nonAscii = /[^ -~]/u;

/** The longest start of a name that every encoding writes alike: no name from the whole one on comes before it. */
function floor(name: string): string {
  return name.slice(0, nonAscii.exec(name)?.index);
}

/** The name itself where every encoding writes it alike; else null for no bound. */
function ceiling(name: string): string | null {
  return nonAscii.test(name) ? null : name;
}

/** Generous for the catalogs and indexes that one transaction reads. */
export const catalogLocks = 50;
