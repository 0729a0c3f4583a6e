import type { PrimaryOrPresumed } from '../../steps/rows.js';
import {
  partsOfName,
  qualifiedName,
  quoteIdentifier,
  quoteLiteral,
  requoted,
} from '../../sequences/identifier.js';
import type { ColumnOnServer, FeedDefault, SequenceOrigin, SideFacts } from '../../steps/columns.js';
import { type UnreadDefault, unreadDefault } from './default-on-primary.js';

/**
 * The statements that create a sequence of the primary on the standby: its definition, the defaults of the columns that take their values
 * from it, its owner, and the grants that the worker's role needs to set it.
 *
 * @param origin null if the primary could not be read
 * @param otherwise the owner, if neither the columns nor the primary tell it
 */
export function createStatements(
  primary: PrimaryOrPresumed,
  origin: SequenceOrigin | null,
  standby: SideFacts,
  otherwise?: string,
): Feeding {
  const { sequence, increment, min, max, cache, cycle } = primary;
  const columns = columnsToFeed(primary, origin, standby);
  const ownedBy = origin?.ownedBy ?? null;
  const owning = ownedBy === null ? undefined : standby.columns.get(ownedBy);
  // OWNED BY requires that the sequence and the table have the same owner.
  const owner =
    (isTable(owning) ? owning : columns[0]?.on)?.owner ?? ownerThere(origin, standby) ?? otherwise;
  const feeding = columns.map(({ column, on, known }) => feedStatements(sequence, column, on, known));
  const statements = [
    ...schemaStatements(primary, origin, standby),
    `CREATE SEQUENCE ${sequence}${origin === null ? '' : ` AS ${origin.type}`} INCREMENT BY ${increment} MINVALUE ${min} MAXVALUE ${max}` +
      `${origin === null ? '' : ` START WITH ${origin.start}`} CACHE ${cache}${cycle === true ? ' CYCLE' : ''};`,
    ...(owner === undefined ? [] : [`ALTER SEQUENCE ${sequence} OWNER TO ${owner};`]),
    ...feeding.flatMap((one) => one.statements),
    ...(ownedBy !== null && isTable(owning) ? [`ALTER SEQUENCE ${sequence} OWNED BY ${ownedBy};`] : []),
    ...allGrants(
      grantsOfOthers(sequence, owner, origin, standby),
      grantStatements(primary, standby, columns),
    ),
  ];
  return { statements, unread: feeding.flatMap(({ unread }) => unread) };
}

/** What is to be done on the standby if the column that owns the sequence on the primary is missing there. */
export interface CreateOwner {
  /** The column, as `schema.table.column`. To create it creates the sequence. */
  column: string;
  /** To be run before the column is created. */
  before: readonly string[];
  /** To be run afterwards. */
  after: Feeding;
}

/**
 * A sequence that belongs to a column which the standby lacks, as after a migration on the primary alone. A sequence that is made by itself
 * would be in the way of the column's: pg_dump and migrations create both.
 *
 * @returns null if the standby has the column, or if none owns the sequence
 */
export function createOwner(
  primary: PrimaryOrPresumed,
  origin: SequenceOrigin | null,
  standby: SideFacts,
): CreateOwner | null {
  const column = origin?.ownedBy ?? null;
  if (column === null || standby.columns.has(column)) return null;
  const { sequence } = primary;
  const columns = columnsToFeed(primary, origin, standby);
  const feeding = columns.map((one) => feedStatements(sequence, one.column, one.on, one.known));
  return {
    column,
    before: schemaStatements(primary, origin, standby),
    after: {
      statements: [
        ...feeding.flatMap((one) => one.statements),
        ...allGrants(
          grantsOfOthers(sequence, ownerThere(origin, standby), origin, standby),
          grantStatements(primary, standby, [
            ...columns,
            { column, on: { schemaUsage: true, maySelect: false } },
          ]),
        ),
      ],
      unread: feeding.flatMap(({ unread }) => unread),
    },
  };
}

/** The statements that create the schema of a sequence, if the standby lacks it. */
export function schemaStatements(
  { schema }: PrimaryOrPresumed,
  origin: SequenceOrigin | null,
  standby: SideFacts,
): string[] {
  if (standby.schemas.has(schema)) return [];
  // The owner of the schema may use it without a grant. Rows are applied as the owner of their table, which is often the same role.
  const owner = origin?.schemaOwner ?? null;
  const isThere = owner !== null && standby.roles?.has(owner) === true;
  return [
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}${isThere ? ` AUTHORIZATION ${owner}` : ''};`,
    ...presentRoles(origin?.schemaUsers ?? [], standby).map(
      (role) => `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${role};`,
    ),
  ];
}

/**
 * The grants that other roles have on the primary's sequence, and those that the worker's role needs, for one that the standby has.
 *
 * @param owner its owner there
 */
export const grantsAsOnPrimary = (
  primary: PrimaryOrPresumed,
  origin: SequenceOrigin | null,
  standby: SideFacts,
  owner: string | undefined,
): string[] =>
  allGrants(
    grantsOfOthers(primary.sequence, owner, origin, standby),
    grantStatements(primary, standby, columnsToFeed(primary, origin, standby)),
  );

/** The owner on the primary, if the standby has this role. */
function ownerThere(origin: SequenceOrigin | null, { roles }: SideFacts): string | undefined {
  return origin !== null && roles?.has(origin.owner) === true ? origin.owner : undefined;
}

function presentRoles(names: readonly string[], { roles }: SideFacts): string[] {
  return names.filter((name) => name === 'PUBLIC' || roles?.has(name) === true);
}

/** The grants of other roles on the primary. Without them the application's inserts fail after the promotion. */
function grantsOfOthers(
  sequence: string,
  newOwner: string | undefined,
  origin: SequenceOrigin | null,
  standby: SideFacts,
): string[] {
  if (origin === null) return [];
  const grants = origin.grants.filter(
    ({ grantee }) => grantee !== newOwner && presentRoles([grantee], standby).length > 0,
  );
  // The owner on the primary needs a grant if it does not own the sequence on the standby.
  const ofOwner =
    newOwner === origin.owner || standby.roles?.has(origin.owner) !== true
      ? []
      : [`GRANT ALL ON SEQUENCE ${sequence} TO ${origin.owner};`];
  return [
    ...ofOwner,
    ...grants.map(
      ({ grantee, privileges, grantable }) =>
        `GRANT ${privileges.join(', ')} ON SEQUENCE ${sequence} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''};`,
    ),
  ];
}

/** Roles with privileges on the primary's sequence that the standby does not have. */
export function rolesMissing(origin: SequenceOrigin | null, { roles }: SideFacts): string[] {
  if (origin === null || roles === undefined) return [];
  return [...new Set(origin.grants.map(({ grantee }) => grantee))].filter(
    (name) => name !== 'PUBLIC' && !roles.has(name),
  );
}

/** The statements after which columns of the standby take their values from the same sequences as on the primary. */
export interface Feeding {
  statements: readonly string[];
  /** The columns whose default has to be read on the primary. */
  unread: readonly UnreadDefault[];
}

/** Lets a column of the standby take its values from the sequence, by the default of the primary, and from no other. */
export function feedStatements(
  sequence: string,
  column: string,
  on: Pick<ColumnOnServer, 'isIdentity' | 'feeders' | 'generated'>,
  known: FeedDefault,
): Feeding {
  // No statement turns it into an ordinary column.
  if (on.generated === 'virtual') return { statements: [], unread: [] };
  const alter = alterColumn(column);
  const owners = on.feeders.filter((feeder) => feeder.via === 'owned' && feeder.sequence !== sequence);
  const before = [
    ...(on.isIdentity ? [`${alter} DROP IDENTITY IF EXISTS;`] : []),
    ...(on.generated === 'stored' ? [`${alter} DROP EXPRESSION;`] : []),
  ];
  const after = owners.map((feeder) => `ALTER SEQUENCE ${feeder.sequence} OWNED BY NONE;`);
  return known === 'unknown'
    ? { statements: [], unread: [unreadDefault(column, { before, alter, after })] }
    : { statements: [...before, setDefault(sequence, column, known), ...after], unread: [] };
}

/** Lets a column of the standby take its values from where it does on the primary, which could not be asked. */
export function feedAsOnPrimary(sequence: string, column: string, on: ColumnOnServer): Feeding {
  const alter = alterColumn(column);
  const isOwner = on.feeders.some((feeder) => feeder.sequence === sequence && feeder.via === 'owned');
  const before = on.isIdentity ? [`${alter} DROP IDENTITY IF EXISTS;`] : [];
  const after = isOwner ? [`ALTER SEQUENCE ${sequence} OWNED BY NONE;`] : [];
  return { statements: [], unread: [unreadDefault(column, { before, alter, after })] };
}

/** Sets a default of the primary. */
export function setDefault(sequence: string, column: string, known: Exclude<FeedDefault, 'unknown'>): string {
  const value = known === 'plain' ? `nextval(${quoteLiteral(sequence)})` : known.text;
  return `${alterColumn(column)} SET DEFAULT ${value};`;
}

/** Lets a column of the standby take no value from the sequence, as on the primary. */
export function unfeedStatements(sequence: string, column: string, on: ColumnOnServer): string[] {
  const alter = alterColumn(column);
  const via = (how: string) =>
    on.feeders.some((feeder) => feeder.sequence === sequence && feeder.via === how);
  return [
    ...(via('identity') ? [`${alter} DROP IDENTITY IF EXISTS;`] : []),
    // Only a default of the column overrules the default of its domain.
    ...(via('default') ? [on.hasDefault ? `${alter} DROP DEFAULT;` : `${alter} SET DEFAULT NULL;`] : []),
    ...(via('owned') ? [`ALTER SEQUENCE ${sequence} OWNED BY NONE;`] : []),
  ];
}

/** The beginning of a statement that changes a column, written as `schema.table.column`. */
export function alterColumn(column: string): string {
  const [schema = '', table = '', name = ''] = partsOfName(column);
  return `ALTER TABLE ${qualifiedName(schema, table)} ALTER COLUMN ${quoteIdentifier(name)}`;
}

interface ColumnToFeed {
  column: string;
  on: ColumnOnServer;
  known: FeedDefault;
}

/** The columns that the sequence feeds on the primary and that the standby has. */
function columnsToFeed(
  { sequence, feeds = [] }: PrimaryOrPresumed,
  origin: SequenceOrigin | null,
  { columns }: SideFacts,
): ColumnToFeed[] {
  return feeds.flatMap((text) => {
    const column = requoted(text);
    const on = columns.get(column);
    if (on === undefined) return [];
    const known = origin?.feeds.get(column);
    // The sequence only belongs to the column (OWNED BY); no default calls nextval.
    if (origin !== null && known === undefined) return [];
    if (feedsIt(on, sequence)) return [];
    return { column, on, known: known ?? 'unknown' };
  });
}

function feedsIt(on: ColumnOnServer, sequence: string): boolean {
  return on.feeders.some((feeder) => feeder.sequence === sequence && feeder.via !== 'owned');
}

function isTable(on: ColumnOnServer | undefined): boolean {
  return on !== undefined && on.relkind !== 'v';
}

/** Each grant once: on the primary the worker's role may have the same ones. */
const allGrants = (ofOthers: readonly string[], ofWorker: readonly string[]) => [
  ...new Set([...ofOthers, ...ofWorker]),
];

/** The grants that the worker's role needs on a new sequence and on the columns that it feeds. */
function grantStatements(
  { sequence, schema }: PrimaryOrPresumed,
  { role, isSuperuser, schemas }: SideFacts,
  columns: readonly { column: string; on: Pick<ColumnOnServer, 'schemaUsage' | 'maySelect'> }[],
): string[] {
  if (isSuperuser || role === '""') return [];
  const usage = new Set(schemas.get(schema)?.usage === true ? [] : [quoteIdentifier(schema)]);
  const selects: string[] = [];
  for (const { column, on } of columns) {
    const [tableSchema = '', table = '', name = ''] = partsOfName(column);
    if (!on.schemaUsage) usage.add(quoteIdentifier(tableSchema));
    if (!on.maySelect)
      selects.push(
        `GRANT SELECT (${quoteIdentifier(name)}) ON TABLE ${qualifiedName(tableSchema, table)} TO ${role};`,
      );
  }
  return [
    ...[...usage].map((name) => `GRANT USAGE ON SCHEMA ${name} TO ${role};`),
    `GRANT SELECT, UPDATE ON SEQUENCE ${sequence} TO ${role};`,
    ...selects,
  ];
}
