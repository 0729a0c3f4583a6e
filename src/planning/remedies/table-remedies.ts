import { LEDGER_SCHEMA } from '../../contract/names.js';
import { shellQuoted } from '../../contract/shell.js';
import { quoteIdentifier, quoteLiteral } from '../../sequences/identifier.js';
import { withoutIdentity } from '../../steps/identity-index.js';

/** A subscription of the standby, with the publications that it receives. Names as the server holds them, without quotes. */
export interface Receiving {
  name: string;
  publications: readonly string[];
}

/** The publication for tables that no present one can take. */
const FURTHER_PUBLICATION = 'sequence_failover_further';

/** The statements of a remedy name up to this many tables. For more, one statement finds the tables itself. */
export const NAMED_AT_MOST = 20;

const publishedWithoutIdentity = (publications: readonly string[]) =>
  withoutIdentity(
    `pg_publication_tables p JOIN pg_namespace n ON n.nspname = p.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename` +
      ` WHERE p.pubname IN (${publications.map(quoteLiteral).join(', ')})`,
  );

/**
 * For tables whose updates and deletes cannot be replicated.
 *
 * @param tables their names, quoted where needed
 * @param publications those that the standby subscribes to
 */
export function giveReplicaIdentity(tables: readonly string[], publications: readonly string[]): string {
  const statements = identityStatements(tables, publishedWithoutIdentity(publications));
  return `on the primary, as the owner of the tables or a superuser: ${statements} If a table has columns that identify a row, a primary key is faster`;
}

/** The same for tables that the standby receives, before the way back publishes them. */
export function giveIdentityOnStandby(tables: readonly string[]): string {
  const received = withoutIdentity(
    `pg_subscription_rel JOIN pg_class c ON c.oid = srrelid WHERE c.relkind IN ('r', 'p')`,
  );
  return `on the standby, as the owner of the tables or a superuser: ${identityStatements(tables, received)}`;
}

/** @param all the FROM and WHERE clauses of all tables that need it */
function identityStatements(tables: readonly string[], all: string): string {
  if (tables.length <= NAMED_AT_MOST)
    return tables.map((table) => `ALTER TABLE ${table} REPLICA IDENTITY FULL;`).join(' ');
  return (
    `DO $remedy$ DECLARE found regclass; BEGIN FOR found IN SELECT c.oid::regclass FROM ${all}` +
    ` LOOP EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', found); END LOOP; END $remedy$;`
  );
}

/**
 * For tables of which a publication leaves out rows (`WHERE`), columns (a column list) or operations (`publish`).
 *
 * @param publications those that the standby subscribes to
 */
export function wholePublication(publications: readonly string[]): string {
  const names = [...new Set(publications)].map(quoteLiteral).join(', ');
  return (
    `this shows on the primary what is published: SELECT * FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname WHERE p.pubname IN (${names});` +
    ` publish the tables without WHERE, without a column list, and with publish = 'insert, update, delete, truncate', and copy what the standby lacks. Or make sure that nobody needs it on the standby`
  );
}

interface PublishedFacts {
  /** The publications for all tables, or for all sequences, to which no table can be added. */
  closed: readonly string[];
  /** The publications that the primary does not have, although a subscription names them. */
  gone: readonly string[];
  /** The tables of the subscriptions, quoted where needed. */
  received: readonly string[];
}

/**
 * For tables that the standby does not receive.
 *
 * @param tables their names, quoted where needed
 * @param receiving the subscriptions to the primary
 */
export function publishTables(
  tables: readonly string[],
  receiving: readonly Receiving[],
  { closed, gone, received }: PublishedFacts,
): string {
  const open = (publications: readonly string[]) => publications.find((one) => !closed.includes(one));
  const subscribed = receiving.filter(({ publications }) => publications.length > 0);
  const subscription =
    subscribed.find(({ publications }) => open(publications) !== undefined) ?? subscribed[0];
  if (subscription === undefined)
    return 'subscribe to a publication that covers them, or make sure that nobody needs them on the standby';
  const present = open(subscription.publications);
  const publication = present ?? FURTHER_PUBLICATION;
  const name = quoteIdentifier(publication);
  const all = [...new Set(receiving.flatMap(({ publications }) => publications))];
  const statements =
    tables.length <= NAMED_AT_MOST
      ? `ALTER PUBLICATION ${name} ADD TABLE ${tables.join(', ')};`
      : `DO $remedy$ DECLARE found regclass; BEGIN FOR found IN SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace` +
        ` WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND pg_relation_size(c.oid) > 0` +
        ` AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${LEDGER_SCHEMA}')` +
        ` AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')` +
        // A partitioned table is published for its partitions.
        ` AND NOT EXISTS (WITH RECURSIVE up AS (SELECT c.oid AS oid UNION SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.oid)` +
        ` SELECT FROM up JOIN pg_class u ON u.oid = up.oid JOIN pg_namespace un ON un.oid = u.relnamespace` +
        ` JOIN pg_publication_tables p ON p.schemaname = un.nspname AND p.tablename = u.relname` +
        ` WHERE p.pubname IN (${all.map(quoteLiteral).join(', ')}) AND (u.oid = c.oid OR u.relkind = 'p'))` +
        ` LOOP EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', ${quoteLiteral(publication)}, found); END LOOP; END $remedy$;`;
  const isNew = present === undefined || gone.includes(present);
  const create = isNew ? `CREATE PUBLICATION ${name}; ` : '';
  const others = subscription.publications.map(quoteIdentifier).join(', ');
  const receive = present === undefined ? `SET PUBLICATION ${others}, ${name}` : 'REFRESH PUBLICATION';
  const who = isNew
    ? 'the owner of the tables who may create objects in the database,'
    : 'the owner of the publication and the tables';
  // A subscription copies no table that it has already.
  const forget = tables.some((table) => received.includes(table))
    ? `on the standby, as the owner of the subscription or a superuser: ALTER SUBSCRIPTION ${quoteIdentifier(subscription.name)} REFRESH PUBLICATION; which forgets the tables that were published before; then `
    : '';
  return (
    `${forget}on the primary, as ${who} or a superuser: ${create}${statements} then on the standby, where the tables must exist and be empty:` +
    ` ALTER SUBSCRIPTION ${quoteIdentifier(subscription.name)} ${receive}; it copies their rows. Or make sure that nobody needs them on the standby`
  );
}

/**
 * For tables that are published, but not among those of the subscriptions.
 *
 * @param tables their names, quoted where needed
 * @param receiving the subscriptions to the primary
 */
export function receiveTablesRemedy(tables: readonly string[], receiving: readonly Receiving[]): string {
  const created =
    tables.length <= NAMED_AT_MOST
      ? `pg_dump --schema-only ${tables.map((table) => `--table=${shellQuoted(table)}`).join(' ')}`
      : 'pg_dump --schema-only';
  const refreshes = receiving
    .filter(({ publications }) => publications.length > 0)
    .map(({ name }) => `ALTER SUBSCRIPTION ${quoteIdentifier(name)} REFRESH PUBLICATION;`);
  return (
    `create those that the standby lacks, and their schemas, for example from what this prints on the primary: ${created}; then on the standby, where they must be empty, as the owner of the subscription or a superuser: ` +
    `${refreshes.join(' ')} it copies their rows`
  );
}

/** A query that shows the columns, to be compared between the sides. */
export function compareColumns(tables: readonly string[]): string {
  const which =
    tables.length <= NAMED_AT_MOST
      ? `attrelid IN (${tables.map((table) => `${quoteLiteral(table)}::regclass`).join(', ')})`
      : `attrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')`;
  return `compare on both sides: SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE ${which} AND attnum > 0 AND NOT attisdropped ORDER BY attrelid::regclass::text, attname; and change the side that is behind by ALTER TABLE`;
}
