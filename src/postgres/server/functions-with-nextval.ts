import { LEDGER_SCHEMA } from '../../contract/names.js';

/** The oids from this one on are not those of the system itself: FirstNormalObjectId in src/include/access/transam.h. */
const FIRST_OID_OF_USERS = 16384;

export const isOfUsers = (oid: string) => `${oid} >= ${FIRST_OID_OF_USERS}`;

/** The application's own tables `c` in the schemas `n`, without those of extensions. */
export const isOfApplication = `c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${LEDGER_SCHEMA}')
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')`;

/** nextval in the tree of an expression. */
export const NEXTVAL = ':funcid 1574 ';

/** A quoted name, or any other, and the parenthesis after it. It captures no part, since that would take as long again as to find the match. */
const CALLED = '(?:"(?:[^"]|"")+"|[^\\s()",;.:+*/<>=|-]+)\\s*\\(';

/** What may follow the name. */
const AFTER_NAME = `E' \\t\\n\\x0B\\f\\r('`;

/**
 * The functions that the function `caller` calls: those of any schema with a name that stands before a parenthesis in its text, since a
 * text has no dependencies. The body of `BEGIN ATOMIC` (PostgreSQL 14) has them.
 */
const calledBy = (caller: string) => `(
          SELECT f.oid
          FROM (
            SELECT DISTINCT CASE
              WHEN word LIKE '"%' THEN replace(substr(word, 2, length(word) - 2), '""', '"') ELSE lower(word)
            END::name AS name
            FROM (
              SELECT rtrim(word[1], ${AFTER_NAME}) AS word
              FROM pg_proc p CROSS JOIN LATERAL regexp_matches(p.prosrc, '${CALLED}', 'g') word
              WHERE p.oid = ${caller}
              OFFSET 0
            ) word
            OFFSET 0
          ) called
          CROSS JOIN LATERAL (SELECT f.oid FROM pg_proc f WHERE f.proname = called.name OFFSET 0) f
          WHERE ${isOfUsers('f.oid')}
          UNION
          SELECT x.refobjid FROM pg_depend x
          WHERE x.classid = 'pg_proc'::regclass AND x.objid = ${caller} AND x.refclassid = 'pg_proc'::regclass AND ${isOfUsers('x.refobjid')}
        )`;

const mentionsNextval = `(p.prosrc ~* '\\mnextval\\M' OR p.prosrc = '' AND to_jsonb(p) ->> 'prosqlbody' LIKE '%${NEXTVAL}%'
          OR p.proargdefaults::text LIKE '%${NEXTVAL}%')`;

/**
 * Queries for a WITH RECURSIVE. `dependent` has the defaults, domains, triggers and rules that call functions of users. `caller` has those
 * functions, and all that these call, which mention nextval or call another one of `caller`. However the functions call each other, each text is
 * searched once for nextval, and once for calls. Each row of `reached` is one step: `fresh` are the functions that no row before has, and
 * `callers` and `called` are the calls that the functions of the row before make. OFFSET 0 makes each look-up use an index.
 */
export const functionsWithNextval = `
      mentioning AS (SELECT p.oid FROM pg_proc p WHERE ${isOfUsers('p.oid')} AND ${mentionsNextval}),
      dependent AS (
        SELECT x.classid, x.objid, p.oid AS called
        FROM pg_proc p CROSS JOIN LATERAL (
          SELECT x.classid, x.objid FROM pg_depend x
          WHERE x.refclassid = 'pg_proc'::regclass AND x.refobjid = p.oid
            AND x.classid IN ('pg_attrdef'::regclass, 'pg_type'::regclass, 'pg_trigger'::regclass, 'pg_rewrite'::regclass)
          OFFSET 0
        ) x
        WHERE ${isOfUsers('p.oid')} AND EXISTS (SELECT FROM mentioning)
      ),
      reached AS (
        SELECT array_agg(DISTINCT called) AS fresh, '{}'::oid[] AS known, '{}'::oid[] AS callers, '{}'::oid[] AS called
        FROM dependent
        UNION ALL
        SELECT array(SELECT unnest(call.called) EXCEPT SELECT unnest(known || fresh)), known || fresh, call.callers, call.called
        FROM reached CROSS JOIN LATERAL (
          SELECT array_agg(caller) AS callers, array_agg(called.oid) AS called
          FROM unnest(reached.fresh) caller CROSS JOIN LATERAL ${calledBy('caller')} called
        ) call
        WHERE call.callers IS NOT NULL
      ),
      call AS (SELECT unnest(callers) AS caller, unnest(called) AS called FROM reached),
      direct AS (SELECT oid FROM mentioning WHERE oid IN (SELECT unnest(fresh) FROM reached)),
      with_nextval AS (
        SELECT oid FROM direct
        UNION
        SELECT call.caller FROM with_nextval JOIN call ON call.called = with_nextval.oid
      ),
      named AS (
        SELECT with_nextval.oid, format('%I.%I', n.nspname, p.proname) AS name
        FROM with_nextval JOIN pg_proc p ON p.oid = with_nextval.oid JOIN pg_namespace n ON n.oid = p.pronamespace
      ),
      via AS (
        SELECT call.caller AS oid, ', which calls ' || min(named.name) AS called
        FROM call JOIN named ON named.oid = call.called
        WHERE call.caller <> call.called AND call.caller NOT IN (SELECT oid FROM direct)
        GROUP BY call.caller
      ),
      caller AS (SELECT named.oid, named.name || coalesce(via.called, '') AS name FROM named LEFT JOIN via ON via.oid = named.oid)`;
