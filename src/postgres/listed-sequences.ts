import type { PageRange } from '../contract/steps.js';

/**
 * A condition over `pg_class c` and `pg_namespace n`; temporary sequences are in schemas pg_temp_N. No user's schema begins with pg_: the server reserves it
 * (https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG).
 */
export const isListed = `c.relkind = 'S'
  AND (left(n.nspname, 3) <> 'pg_' OR c.relpersistence = 't') AND n.nspname <> 'information_schema'`;

/** The same on both sides, whatever their collations. */
export const nameOrder = "convert_to(n.nspname::text, 'UTF8'), convert_to(c.relname::text, 'UTF8')";

/** `isListed` within `$1` to `$4`, the parameters that `rangeParameters` makes. */
export const isInRange = `${isListed}
  AND ($1::bytea IS NULL OR (${nameOrder}) > ($1::bytea, $2::bytea))
  AND ($3::bytea IS NULL OR (${nameOrder}) <= ($3::bytea, $4::bytea))`;

/** As bytes: a name of the other side may not exist in this database's encoding, and cannot be bound as text then. */
export function rangeParameters({ after, upTo }: PageRange): (Buffer | null)[] {
  return [...(after ?? [null, null]), ...(upTo ?? [null, null])].map((part) =>
    part === null ? null : Buffer.from(part),
  );
}

/** Generous for the catalogs and indexes that one transaction reads. */
export const catalogLocks = 50;
