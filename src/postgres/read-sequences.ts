import type { Identity, PageRange } from '../contract/steps.js';
import type { Definition, Position } from '../sequences/sequence.js';
import type { Endpoint, Query } from './endpoint.js';
import { readFeeds, type Feed } from './feeds.js';
import { concernsOne } from './isolate.js';
import { missingGrants, type Privileges } from './grants.js';
import { catalogLocks, rangeSource, type Source } from './listed-sequences.js';
import { readsWithoutLocks, toPosition } from './position-source.js';
import { compareNames } from './page-ranges.js';
import { readPositions, type PositionReading } from './read-positions.js';

/** All that one side knows of a sequence. */
export interface SequenceReading {
  /** Raw, as in the catalog. */
  schema: string;
  name: string;
  /** `quote_ident(schema).quote_ident(name)`, as the server writes it. */
  sequence: string;
  oid: number;
  definition: Definition;
  /** An unlogged one is reset by a crash, a temporary one belongs to a session, and no other can read it. */
  persistence: 'permanent' | 'unlogged' | 'temporary';
  /** The extension that it is a member of; null for none. */
  extension: string | null;
  privileges: Privileges;
  /** The statements that give this role what it lacks to set the sequence; null where it lacks nothing. */
  grantsToSet: string | null;
  feeds: Feed[];
  /** Where it stands, or why that could not be read. */
  reading: PositionReading;
}

/**
 * Reads the sequences of a page, in the order of `compareNames`: one statement for what the catalog says of all of them and, from
 * PostgreSQL 18.2 on, for where they stand, and one for what they feed. Before, and where some are locked, two a chunk for where
 * they stand come on top.
 *
 * @throws what concerns no single sequence, such as a lost connection
 */
export async function readSequences(
  endpoint: Endpoint,
  expected: Identity,
  range: PageRange,
): Promise<SequenceReading[]> {
  const read = await readPage(endpoint, expected, range);
  const unread = read.filter(
    ({ sequence, position }) => sequence.persistence !== 'temporary' && position === null,
  );
  const readings = await readPositions(
    endpoint,
    expected,
    unread.map(({ sequence }) => sequence.oid),
  );
  for (const { sequence, position } of read) {
    sequence.reading = position === null ? (readings.get(sequence.oid) ?? temporary) : { position };
  }
  return read.map(({ sequence }) => sequence);
}

interface Catalogued {
  sequence: SequenceReading;
  position: Position | null;
}

async function readPage(endpoint: Endpoint, expected: Identity, range: PageRange): Promise<Catalogued[]> {
  const read = (withPositions: boolean, patience: { lockTimeoutMs?: number } = {}) =>
    endpoint.transaction({ access: 'read only', expected, locks: catalogLocks, ...patience }, (query) =>
      readCatalog(query, range, withPositions),
    );
  if (!(await readsWithoutLocks(endpoint, expected))) return read(false);
  try {
    return await read(true, { lockTimeoutMs: 500 });
  } catch (error) {
    // One that is locked must not keep the others from being read: who looks at each by itself finds it.
    if (!concernsOne(error)) throw error;
    return read(false);
  }
}

const persistences = { p: 'permanent', u: 'unlogged', t: 'temporary' } as const;

const temporary: PositionReading = {
  problem: {
    code: 'READ_FAILED',
    reason: 'It is temporary.',
    remedy: 'Nothing needs to be done: it ends with its session.',
  },
};

async function readCatalog(query: Query, range: PageRange, withPositions: boolean): Promise<Catalogued[]> {
  const source = rangeSource(range);
  const rows = await query<CatalogRow>(catalogSql(source, withPositions), source.parameters);
  // Here, and not by the server: only by their bytes in UTF-8 are names in the same order on both sides.
  rows.sort((a, b) => compareNames([a.schema, a.name], [b.schema, b.name]));
  const feeds = await readFeeds(
    query,
    rows.map(({ oid }) => Number(oid)),
  );
  // Nearly all have these in common; an object for each would be most of what a page holds.
  const definitionOf = shared(toDefinition, (row) =>
    [row.seqincrement, row.seqmin, row.seqmax, row.seqcache, row.seqcycle].join(),
  );
  const privilegesOf = shared(toPrivileges, (row) =>
    [row.schema_usage, row.may_select, row.may_update, row.may_use].join(),
  );
  return rows.map((row) => {
    const oid = Number(row.oid);
    const privileges = privilegesOf(row);
    const sequence: SequenceReading = {
      schema: row.schema,
      name: row.name,
      sequence: row.sequence,
      oid,
      definition: definitionOf(row),
      persistence: persistences[row.relpersistence],
      extension: row.extension,
      privileges,
      grantsToSet:
        row.grantee === null
          ? null
          : missingGrants(privileges, 'set', { ...row.grantee, sequence: row.sequence }),
      feeds: feeds.get(oid) ?? none,
      reading: temporary,
    };
    return { sequence, position: toPosition(row.data) };
  });
}

const none: Feed[] = [];

function shared<T>(make: (row: CatalogRow) => T, keyOf: (row: CatalogRow) => string): (row: CatalogRow) => T {
  const made = new Map<string, T>();
  return (row) => {
    const key = keyOf(row);
    const known = made.get(key) ?? make(row);
    made.set(key, known);
    return known;
  };
}

function toDefinition(row: CatalogRow): Definition {
  return {
    increment: BigInt(row.seqincrement),
    min: BigInt(row.seqmin),
    max: BigInt(row.seqmax),
    cache: BigInt(row.seqcache),
    cycle: row.seqcycle,
  };
}

function toPrivileges(row: CatalogRow): Privileges {
  return {
    schemaUsage: row.schema_usage,
    select: row.may_select,
    update: row.may_update,
    usage: row.may_use,
  };
}

interface CatalogRow extends Record<string, unknown> {
  schema: string;
  name: string;
  sequence: string;
  /** Both as the server quotes them; null where nothing is lacking to set it. */
  grantee: { schema: string; role: string } | null;
  oid: string;
  seqincrement: string;
  seqmin: string;
  seqmax: string;
  seqcache: string;
  seqcycle: boolean;
  relpersistence: 'p' | 'u' | 't';
  extension: string | null;
  schema_usage: boolean;
  may_select: boolean;
  may_update: boolean;
  may_use: boolean;
  data: string | null;
}

/**
 * The privilege functions answer null for what was dropped since the statement began. OFFSET keeps them from being asked twice.
 * Without USAGE on the schema no statement could name a sequence, ours for psql included.
 */
const catalogSql = ({ from, where }: Source, withPositions: boolean) => `
  SELECT l.*,
         CASE WHEN NOT (l.schema_usage AND l.may_select AND l.may_update)
           THEN json_build_object('schema', quote_ident(l.schema), 'role', quote_ident(current_user)) END AS grantee,
         ${withPositions ? 'CASE WHEN l.schema_usage AND l.may_select THEN pg_get_sequence_data(l.oid::oid::regclass) END' : 'NULL'} AS data
  FROM (
      SELECT n.nspname AS schema, c.relname AS name,
             quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence, c.oid::int8,
             s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
             c.relpersistence, e.extname AS extension,
             coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
             coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS may_select,
             coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS may_update,
             coalesce(has_sequence_privilege(c.oid, 'USAGE'), false) AS may_use
      FROM ${from}
      JOIN pg_sequence s ON s.seqrelid = c.oid
      LEFT JOIN (
        pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
      ) ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      WHERE ${where}
      OFFSET 0
  ) l`;
