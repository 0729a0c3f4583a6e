/**
 * All words that `quote_ident` puts in quotes on some version from PostgreSQL 10 to 19: `SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'`.
 * `quote_ident` knows only the keywords of its own version, and quotes every name under `quote_all_identifiers`. So two servers
 * may quote the same name differently.
 */
const keywords = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character
   check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role
   current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists
   extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int
   integer intersect interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
   json_scalar json_serialize json_table json_value lateral leading least left like limit localtime localtimestamp merge_action
   national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing
   position precision primary real references returning right row select session_user setof similar smallint some substring symmetric
   system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic
   verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
   xmlserialize xmltable`.split(/\s+/u),
);

const plain = /^[a-z_][a-z0-9_]*$/;

/** The name as an SQL identifier that is correct on every supported version. The text does not depend on the server. */
export function quoteIdentifier(name: string): string {
  return plain.test(name) && !keywords.has(name) ? name : inQuotes(name);
}

/** The name as an SQL identifier, in quotes also where it needs none. */
export function inQuotes(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name with several parts, such as schema and table, as SQL identifiers that are right on every supported version. */
export function qualifiedName(...parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join('.');
}

/** The parts of a name that a server has quoted, without the quotes. */
export function partsOfName(quoted: string): string[] {
  return Array.from(quoted.matchAll(/"((?:[^"]|"")*)"|[^."]+/gu), ([part, inQuotes]) =>
    inQuotes === undefined ? part : inQuotes.replaceAll('""', '"'),
  );
}

/** A name that a server has quoted, quoted again as {@link qualifiedName} does, so that the text does not depend on the server. */
export function requoted(quoted: string): string {
  return qualifiedName(...partsOfName(quoted));
}

/** Quotes like `quote_literal`: correct for every setting of standard_conforming_strings. What does not show in a terminal is escaped. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text
    .replaceAll("'", "''")
    .replaceAll('\\', '\\\\')
    .replace(UNSEEN, (one) => `\\U${hex(one, 8)}`)}'`;
  return quoted.includes('\\') ? `E${quoted}` : quoted;
}

/**
 * The text with every name in quotes that has line breaks or other characters that do not show written as a Unicode escape, such as
 * `U&"two\000Alines"`, so that a statement in it can be pasted from a terminal. No setting of the server changes what it means.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
 */
export function pasteable(text: string): string {
  return text.replace(/"(?:[^"]|"")*"/gu, (name) =>
    name.search(UNSEEN) < 0
      ? name
      : `U&${name.replaceAll('\\', '\\\\').replace(UNSEEN, (one) => `\\+${hex(one, 6)}`)}`,
  );
}

/** Controls, characters that turn the direction of writing, and line and paragraph separators: as the command line shows them, see `printable`. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function hex(character: string, digits: number): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(digits, '0');
}
