import type { RecordedDefinition } from '../../steps/evidence.js';
import type { Identity } from '../../steps/identity.js';
import { definitionText } from '../../sequences/definition-text.js';
import { partsOfName } from '../../sequences/identifier.js';
import type { Definition } from '../../sequences/sequence.js';
import { arrayLiteral } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { type CatalogMemory, catalogMemory } from './catalog-memory.js';
import { type Feed, type FeedRow, feedsSql, toFeeds } from './feeds.js';
import { bytesOf } from './listed-sequences.js';
import { feedKey } from './data-columns.js';
import { readDefaultTexts } from './default-texts.js';
import { type DefinitionColumns, sharedDefinitions } from './definition-rows.js';

/**
 * The definitions of sequences, and the defaults of columns that call them, by the quoted names of the sequences. Pages that this worker has in its
 * memory are not read again. A sequence that the server does not have is missing from the answer.
 */
export async function readDefinitions(
  endpoint: Endpoint,
  expected: Identity,
  sequences: readonly string[],
  memory: CatalogMemory = catalogMemory,
): Promise<Map<string, RecordedDefinition>> {
  const known = memory.lastKnown(endpoint, expected, new Set(sequences));
  const found: [string, Definition, readonly Feed[]][] = [];
  for (const [sequence, { definition, feeds }] of known) found.push([sequence, definition, feeds]);
  const unknown = sequences.filter((sequence) => !known.has(sequence));
  if (unknown.length > 0) found.push(...(await readUnknown(endpoint, expected, unknown)));
  const texts = await readDefaultTexts(
    endpoint,
    expected,
    found.flatMap(([, , feeds]) => feeds),
  );
  return new Map(
    found.map(([sequence, definition, feeds]) => [sequence, toRecorded(definition, feeds, texts)]),
  );
}

async function readUnknown(
  endpoint: Endpoint,
  expected: Identity,
  unknown: readonly string[],
): Promise<[string, Definition, readonly Feed[]][]> {
  const listed = namedSql(unknown);
  const [rows = [], feedRows = []] = await endpoint.read({ expected, locks: CATALOG_LOCKS }, [
    definitionsSql(listed),
    feedsSql(listed),
  ]);
  const feeds = toFeeds(feedRows as FeedRow[]);
  const definitionOf = sharedDefinitions();
  return (rows as DefinitionRow[]).flatMap((row): [string, Definition, readonly Feed[]][] => {
    const sequence = unknown[row.i];
    return sequence === undefined ? [] : [[sequence, definitionOf(row), feeds.get(Number(row.oid)) ?? []]];
  });
}

/** Most sequences of a page share one definition, so its text is made once. */
const definitionTexts = new WeakMap<Definition, string>();

function toRecorded(
  definition: Definition,
  feeds: readonly Feed[],
  texts: ReadonlyMap<string, string>,
): RecordedDefinition {
  let text = definitionTexts.get(definition);
  if (text === undefined) {
    text = definitionText(definition);
    definitionTexts.set(definition, text);
  }
  const plain = feeds.filter((feed) => feed.plain && feed.via !== 'owned');
  const defaults: Record<string, string> = {};
  for (const feed of feeds) {
    const ofColumn = feed.plain ? undefined : texts.get(feedKey(feed));
    if (ofColumn !== undefined && feed.via === 'default') defaults[feed.column] = ofColumn;
  }
  return { definition: text, feeds: plain.map(({ column }) => column), defaults };
}

interface DefinitionRow extends DefinitionColumns, Record<string, unknown> {
  i: number;
  oid: string;
}

/**
 * A query for the sequences with these names. Names are passed as bytes in UTF-8. ASCII names are looked up by an index. Other names are
 * compared as bytes, in one pass over all sequences, since the encoding of this database may lack some of their characters.
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
