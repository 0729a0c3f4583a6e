import type { RecordedDefinition } from '../../steps/evidence.js';
import type { Identity } from '../../steps/identity.js';
import { definitionText } from '../../sequences/definition-text.js';
import { partsOfName } from '../../sequences/identifier.js';
import type { Definition } from '../../sequences/sequence.js';
import { arrayLiteral } from '../array-literal.js';
import { catalogLocks, type Endpoint } from '../endpoint.js';
import { type CatalogMemory, catalogMemory } from './catalog-memory.js';
import { type Feed, type FeedRow, feedsSql, toFeeds } from './feeds.js';
import { bytesOf } from './listed-sequences.js';
import { type DefinitionColumns, sharedDefinitions } from './definition-rows.js';

/**
 * How the sequences are defined, and the columns whose default is their nextval, by their quoted names. A page that this worker has read a
 * moment ago costs nothing; what it does not have is read. A name that the server does not have is missing from the answer.
 */
export async function readDefinitions(
  endpoint: Endpoint,
  expected: Identity,
  sequences: readonly string[],
  memory: CatalogMemory = catalogMemory,
): Promise<Map<string, RecordedDefinition>> {
  const known = memory.lastKnown(endpoint, expected, new Set(sequences));
  const definitions = new Map<string, RecordedDefinition>();
  for (const [sequence, { definition, feeds }] of known)
    definitions.set(sequence, toRecorded(definition, feeds));
  const unknown = sequences.filter((sequence) => !known.has(sequence));
  if (unknown.length === 0) return definitions;
  const listed = namedSql(unknown);
  const [rows = [], feedRows = []] = await endpoint.read({ expected, locks: catalogLocks }, [
    definitionsSql(listed),
    feedsSql(listed),
  ]);
  const feeds = toFeeds(feedRows as FeedRow[]);
  const definitionOf = sharedDefinitions();
  for (const row of rows as DefinitionRow[]) {
    const sequence = unknown[row.i];
    if (sequence !== undefined)
      definitions.set(sequence, toRecorded(definitionOf(row), feeds.get(Number(row.oid)) ?? []));
  }
  return definitions;
}

/** Most sequences of a page share one definition. */
const texts = new WeakMap<Definition, string>();

function toRecorded(definition: Definition, feeds: readonly Feed[]): RecordedDefinition {
  let text = texts.get(definition);
  if (text === undefined) {
    text = definitionText(definition);
    texts.set(definition, text);
  }
  // A default that is more than nextval would be replaced by less.
  const plain = feeds.filter((feed) => feed.plain && feed.via !== 'owned');
  return { definition: text, feeds: plain.map(({ column }) => column) };
}

interface DefinitionRow extends DefinitionColumns, Record<string, unknown> {
  i: number;
  oid: string;
}

/**
 * The sequences with these names. Names go as bytes in UTF-8. Those in ASCII are each found by an index; the others are compared as bytes, in one pass
 * over all sequences, since this database may not be able to write them.
 */
function namedSql(sequences: readonly string[]): string {
  const parts = sequences.map((sequence, i) => ({ i, names: partsOfName(sequence) }));
  const isAscii = ({ names }: { names: readonly string[] }) => names.every((name) => /^[ -~]*$/u.test(name));
  const ascii = parts.filter(isAscii);
  const others = parts.filter((one) => !isAscii(one));
  return [
    ...(ascii.length === 0
      ? []
      : [
          `SELECT a.i, c.oid FROM ${given(ascii)}
           CROSS JOIN LATERAL (
             SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = convert_from(a.name, getdatabaseencoding())::name
               AND n.nspname = convert_from(a.schema, getdatabaseencoding())::name AND c.relkind = 'S' OFFSET 0
           ) c`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `SELECT a.i, c.oid FROM ${given(others)}
           JOIN (
             SELECT c.oid, ${bytesOf('c.relname')} AS name, ${bytesOf('n.nspname')} AS schema
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE CASE WHEN c.relkind = 'S' THEN true ELSE false END OFFSET 0
           ) c USING (schema, name)`,
        ]),
  ].join('\nUNION ALL\n');
}

function given(names: readonly { i: number; names: readonly string[] }[]): string {
  const hex = (index: number) =>
    `'${arrayLiteral(names.map((one) => Buffer.from(one.names[index] ?? '').toString('hex')))}'::text[]`;
  return `(
    SELECT i, decode(s, 'hex') AS schema, decode(n, 'hex') AS name
    FROM unnest('${arrayLiteral(names.map(({ i }) => i))}'::int4[], ${hex(0)}, ${hex(1)}) given (i, s, n)
    OFFSET 0
  ) a`;
}

const definitionsSql = (listed: string) => `
  SELECT l.i, l.oid::int8, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, s.seqstart
  FROM (${listed}) l
  CROSS JOIN LATERAL (SELECT s.* FROM pg_sequence s WHERE s.seqrelid = l.oid OFFSET 0) s`;
