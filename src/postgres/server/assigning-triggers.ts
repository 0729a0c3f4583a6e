import { digestOfText, row } from './obstruction-rows.js';
import { bytesOf } from '../sequences/listed-sequences.js';
import { isOfApplication, NEXTVAL } from './functions-with-nextval.js';

const COMMENT = '--[^\\n]*|/\\*[^*]*\\*+(?:[^/*][^*]*\\*+)*/';

/** A column of the new row: its quoted name, or any other. */
const COLUMN = '\\mnew\\s*\\.\\s*(?:"((?:[^"]|"")+)"|([\\w$]+))';

/** PL/pgSQL takes `=` for `:=`, so that only the beginning of a statement tells it from a comparison. OLD has the value that the row has. */
const ASSIGNED =
  `(?:^|;|\\m(?:begin|then|else|loop)\\M)\\s*${COLUMN}\\s*:?=(?!\\s*old\\s*\\.)` +
  `|\\minto\\s+(?:strict\\s+)?(?:[\\w$".]+\\s*,\\s*)*${COLUMN}`;

const isBeforeInsert = `NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 7 = 7`;

/**
 * Selects the columns with a sequence, as identity or in their default, to which a trigger before the insert assigns another value, with the
 * digest of the trigger and its function. A trigger whose function mentions nextval is left to `hiddenFeedsSql`. In tgtype, 1 is FOR EACH ROW,
 * 2 BEFORE and 4 INSERT. Each text is searched once, however many triggers call it. OFFSET 0 makes each look-up use an index.
 */
export const assigningTriggersSql = `
    SELECT * FROM (
      WITH assigning AS (
        SELECT DISTINCT f.oid, coalesce(replace(coalesce(word[1], word[3]), '""', '"'), lower(coalesce(word[2], word[4])))::name AS attname
        FROM (
          SELECT p.oid, regexp_replace(p.prosrc, '${COMMENT}', ' ', 'g') AS body
          FROM (SELECT DISTINCT tgfoid FROM pg_trigger WHERE ${isBeforeInsert} OFFSET 0) t
          CROSS JOIN LATERAL (
            SELECT p.oid, p.prosrc FROM pg_proc p
            WHERE p.oid = t.tgfoid AND p.prosrc ~* '\\mnew\\s*\\.' AND p.prosrc !~* '\\mnextval\\M' OFFSET 0
          ) p
          OFFSET 0
        ) f
        CROSS JOIN LATERAL regexp_matches(f.body, '${ASSIGNED}', 'gi') word
      )
      SELECT ${row('assigned', `format('%I.%I.%I', n.nspname, c.relname, a.attname)`, {
        state: digestOfText(
          `encode(${bytesOf(`concat_ws(' ', t.tgname, pn.nspname, p.proname, p.prosrc)`)}, 'escape')`,
        ),
        owner: 'quote_ident(t.tgname)',
        detail: `format('%I.%I', pn.nspname, p.proname)`,
      })}
      FROM assigning
      CROSS JOIN LATERAL (
        SELECT tgrelid, tgname FROM pg_trigger WHERE tgfoid = assigning.oid AND ${isBeforeInsert}
          -- From PostgreSQL 13 on, a partition has copies of the triggers of its table.
          AND coalesce(to_jsonb(pg_trigger) ->> 'tgparentid', '0') = '0'
      ) t
      JOIN pg_proc p ON p.oid = assigning.oid JOIN pg_namespace pn ON pn.oid = p.pronamespace
      JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attname = assigning.attname AND a.attnum > 0 AND NOT a.attisdropped
      WHERE ${isOfApplication} AND (a.attidentity <> '' OR EXISTS (
        SELECT FROM pg_attrdef d WHERE d.adrelid = t.tgrelid AND d.adnum = a.attnum AND d.adbin::text LIKE '%${NEXTVAL}%'
      ))
    ) AS assigned`;
