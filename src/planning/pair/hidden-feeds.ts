import { listFirst } from '../../contract/list-first.js';
import type { Finding } from '../../contract/status.js';
import { makeFinding } from '../../findings/make-finding.js';
import { partsOfName, qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import { digest } from '../../steps/digest.js';
import type { Obstruction } from '../../steps/obstruction.js';

/** A finding names at most this many, and the remedy about triggers has their statements. */
const NAMED = 5;

/** The remedy about nextval has the queries of at most this many columns. It stays the same until the schema is changed. */
const QUERIES = 20;

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
        remedy: compareRows(names, sides),
      }),
      things,
    },
  ];
}

/**
 * One finding about all columns of the standby to which a trigger assigns values there, and not on the primary: no sequence gives them, and the
 * first insert may repeat a key.
 *
 * @param onPrimary and `onStandby`: those of the kind `assigned`
 */
export function assigningTriggers(
  onPrimary: readonly Obstruction[],
  onStandby: readonly Obstruction[],
): Finding[] {
  const known = new Set(onPrimary.map(keyOf));
  const found = onStandby.filter((one) => !known.has(keyOf(one)));
  if (found.length === 0) return [];
  const described = found.map(
    ({ what, owner, detail }) => `${what} (its trigger ${owner ?? ''} calls ${detail ?? ''})`,
  );
  const things = found.map((one) => digest(keyOf(one))).sort();
  return [
    {
      ...makeFinding('FEEDS_UNKNOWN', {
        ...{ sequence: null, count: found.length, subject: digest(things.join(' ')) },
        message: `on the standby triggers assign values of their own to columns that have a sequence, and the primary has no such triggers: inserts there may repeat keys: ${listFirst(described.sort(), NAMED)}`,
        remedy: `no action is needed if these values can never repeat a key; otherwise on the standby, as the owner of the table or a superuser: ${disableTriggers(found)}`,
      }),
      things,
    },
  ];
}

/** A trigger with another function has another state, and assigns in another way. */
const keyOf = ({ what, state }: Obstruction) => `${what} ${state ?? ''}`;

function disableTriggers(found: readonly Obstruction[]): string {
  const statements = found.map(({ what, owner }) => {
    const [schema = '', table = ''] = partsOfName(what);
    return `ALTER TABLE ${qualifiedName(schema, table)} DISABLE TRIGGER ${owner ?? ''};`;
  });
  const all = [...new Set(statements)].sort();
  const left = all.length - NAMED;
  const others = left > 0 ? `. When this is done, a run in the mode check names the other ${left}` : '';
  return `${all.slice(0, NAMED).join(' ')} or give them the functions of the primary${others}`;
}

/** Of domains, and of tables with triggers, the columns are not known. */
function compareRows(names: readonly string[], sides: string): string {
  const queries = names.flatMap((name) => {
    const [schema = '', table = '', column] = partsOfName(name);
    return column === undefined
      ? []
      : [`SELECT max(${quoteIdentifier(column)}) FROM ${qualifiedName(schema, table)};`];
  });
  const which = queries.length > QUERIES ? ` (the first ${QUERIES} of ${queries.length} columns)` : '';
  const query = queries.length === 0 ? ';' : `, on ${sides}${which}: ${queries.slice(0, QUERIES).join(' ')}`;
  const others =
    which === '' ? '' : '. In the output of pg_dump --schema-only, grep nextval finds all of them';
  return `compare the furthest values of the columns with the next values of their sequences${query} where a sequence is behind, set it past its rows. Where a default can name its sequence, as nextval('…'::regclass) does, every run checks this${others}`;
}
