import { WRITABLE } from './writable-session.js';
import type { FeedDefault } from '../../steps/columns.js';
import type { RecordedDefinition } from '../../steps/evidence.js';
import { partsOfName, qualifiedName, quoteLiteral } from '../../sequences/identifier.js';

/** A column of the standby that has to get the default of the primary, which is not known here. */
export interface UnreadDefault {
  column: string;
  /** A query for the primary that prints the statements for the standby. */
  query: string;
}

/**
 * @param before statements for the standby that come before the default
 * @param alter the beginning of the ALTER TABLE statement
 */
export function unreadDefault(
  column: string,
  { before, alter, after }: { before: readonly string[]; alter: string; after: readonly string[] },
): UnreadDefault {
  const [schema = '', table = '', name = ''] = partsOfName(column);
  const [ofTable, ofColumn] = [quoteLiteral(qualifiedName(schema, table)), quoteLiteral(name)];
  const start = quoteLiteral([...before, `${alter} SET DEFAULT `].join(' '));
  const end = quoteLiteral([';', ...after].join(' '));
  // The default NULL also overrules the default of a domain.
  const query =
    `SELECT ${start} || coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(t.typdefaultbin, 0), CASE WHEN a.attidentity <> '' ` +
    `THEN format('nextval(%L)', pg_get_serial_sequence(${ofTable}, ${ofColumn})) END, 'NULL') || ${end} ` +
    `FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum ` +
    `WHERE a.attrelid = to_regclass(${ofTable}) AND a.attname = ${ofColumn};`;
  return { column, query };
}

/**
 * How to give the columns the defaults that they have on the primary. Names in what the queries print are complete, since search_path is set.
 *
 * @param reason why the defaults could not be read
 */
export function readOnPrimary(unread: readonly UnreadDefault[], reason: string | null): string {
  const columns = unread.map(({ column }) => column).join(', ');
  return (
    `on the primary, since the default of ${columns} could not be read from here${reason === null ? '' : ` (${reason})`}: ` +
    `SET search_path TO pg_catalog; ${unread.map(({ query }) => query).join(' ')} ` +
    `and run the statements that this prints for ${columns} on the standby, as the owner of the table or a superuser; if its sessions are read-only by default, after this: ${WRITABLE}`
  );
}

/** The columns that the recorded sequence fed, by their quoted names. */
export function fedColumns({ feeds, defaults }: RecordedDefinition): string[] {
  return [...feeds, ...Object.keys(defaults ?? {})];
}

/** The default of one of {@link fedColumns}. */
export function recordedDefault(
  { defaults }: RecordedDefinition,
  column: string,
): Exclude<FeedDefault, 'unknown'> {
  const text = defaults?.[column];
  return text === undefined ? 'plain' : { text };
}

/** How to give the columns of a lost primary their defaults, as far as the ledger does not have them. */
export const DEFAULTS_NOT_RECORDED =
  'the version that recorded its definition did not record defaults that are more than nextval, compare the columns of its tables with the schema of your application, and give them the defaults that they lack';
