-- The worker's role on the standby. It can read the same as on the primary, set sequences, and write the ledger in its
-- own schema. It can write to no other table.
--
-- Run as a superuser or as the owner of the schemas:
--   psql "$STANDBY_ADMIN_URL" -v ON_ERROR_STOP=1 -f docs/how-to/least-privilege-standby.sql
-- Then give the role a password: \password sequence_failover
--
-- The script covers the existing objects that you own, or whose owner you are a member of. Run it again after tables or
-- sequences were added. If a privilege is missing, a run reports the missing GRANT.

DO $$
DECLARE
  statement text;
BEGIN
  -- Only built-in functions are found, so that nobody else's function runs with the privileges of a superuser.
  SET LOCAL search_path = pg_catalog, pg_temp;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sequence_failover') THEN
    CREATE ROLE sequence_failover LOGIN;
  END IF;

  FOR statement IN
    WITH RECURSIVE
    sequences AS (
      SELECT c.oid, c.relnamespace, n.nspname, c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND pg_has_role(c.relowner, 'USAGE')
        AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'sequence_failover')
    ),
    -- Columns that a sequence feeds: identity and serial columns, and defaults that call nextval.
    numbered (relid, attname) AS (
      SELECT d.refobjid, a.attname
      FROM sequences s
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      UNION
      SELECT ad.adrelid, a.attname
      FROM sequences s
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid AND d.classid = 'pg_attrdef'::regclass
      JOIN pg_attrdef ad ON ad.oid = d.objid
      JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
      UNION
      -- A partitioned table has its rows in its partitions, and the worker reads each partition.
      SELECT i.inhrelid, numbered.attname FROM numbered JOIN pg_inherits i ON i.inhparent = numbered.relid
    )
    SELECT format('GRANT SELECT, UPDATE ON SEQUENCE %I.%I TO sequence_failover', nspname, relname) FROM sequences
    UNION ALL
    SELECT format('GRANT SELECT (%I) ON TABLE %I.%I TO sequence_failover', attname, n.nspname, c.relname)
    FROM numbered JOIN pg_class c ON c.oid = relid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE pg_has_role(c.relowner, 'USAGE')
    UNION ALL
    SELECT format('GRANT USAGE ON SCHEMA %I TO sequence_failover', nspname)
    FROM pg_namespace n
    WHERE NOT has_schema_privilege('sequence_failover', n.oid, 'USAGE') AND n.oid IN (
      SELECT relnamespace FROM sequences UNION SELECT relnamespace FROM pg_class JOIN numbered ON relid = pg_class.oid
    )
  LOOP
    EXECUTE statement;
  END LOOP;

  -- The ledger. Remove this part if LEDGER_URL names another server, or with LEDGER=off.
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'sequence_failover') THEN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER) THEN
      CREATE SCHEMA sequence_failover AUTHORIZATION sequence_failover;
    ELSE
      -- A role that is not a superuser can create a schema only for a role that it is a member of.
      GRANT sequence_failover TO CURRENT_USER;
      CREATE SCHEMA sequence_failover AUTHORIZATION sequence_failover;
      REVOKE sequence_failover FROM CURRENT_USER;
    END IF;
  END IF;
END
$$;

-- Optional: lets the worker read the ids of tables with row-level security. Otherwise it reports DATA_NOT_CHECKED.
--   ALTER ROLE sequence_failover BYPASSRLS;
