import { LEDGER_SCHEMA } from '../../contract/names.js';
import { isBare } from '../sequences/feeds.js';
import { row } from './obstruction-rows.js';

/** The oids from this one on are not those of the system itself: FirstNormalObjectId in src/include/access/transam.h. */
const FIRST_OID_OF_USERS = 16384;

/** A call of nextval, whose oid is 1574, with an argument that is computed. A constant would be a dependency on the sequence. */
const computesName = (tree: string) =>
  `${tree} LIKE '%:funcid 1574 %' AND ${tree} ~ '[{]FUNCEXPR :funcid 1574 [^{}()]*:args [(][{](?!CONST )'`;

const COMPUTES = `'its default computes the name of a sequence'`;

/** The application's own tables, without those of extensions. A partition takes the values of its table. */
const isOwn = `c.relpersistence <> 't' AND NOT c.relispartition
      AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${LEDGER_SCHEMA}')
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')`;

/**
 * Selects the columns, domains and tables whose values may come from a sequence that the catalog does not name: a default computes the name,
 * or a default, or a trigger before the insert, calls a function that mentions nextval. A function that calls such a function is not found,
 * since the text of a function has no dependencies. That of `BEGIN ATOMIC` (PostgreSQL 14) is the tree in prosqlbody. In tgtype, 1 is FOR
 * EACH ROW, 2 BEFORE, 4 INSERT and 64 INSTEAD OF. OFFSET 0 makes each look-up use an index.
 */
export const hiddenFeedsSql = `
    SELECT * FROM (
      WITH caller AS (
        SELECT p.oid, format('%I.%I', n.nspname, p.proname) AS name
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.oid >= ${FIRST_OID_OF_USERS} AND (p.prosrc ~* '\\mnextval\\M' OR p.prosrc = '' AND to_jsonb(p) ->> 'prosqlbody' LIKE '%:funcid 1574 %')
      ),
      dependent AS (
        SELECT x.classid, x.objid, caller.name
        FROM caller CROSS JOIN LATERAL (
          SELECT x.classid, x.objid FROM pg_depend x
          WHERE x.refclassid = 'pg_proc'::regclass AND x.refobjid = caller.oid
            AND x.classid IN ('pg_attrdef'::regclass, 'pg_type'::regclass, 'pg_trigger'::regclass)
          OFFSET 0
        ) x
      ),
      hidden AS (
        SELECT d.adrelid AS relid, d.adnum AS attnum, ${COMPUTES} AS why
        FROM (SELECT adrelid, adnum, adbin::text AS tree FROM pg_attrdef OFFSET 0) d
        WHERE NOT ${isBare} AND ${computesName('d.tree')}
        UNION ALL
        SELECT d.adrelid, d.adnum, 'its default calls ' || name
        FROM dependent CROSS JOIN LATERAL (
          SELECT adrelid, adnum FROM pg_attrdef WHERE oid = objid AND classid = 'pg_attrdef'::regclass OFFSET 0
        ) d
        UNION ALL
        SELECT t.tgrelid, NULL, format('its trigger %I calls ', t.tgname) || name
        FROM dependent CROSS JOIN LATERAL (
          SELECT tgrelid, tgname FROM pg_trigger
          WHERE oid = objid AND classid = 'pg_trigger'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')
            AND tgtype & 5 = 5 AND tgtype & 66 > 0
          OFFSET 0
        ) t
      )
      SELECT DISTINCT ${row('hidden', `format('%I.%I', n.nspname, c.relname) || coalesce('.' || quote_ident(a.attname), '')`, { detail: 'why' })}
      FROM hidden JOIN pg_class c ON c.oid = relid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attribute a ON a.attrelid = relid AND a.attnum = hidden.attnum
      WHERE ${isOwn}
      UNION ALL
      SELECT ${row('hidden', `format('%I.%I', n.nspname, t.typname)`, { detail: 'why' })}
      FROM (
        SELECT oid, ${COMPUTES} AS why FROM pg_type WHERE typtype = 'd' AND ${computesName('typdefaultbin::text')}
        UNION ALL
        SELECT objid, 'its default calls ' || name FROM dependent WHERE classid = 'pg_type'::regclass
      ) domain
      JOIN pg_type t ON t.oid = domain.oid AND t.typdefaultbin IS NOT NULL JOIN pg_namespace n ON n.oid = t.typnamespace
    ) AS hidden`;
