import { listFirst } from '../../contract/list-first.js';
import type { Finding } from '../../contract/status.js';
import { makeFinding } from '../../findings/make-finding.js';
import { partsOfName, qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import { digest } from '../../steps/digest.js';
import type { Obstruction } from '../../steps/obstruction.js';

/** The finding names at most this many, and its remedy has their queries. */
const NAMED = 5;

/**
 * One finding about all columns, domains and tables of the standby that may take values from a sequence without a sign of it in the catalog.
 *
 * @param found those of the kind `hidden`; a table with several triggers is there several times
 * @param sides where the rows can be read
 */
export function hiddenFeeds(
  found: readonly Obstruction[],
  sides: 'both sides' | 'the standby' = 'both sides',
): Finding[] {
  if (found.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { what, detail } of found) reasons.set(what, [...(reasons.get(what) ?? []), detail ?? '']);
  const described = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1));
  const names = described.map(([what]) => what);
  const things = names.map((name) => digest(name)).sort();
  return [
    {
      ...makeFinding('FEEDS_UNKNOWN', {
        ...{ sequence: null, count: names.length, subject: digest(things.join(' ')) },
        message: `on the standby nextval is called in a way that the catalog does not connect with a column, so the sequence is set like any other, but its rows and limits there were not checked: ${listFirst(
          described.map(([what, why]) => `${what} (${why.sort().join('; ')})`),
          NAMED,
        )}`,
        remedy: compareRows(names.slice(0, NAMED), sides),
      }),
      things,
    },
  ];
}

/** Of domains, and of tables with triggers, the columns are not known. */
function compareRows(names: readonly string[], sides: string): string {
  const queries = names.flatMap((name) => {
    const [schema = '', table = '', column] = partsOfName(name);
    return column === undefined
      ? []
      : [`SELECT max(${quoteIdentifier(column)}) FROM ${qualifiedName(schema, table)};`];
  });
  const query = queries.length === 0 ? '' : `, on ${sides}: ${queries.join(' ')}`;
  return `compare the furthest values of the columns with the next values of their sequences${query}${query === '' ? ';' : ''} where a sequence is behind, set it past its rows. Where a default can name its sequence, as nextval('…'::regclass) does, every run checks this`;
}
