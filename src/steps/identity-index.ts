/**
 * A condition in SQL: whether an index identifies the rows of the table `c` of pg_class for updates and deletes. A table with REPLICA IDENTITY FULL
 * needs none.
 */
const HAS_IDENTITY_INDEX =
  `EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid` +
  ` AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))`;

/**
 * A FROM and a WHERE clause in SQL: the tables whose updates and deletes cannot be replicated, as `c`. Of a partitioned table that is published or
 * received as itself, rows change in its partitions. If no index identifies its rows, whole rows of the partitions have to.
 *
 * @param tables a FROM clause with `c` of pg_class, and optionally a WHERE clause: the tables that are published or received
 * @param joined further tables of the FROM clause
 */
export const withoutIdentity = (tables: string, joined = '') =>
  `(WITH RECURSIVE t AS (SELECT c.oid, c.relkind, true AS listed, c.relkind = 'p' AND NOT ${HAS_IDENTITY_INDEX} AS by_row FROM ${tables}` +
  ` UNION SELECT c.oid, c.relkind, false, t.by_row FROM t JOIN pg_inherits i ON i.inhparent = t.oid AND t.relkind = 'p' JOIN pg_class c ON c.oid = i.inhrelid)` +
  ` SELECT oid, bool_or(by_row) AS by_row FROM t GROUP BY oid, relkind HAVING relkind = 'r' OR bool_or(listed)) t JOIN pg_class c ON c.oid = t.oid${joined}` +
  ` WHERE c.relreplident <> 'f' AND (t.by_row OR NOT ${HAS_IDENTITY_INDEX})`;
