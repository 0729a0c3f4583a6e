import { digest } from '../../steps/digest.js';
import type { Identity, PageRange } from '../../steps/identity.js';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../sequences/identifier.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { type CatalogMemory, catalogMemory } from './catalog-memory.js';
import type { SequenceReading } from './sequence-reading.js';
import type { CatalogStateRow } from './catalog-state.js';
import { type DefinitionColumns, sharedDefinitions } from './definition-rows.js';
import { type Feed, type FeedRow, feedsSql, toFeeds } from './feeds.js';
import { LockWaits } from '../failures/lock-waits.js';
import { concernsOne, isLocked } from '../failures/narrow-down-failures.js';
import { type Grantee, missingGrants, type Privileges } from './grants.js';
import { listedSql } from './listed-sequences.js';
import { readsWithoutLocks, toPosition } from './position-source.js';
import { compareNames } from './page-ranges.js';
import { readPositions, type PositionReading } from './read-positions.js';

/**
 * Reads the sequences of a page, in the order of `compareNames`. One round trip reads the catalog rows of all sequences, the columns that they
 * feed and, from PostgreSQL 18.2 on, their positions. Before 18.2, or if some are locked, each chunk of positions takes further round trips.
 * Catalog rows that have not changed are not read again.
 *
 * @param recalled what `memory` has of the page, if the caller has asked before
 * @throws errors that are not about a single sequence, such as a lost connection
 */
export async function readSequences(
  endpoint: Endpoint,
  expected: Identity,
  range: PageRange,
  memory: CatalogMemory = catalogMemory,
  recalled: Promise<readonly SequenceReading[] | null> = memory.recall(endpoint, expected, range),
): Promise<SequenceReading[]> {
  const known = await recalled;
  // The caller adds the positions to a copy.
  const sequences = known?.map(copy) ?? (await readPage(endpoint, expected, range, memory));
  const unread = sequences.filter(({ reading }) => reading === notRead);
  const readings = await readPositions(
    endpoint,
    expected,
    unread.map(({ oid }) => oid),
  );
  for (const sequence of unread) sequence.reading = readings.get(sequence.oid) ?? notRead;
  return sequences;
}

async function readPage(
  endpoint: Endpoint,
  expected: Identity,
  range: PageRange,
  memory: CatalogMemory,
): Promise<SequenceReading[]> {
  const listed = listedSql(range);
  const state = memory.statements(range);
  const read = async (withPositions: boolean, timeouts: { lockTimeoutMs?: number } = {}) => {
    const answers = await endpoint.read({ expected, locks: CATALOG_LOCKS, ...timeouts }, [
      ...state,
      catalogSql(listed, withPositions),
      feedsSql(listed),
    ]);
    const [rows = [], feeds = []] = answers.slice(state.length);
    const sequences = toSequences(rows as CatalogRow[], toFeeds(feeds as FeedRow[]));
    memory.remember(
      endpoint,
      expected,
      range,
      answers.slice(0, state.length) as CatalogStateRow[][],
      sequences.map(withoutPosition),
    );
    return sequences;
  };
  if (!(await readsWithoutLocks(endpoint, expected))) return read(false);
  const { lockWaits = new LockWaits() } = endpoint;
  const lockTimeoutMs = lockWaits.timeout(500);
  try {
    return await read(true, { lockTimeoutMs });
  } catch (error) {
    // If one sequence is locked, the positions are read separately, so that the others are still read.
    if (!concernsOne(error)) throw error;
    if (isLocked(error)) lockWaits.spend(lockTimeoutMs);
    return read(false);
  }
}

function withoutPosition(one: SequenceReading): SequenceReading {
  const kept = copy(one);
  if ('position' in kept.reading) kept.reading = notRead;
  return kept;
}

/** Copies field by field: a spread takes several times as long, and a page has thousands of sequences. */
function copy(one: SequenceReading): SequenceReading {
  const { schema, name, sequence, oid, definition, persistence, extension, grantsToSet, feeds, reading } =
    one;
  return { schema, name, sequence, oid, definition, persistence, extension, grantsToSet, feeds, reading };
}

const persistences = { p: 'permanent', u: 'unlogged', t: 'temporary' } as const;

const temporary: PositionReading = {
  problem: {
    code: 'READ_FAILED',
    reason: 'It is temporary.',
    remedy: 'Nothing needs to be done: it ends with its session.',
    remedyIs: 'advice',
  },
};

/** A database in SQL_ASCII can have names that are not valid UTF-8. The same replacement character then stands for different bytes. */
function isLegible(schema: string, name: string): boolean {
  return !schema.includes(REPLACEMENT) && !name.includes(REPLACEMENT);
}

const REPLACEMENT = '\u{fffd}';

/** @param suffix distinguishes it from names that look the same */
function illegible(schema: string, name: string, oid: number, suffix: string): PositionReading {
  const isOwn = name.includes(REPLACEMENT);
  const from = isOwn
    ? `${oid}::regclass`
    : '(SELECT relnamespace::regnamespace FROM pg_class WHERE oid = ' + String(oid) + ')';
  // A dollar sign could end the body of DO.
  const to = quoteLiteral((isOwn ? name + suffix : schema).replaceAll(REPLACEMENT, '_').replaceAll('$', '_'));
  return {
    problem: {
      code: 'READ_FAILED',
      reason: 'Its name is not valid UTF-8, so that it cannot be told from others.',
      remedy: `DO $$ BEGIN EXECUTE format('ALTER ${isOwn ? 'SEQUENCE' : 'SCHEMA'} %s RENAME TO %I', ${from}, ${to}); END $$;`,
      remedyIs: 'statements',
    },
  };
}

/** Until its position is read separately. */
const notRead: PositionReading = {
  problem: { code: 'READ_FAILED', reason: 'It was not read.', remedy: '', remedyIs: 'advice' },
};

function toSequences(rows: CatalogRow[], feeds: ReadonlyMap<number, Feed[]>): SequenceReading[] {
  // The names are sorted here, and not by the server: only by their bytes in UTF-8 do names have the same order on both sides.
  rows.sort((a, b) => compareNames([a.schema, a.name], [b.schema, b.name]));
  const definitionOf = sharedDefinitions();
  return rows.map((row, index) => {
    const { schema, name, oid, extension, lacking } = row;
    const suffix =
      isLegible(schema, name) || !isTwin(rows, index)
        ? ''
        : `_${digest(row.bytes ?? String(oid)).slice(0, 8)}`;
    // Several names that are not valid UTF-8 may look the same. Each has its own row.
    const sequence = qualifiedName(schema, name + suffix);
    const position = toPosition(row.data);
    return {
      schema,
      name,
      sequence,
      oid,
      definition: definitionOf(row),
      persistence: persistences[row.relpersistence],
      extension,
      grantsToSet: lacking === null ? null : toGrants(lacking, schema, sequence),
      feeds: feeds.get(oid) ?? noFeeds,
      reading: !isLegible(schema, name)
        ? illegible(schema, name, oid, suffix)
        : position !== null
          ? { position }
          : row.relpersistence === 't'
            ? temporary
            : notRead,
    };
  });
}

/** Whether the previous or the next sequence has the same readable name. */
function isTwin(rows: readonly CatalogRow[], index: number): boolean {
  const row = rows[index];
  return [rows[index - 1], rows[index + 1]].some(
    (other) => other !== undefined && other.schema === row?.schema && other.name === row.name,
  );
}

function toGrants(
  lacking: NonNullable<CatalogRow['lacking']>,
  schema: string,
  sequence: string,
): string | null {
  return missingGrants(lacking, 'set', {
    schema: quoteIdentifier(schema),
    sequence,
    role: quoteIdentifier(lacking.role),
  });
}

const noFeeds: Feed[] = [];

interface CatalogRow extends DefinitionColumns, Record<string, unknown> {
  schema: string;
  name: string;
  oid: number;
  relpersistence: 'p' | 'u' | 't';
  extension: string | null;
  /** The privileges of this role; null if it has all that setting needs. */
  lacking: (Privileges & Pick<Grantee, 'role'>) | null;
  data: string | null;
  /** The name in hexadecimal digits, if the database may have names that are not valid UTF-8; null otherwise. */
  bytes: string | null;
}

/**
 * The privilege functions return null for an object that was dropped since the statement began. OFFSET keeps the planner from calling them
 * twice. Without USAGE on the schema no statement can name a sequence, and the statements for psql could not either. There are few members
 * of extensions, so one list of all of them is faster than a look-up for each sequence.
 */
const catalogSql = (listed: string, withPositions: boolean) => `
  SELECT l.schema, l.name, l.oid, l.seqincrement, l.seqmin, l.seqmax, l.seqcache, l.seqcycle, l.seqstart, l.relpersistence,
         CASE WHEN l.oid IN (SELECT objid FROM pg_depend WHERE ${isMember}) THEN (
           SELECT e.extname FROM pg_depend JOIN pg_extension e ON e.oid = refobjid WHERE ${isMember} AND objid = l.oid
         ) END AS extension,
         CASE WHEN NOT (l.usage AND l.may_select AND l.may_update) THEN json_build_object(
           'schemaUsage', l.usage, 'select', l.may_select, 'update', l.may_update,
           'role', current_user
         ) END AS lacking,
         CASE WHEN getdatabaseencoding() = 'SQL_ASCII' THEN encode(convert_to(l.schema || '.' || l.name, 'SQL_ASCII'), 'hex') END AS bytes,
         ${withPositions ? 'CASE WHEN l.usage AND l.may_select THEN pg_get_sequence_data(l.oid::regclass) END' : 'NULL'} AS data
  FROM (
      SELECT c.nspname AS schema, c.relname AS name,
             c.oid, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, s.seqstart, c.relpersistence,
             coalesce(has_schema_privilege(c.namespace, 'USAGE'), false) AS usage,
             coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS may_select,
             coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS may_update
      FROM (${listed}) c
      CROSS JOIN LATERAL (SELECT s.* FROM pg_sequence s WHERE s.seqrelid = c.oid OFFSET 0) s
      OFFSET 0
  ) l`;

const isMember = `classid = 'pg_class'::regclass AND objsubid = 0 AND refclassid = 'pg_extension'::regclass AND deptype = 'e'`;
