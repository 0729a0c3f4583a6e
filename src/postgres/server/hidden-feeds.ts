import { isBare } from '../sequences/feeds.js';
import { functionsWithNextval, isOfApplication, NEXTVAL } from './functions-with-nextval.js';
import { row } from './obstruction-rows.js';

/** A call of nextval with an argument that is computed. A constant would be a dependency on the sequence. */
const computesName = (tree: string) =>
  `${tree} LIKE '%${NEXTVAL}%' AND ${tree} ~ '[{]FUNCEXPR ${NEXTVAL}[^{}()]*:args [(][{](?!CONST )'`;

const COMPUTES = `'its default computes the name of a sequence'`;

/**
 * Selects the columns, domains and tables whose values may come from a sequence that the catalog does not name: a default computes the name,
 * or a default, a rule, or a trigger calls a function that mentions nextval, or that calls such a function. Any trigger counts, and any rule
 * but that of a view, since both may insert into another table, such as a log. In ev_type, 1 is SELECT. OFFSET 0 makes each look-up use an
 * index.
 */
export const hiddenFeedsSql = `
    SELECT * FROM (
      WITH RECURSIVE ${functionsWithNextval.trim()},
      found AS (SELECT dependent.classid, dependent.objid, caller.name FROM dependent JOIN caller ON caller.oid = dependent.called),
      hidden AS (
        SELECT d.adrelid AS relid, d.adnum AS attnum, ${COMPUTES} AS why
        FROM (SELECT adrelid, adnum, adbin::text AS tree FROM pg_attrdef OFFSET 0) d
        WHERE NOT ${isBare} AND ${computesName('d.tree')}
        UNION ALL
        SELECT d.adrelid, d.adnum, 'its default calls ' || name
        FROM found CROSS JOIN LATERAL (
          SELECT adrelid, adnum FROM pg_attrdef WHERE oid = objid AND classid = 'pg_attrdef'::regclass OFFSET 0
        ) d
        UNION ALL
        SELECT t.tgrelid, NULL, format('its trigger %I calls ', t.tgname) || name
        FROM found CROSS JOIN LATERAL (
          SELECT tgrelid, tgname FROM pg_trigger
          WHERE oid = objid AND classid = 'pg_trigger'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')
          OFFSET 0
        ) t
        UNION ALL
        SELECT r.ev_class, NULL, format('its rule %I calls ', r.rulename) || name
        FROM found CROSS JOIN LATERAL (
          SELECT ev_class, rulename FROM pg_rewrite
          WHERE oid = objid AND classid = 'pg_rewrite'::regclass AND ev_type <> '1' AND ev_enabled IN ('O', 'A')
          OFFSET 0
        ) r
        UNION ALL
        SELECT ev_class, NULL, format('its rule %I calls nextval', rulename)
        FROM pg_rewrite WHERE ev_type <> '1' AND ev_enabled IN ('O', 'A') AND ev_action::text LIKE '%${NEXTVAL}%'
      )
      SELECT DISTINCT ${row('hidden', `format('%I.%I', n.nspname, c.relname) || coalesce('.' || quote_ident(a.attname), '')`, { detail: 'why' })}
      FROM hidden JOIN pg_class c ON c.oid = relid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attribute a ON a.attrelid = relid AND a.attnum = hidden.attnum
      WHERE ${isOfApplication}
        -- A partition has the defaults and triggers of its table, and may have its own.
        AND NOT (c.relispartition AND EXISTS (
          SELECT FROM pg_inherits i JOIN hidden above ON above.relid = i.inhparent AND above.why = hidden.why
          WHERE i.inhrelid = c.oid
        ))
      UNION ALL
      SELECT ${row('hidden', `format('%I.%I', n.nspname, t.typname)`, { detail: 'why' })}
      FROM (
        SELECT oid, ${COMPUTES} AS why FROM pg_type WHERE typtype = 'd' AND ${computesName('typdefaultbin::text')}
        UNION ALL
        SELECT objid, 'its default calls ' || name FROM found WHERE classid = 'pg_type'::regclass
      ) domain
      JOIN pg_type t ON t.oid = domain.oid AND t.typdefaultbin IS NOT NULL JOIN pg_namespace n ON n.oid = t.typnamespace
    ) AS hidden`;
