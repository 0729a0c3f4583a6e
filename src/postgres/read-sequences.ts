import type { Identity, PageRange } from '../contract/steps.js';
import type { Definition } from '../sequences/sequence.js';
import type { Endpoint, Query } from './endpoint.js';
import { readFeeds, type Feed } from './feeds.js';
import { missingGrants, type Privileges } from './grants.js';
import { catalogLocks, nameOrder, rangeSource } from './listed-sequences.js';
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
 * Reads the sequences of a page, in the order of `compareNames`: two statements for what the catalog says of all of them,
 * then two a chunk for where they stand.
 *
 * @throws what concerns no single sequence, such as a lost connection
 */
export async function readSequences(
  endpoint: Endpoint,
  expected: Identity,
  range: PageRange,
): Promise<SequenceReading[]> {
  const catalogued = await endpoint.transaction(
    { access: 'read only', expected, locks: catalogLocks },
    (query) => readCatalog(query, range),
  );
  const readings = await readPositions(
    endpoint,
    expected,
    catalogued.filter(({ persistence }) => persistence !== 'temporary').map(({ oid }) => oid),
  );
  return catalogued.map((sequence) => ({ ...sequence, reading: readings.get(sequence.oid) ?? temporary }));
}

const persistences = { p: 'permanent', u: 'unlogged', t: 'temporary' } as const;

const temporary: PositionReading = {
  problem: {
    code: 'READ_FAILED',
    reason: 'It is temporary.',
    remedy: 'Nothing needs to be done: it ends with its session.',
  },
};

async function readCatalog(query: Query, range: PageRange): Promise<Omit<SequenceReading, 'reading'>[]> {
  const source = rangeSource(range);
  const rows = await query<CatalogRow>(catalogSql(source), source.parameters);
  const feeds = await readFeeds(
    query,
    rows.map(({ oid }) => Number(oid)),
  );
  return rows.map((row) => {
    const oid = Number(row.oid);
    const privileges = {
      schemaUsage: row.schema_usage,
      select: row.may_select,
      update: row.may_update,
      usage: row.may_use,
    };
    return {
      schema: row.schema,
      name: row.name,
      sequence: row.sequence,
      oid,
      definition: {
        increment: BigInt(row.seqincrement),
        min: BigInt(row.seqmin),
        max: BigInt(row.seqmax),
        cache: BigInt(row.seqcache),
        cycle: row.seqcycle,
      },
      persistence: persistences[row.relpersistence],
      extension: row.extension,
      privileges,
      grantsToSet: missingGrants(privileges, 'set', {
        schema: row.quoted_schema,
        sequence: row.sequence,
        role: row.role,
      }),
      feeds: feeds.get(oid) ?? [],
    };
  });
}

interface CatalogRow extends Record<string, unknown> {
  schema: string;
  name: string;
  quoted_schema: string;
  sequence: string;
  role: string;
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
}

/** The privilege functions answer null for what was dropped since the statement began. */
const catalogSql = ({ from, where }: { from: string; where: string }) => `
  SELECT n.nspname AS schema, c.relname AS name, quote_ident(n.nspname) AS quoted_schema,
         quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence,
         quote_ident(current_user) AS role, c.oid::int8,
         s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
         c.relpersistence,
         (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
            AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e') AS extension,
         coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
         coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS may_select,
         coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS may_update,
         coalesce(has_sequence_privilege(c.oid, 'USAGE'), false) AS may_use
  FROM ${from}
  JOIN pg_sequence s ON s.seqrelid = c.oid
  WHERE ${where}
  ORDER BY ${nameOrder}`;
