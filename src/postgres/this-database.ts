/** The oid of the database of the session, as a subquery in SQL. */
export const OID_OF_DATABASE = '(SELECT oid FROM pg_database WHERE datname = current_database())';
