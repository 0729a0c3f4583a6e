/**
 * A condition in SQL: whether an index identifies the rows of the table `c` of pg_class for updates and deletes. A table with REPLICA IDENTITY FULL
 * needs none.
 */
export const HAS_IDENTITY_INDEX =
  `EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid` +
  ` AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))`;
