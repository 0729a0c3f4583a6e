-- What the worker's role needs for a promotion, beyond the least-privilege scripts. Run it on both servers, as a superuser:
--   psql "$PRIMARY_ADMIN_URL" -v ON_ERROR_STOP=1 -f docs/how-to/promotion-privileges.sql
--   psql "$STANDBY_ADMIN_URL" -v ON_ERROR_STOP=1 -f docs/how-to/promotion-privileges.sql
--
-- The role becomes a member of the owners of the database, of its replicated tables and of its subscriptions. It can then
-- do whatever they can. The script does not make it a member of a superuser: a warning says where that would be needed.
-- Run it again after tables of another owner were added to a publication, and after sequences were added.
--
-- An owner who is a member of the worker's role is a member no longer, nor are the roles to which that owner has granted it.
-- From then on only a superuser can change the role's password or run the least-privilege scripts again.

DO $$
DECLARE
  version constant integer := pg_catalog.current_setting('server_version_num');
  owned record;
  membership record;
  numbers regclass;
BEGIN
  -- Only built-in functions are found, so that nobody else's function runs with the privileges of a superuser.
  SET LOCAL search_path = pg_catalog, pg_temp;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sequence_failover') THEN
    RAISE EXCEPTION 'the role sequence_failover does not exist: run the least-privilege script of this side first';
  END IF;

  GRANT pg_signal_backend, pg_read_all_stats TO sequence_failover;
  ALTER ROLE sequence_failover REPLICATION;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO sequence_failover', current_database());
  IF version >= 160000 THEN
    GRANT pg_create_subscription TO sequence_failover;
  ELSE
    RAISE WARNING 'before PostgreSQL 16 only a superuser can create and own subscriptions: ALTER ROLE sequence_failover SUPERUSER; or start promotions with "failback": false';
  END IF;

  FOR owned IN
    SELECT role.rolname, role.rolsuper, string_agg(DISTINCT what, ', ') AS what
    FROM pg_roles role
    JOIN (
      SELECT datdba AS owner, 'the database' AS what FROM pg_database WHERE datname = current_database()
      UNION ALL
      SELECT subowner, format('the subscription %I', subname) FROM pg_subscription
      WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      UNION ALL
      SELECT relowner, 'replicated tables' FROM pg_class JOIN pg_subscription_rel ON srrelid = pg_class.oid WHERE relkind IN ('r', 'p')
      UNION ALL
      SELECT relowner, 'replicated tables' FROM pg_class c
      JOIN pg_namespace n ON n.oid = relnamespace
      JOIN pg_publication_tables ON schemaname = nspname AND tablename = relname
    ) owners ON owners.owner = role.oid
    -- Members of the owner of the database have the privileges of pg_database_owner, which nobody can be granted.
    WHERE role.rolname NOT IN ('sequence_failover', 'pg_database_owner')
    GROUP BY role.rolname, role.rolsuper
  LOOP
    IF owned.rolsuper THEN
      RAISE WARNING 'the superuser % owns %: give it another owner that is no superuser%, and run this script again, or accept that the worker becomes one: GRANT % TO sequence_failover;',
        quote_ident(owned.rolname), owned.what,
        CASE WHEN owned.what LIKE '%the subscription%' THEN ' (a subscription only if its connection has a password that pg_hba.conf of the primary asks for: otherwise its apply worker stops)' ELSE '' END,
        quote_ident(owned.rolname);
    ELSE
      -- From PostgreSQL 16 on, a role is a member of the roles that it has created. Two roles cannot be members of each other.
      FOR membership IN
        SELECT pg_get_userbyid(grantor) AS grantor FROM pg_auth_members
        WHERE pg_get_userbyid(roleid) = 'sequence_failover' AND pg_get_userbyid(member) = owned.rolname
        -- A grant by the member itself depends on another one, and CASCADE would revoke it first.
        ORDER BY grantor = member DESC
      LOOP
        EXECUTE format('REVOKE sequence_failover FROM %I', owned.rolname)
          || CASE WHEN version >= 160000 THEN format(' GRANTED BY %I CASCADE', membership.grantor) ELSE '' END;
      END LOOP;
      IF pg_has_role(owned.rolname, 'sequence_failover', 'MEMBER') THEN
        RAISE WARNING '% owns %, but the worker''s role cannot become its member, since % is a member of the worker''s role through another role. Run this and then this script again: %',
          quote_ident(owned.rolname), owned.what, quote_ident(owned.rolname), (
            SELECT string_agg(format('REVOKE sequence_failover FROM %I', pg_get_userbyid(member))
              || CASE WHEN version >= 160000 THEN format(' GRANTED BY %I CASCADE;', pg_get_userbyid(grantor)) ELSE ';' END, ' ')
            FROM pg_auth_members
            WHERE pg_get_userbyid(roleid) = 'sequence_failover' AND pg_has_role(owned.rolname, member, 'MEMBER')
          );
      ELSE
        EXECUTE format('GRANT %I TO sequence_failover', owned.rolname);
      END IF;
    END IF;
  END LOOP;

  -- After the switch, the sequences of the old primary are moved ahead too.
  FOR numbers IN
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege('sequence_failover', c.oid, 'UPDATE') ELSE false END
      AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'sequence_failover')
  LOOP
    EXECUTE format('GRANT UPDATE ON SEQUENCE %s TO sequence_failover', numbers);
  END LOOP;
END
$$;
