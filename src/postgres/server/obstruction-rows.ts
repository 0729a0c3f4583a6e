import { requoted } from '../../sequences/identifier.js';
import type { Identity } from '../../steps/identity.js';
import type { Obstruction } from '../../steps/obstruction.js';
import { bytesOf } from '../sequences/listed-sequences.js';
import type { Endpoint, Row } from '../endpoint.js';

const columns = 'kind, what, owner, seconds, state, detail';

/** The columns of a SELECT that returns obstructions of one kind. Each argument after the kind is an expression in SQL. */
export const row = (
  kind: string,
  what: string,
  rest: Partial<Record<'owner' | 'seconds' | 'state' | 'detail', string>>,
) =>
  `'${kind}'::text AS kind, (${what})::text AS what, (${rest.owner ?? 'NULL'})::text AS owner,
   (${rest.seconds ?? 'NULL'})::double precision AS seconds, (${rest.state ?? 'NULL'})::text AS state, (${rest.detail ?? 'NULL'})::text AS detail`;

/** hashtext gives the same on every version; md5 fails if OpenSSL is in FIPS mode. */
export function digestOfText(text: string): string {
  return `concat_ws(' ', length(${text}), hashtext(${text}), hashtext(reverse(${text})))`;
}

/**
 * A digest of the names and types of a table's columns, independent of their order and of the encoding of the database, so that two servers
 * can be compared. Oids of types below 10,000 are the same in every database
 * (https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT), and faster to read than the names of the types. Other types count by their names, which no server quotes here.
 */
export const digestOfColumns = `(SELECT ${digestOfText('all_columns')} FROM (
    SELECT encode(${bytesOf(`string_agg(
      concat_ws(' ', a.attname, CASE WHEN a.atttypid < 10000 THEN a.atttypid::text
        ELSE (SELECT tn.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace WHERE t.oid = a.atttypid) END,
        NULLIF(a.atttypmod, -1)),
      ',' ORDER BY ${bytesOf('a.attname')})`)}, 'escape') AS all_columns
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS of_table)`;

/** The name of the table `c` of pg_class in the schema `n`, as this server quotes it. */
export const nameOfTable = `format('%I.%I', n.nspname, c.relname)`;

/** @param sql one SELECT, or several with UNION ALL, of the columns of {@link row} */
export async function readObstructions(
  endpoint: Endpoint,
  expected: Identity,
  sql: string,
): Promise<Obstruction[]> {
  const [rows = []] = await endpoint.read<Obstruction & Row>({ expected, locks: 50 }, [
    `SELECT ${columns} FROM (${sql}) AS found`,
  ]);
  // The names of both sides are compared, and each server quotes by its own version and settings.
  return rows.map((found) => (ofTables.has(found.kind) ? { ...found, what: requoted(found.what) } : found));
}

/** The kinds of which `what` is the quoted name of a table or a column. */
const ofTables: ReadonlySet<Obstruction['kind']> = new Set([
  ...(['identity', 'unpublished', 'partly', 'table', 'hidden', 'assigned'] as const),
]);

export interface DigestedObstructions {
  obstructions: Obstruction[];
  /** Changes with the tables of this side. */
  digest: string;
}

/** @param sql as for {@link readObstructions}, with one row of the kind `digest` */
export async function readDigested(
  endpoint: Endpoint,
  expected: Identity,
  sql: string,
): Promise<DigestedObstructions> {
  const rows = await readObstructions(endpoint, expected, sql);
  const digest = rows.find(({ kind }) => kind === 'digest');
  if (digest === undefined)
    throw new Error(`The ${endpoint.side} returned no row for the digest of its tables.`);
  return { obstructions: rows.filter((one) => one !== digest), digest: digest.what };
}
