import type { Identity } from '../../steps/identity.js';
import { partsOfName, qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import type { RangeLimit, Restriction, Widening } from '../../sequences/sequence.js';
import { readCheck } from './check-expression.js';
import { BPCHAR, type LimitsRow, limitsSql, VARCHAR } from './column-limits-sql.js';
import { type ConstraintText, readConstraints } from './constraint-texts.js';
import { feedKey } from './data-columns.js';
import { readDefault } from './default-expression.js';
import { digits } from './digits.js';
import { readTrees, type TreeTable } from './descendants.js';
import { type Domain, readDomains } from './domain-limits.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { exactTypes } from './exact-types.js';
import type { Feed } from './feeds.js';
import { limitsOfIndexes } from './index-limits.js';
import { treeLimits } from './tree-limits.js';
import { referringLimits } from './referring-limits.js';
import { limitOfRanges } from './value-ranges.js';
import { widenCheck, widenDefault, widenLength } from './widen-limits.js';

/** The limits of the values of a fed column, besides its type. */
export interface ColumnLimits {
  limits: (Restriction | RangeLimit)[];
  /** Limits whose range was not computed, such as `the check constraint even of public.t: CHECK (…)`. */
  notComputed: string[];
  /** The domain of the column, quoted where needed. Absent if its type is none. */
  domain?: string;
}

type FedColumn = Pick<
  Feed,
  | 'column'
  | 'oid'
  | 'attnum'
  | 'name'
  | 'relkind'
  | 'isAlone'
  | 'hasTriggers'
  | 'plain'
  | 'isExpression'
  | 'via'
  | 'inheritedFrom'
>;

/**
 * Reads everything that may refuse a value which the type of the column accepts: check constraints, foreign keys, domains, declared lengths,
 * defaults that shorten values, generated columns, and the tables below. Hardly any column has one of these; then a single
 * query of the catalog is enough for all columns. A second query reads the partitions and the inheriting tables, where there are any.
 *
 * @returns an entry for each column that has a limit, with the key of `feedKey`
 */
export async function readColumnLimits(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly FedColumn[],
): Promise<Map<string, ColumnLimits>> {
  const found = new Map<string, ColumnLimits>();
  const unknown: FedColumn[] = [];
  for (const feed of feeds) {
    const limits = known.get(feed);
    if (limits === undefined) unknown.push(feed);
    else if (limits !== null) found.set(feedKey(feed), limits);
  }
  const { limits, unread } = await lookUp(endpoint, expected, unknown);
  for (const feed of unknown) {
    const key = feedKey(feed);
    const ofColumn = limits.get(key) ?? null;
    if (!unread.has(key)) known.set(feed, ofColumn);
    if (ofColumn !== null) found.set(key, ofColumn);
  }
  return found;
}

/** In the form in which `findDataColumns` keeps them; null for none. Facts that could not be read are read again. */
const known = new WeakMap<object, ColumnLimits | null>();

async function lookUp(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly FedColumn[],
): Promise<{ limits: Map<string, ColumnLimits>; unread: Set<string> }> {
  // If another sequence feeds the column that this one owns, it decides how the column is read.
  const ownersFirst = [...feeds].sort((a, b) => Number(b.via === 'owned') - Number(a.via === 'owned'));
  const fed = new Map(
    ownersFirst.map((feed) => [feedKey(feed), feed.via === 'owned' ? { ...feed, plain: true } : feed]),
  );
  const found = new Map<string, ColumnLimits>();
  const unread = new Set<string>();
  if (fed.size === 0) return { limits: found, unread };
  const [rows = []] = await endpoint.read<LimitsRow>({ expected, locks: CATALOG_LOCKS }, [
    limitsSql([...fed.values()]),
  ]);
  const domains = await readDomains(
    endpoint,
    expected,
    rows.flatMap(({ is_domain, type, referring }) => [
      ...(is_domain ? [Number(type)] : []),
      ...(referring ?? []).flatMap((one) => (one.isDomain ? [one.type] : [])),
    ]),
  );
  const trees = await readTrees(endpoint, expected, [...fed.values()]);
  const wanted = wantedChecks(rows, trees);
  const constraints = await readConstraints(endpoint, expected, [...wanted.values()].flat());
  for (const row of rows) {
    const key = feedKey({ oid: Number(row.oid), attnum: row.attnum });
    const feed = fed.get(key);
    if (feed !== undefined) found.set(key, limitsOf(feed, row, domains, constraints));
  }
  for (const [key, tree] of trees) {
    const feed = fed.get(key);
    if (feed === undefined) continue;
    const { limits, notComputed, ...more } = found.get(key) ?? { limits: [], notComputed: [] };
    const below = treeLimits(tree, { name: feed.name, isPlain: feed.plain }, constraints);
    found.set(key, {
      ...more,
      limits: [...limits, ...below.limits],
      notComputed: [...notComputed, ...below.notComputed],
    });
  }
  for (const [key, { limits, notComputed, domain }] of found)
    if (limits.length + notComputed.length === 0 && domain === undefined) found.delete(key);
  for (const [key, checks] of wanted)
    if (checks.some(({ oid }) => !('definition' in (constraints.get(oid) ?? {})))) unread.add(key);
  return { limits: found, unread };
}

/** The check constraints of each column, by `feedKey`: those of its table, and those of the tables below it. */
function wantedChecks(
  rows: readonly LimitsRow[],
  trees: ReadonlyMap<string, readonly TreeTable[]>,
): Map<string, { table: number; oid: number }[]> {
  const wanted = new Map<string, { table: number; oid: number }[]>();
  for (const { oid, attnum, checks } of rows) {
    const table = Number(oid);
    wanted.set(
      feedKey({ oid: table, attnum }),
      (checks ?? []).map((check) => ({ table, oid: check.oid })),
    );
  }
  for (const [key, tree] of trees) {
    const below = tree.flatMap(({ oid, checks }) => checks.map((check) => ({ table: oid, oid: check.oid })));
    if (below.length > 0) wanted.set(key, [...(wanted.get(key) ?? []), ...below]);
  }
  return wanted;
}

function limitsOf(
  feed: FedColumn,
  row: LimitsRow,
  allDomains: ReadonlyMap<number, readonly Domain[]>,
  constraints: ReadonlyMap<number, ConstraintText>,
): ColumnLimits {
  const domains = allDomains.get(Number(row.type)) ?? [];
  const [domain] = domains;
  const all: ColumnLimits = {
    ...{ limits: [], notComputed: [] },
    ...(domain !== undefined && { domain: domain.name }),
  };
  const [schema = '', table = ''] = partsOfName(feed.column);
  const ofTable = qualifiedName(schema, table);
  addChecks(all, feed, row, ofTable, constraints);
  // A next value is valid only if the other table has a row with it.
  for (const name of row.foreign_keys ?? [])
    all.notComputed.push(`the foreign key ${quoteIdentifier(name)} of ${ofTable}`);
  addDomainChecks(all, feed, domains);
  const isCut = addDefault(all, feed, row);
  const own = widenLength(feed.column, feed.inheritedFrom);
  addType(all, feed, Number(row.type), { mod: row.mod, isCut, widening: feed.relkind === 'v' ? null : own });
  for (const { name, base, mod } of domains)
    addType(all, feed, base, { mod, isCut, widening: null, domain: name });
  if (feed.plain) all.limits.push(...referringLimits(feed.column, row.referring ?? [], allDomains));
  if (feed.plain && row.other_type !== null)
    all.notComputed.push(`the type of ${feed.column}, ${row.other_type}`);
  for (const column of row.generated ?? [])
    all.notComputed.push(`the generated column ${qualifiedName(schema, table, column)}`);
  all.notComputed.push(...limitsOfIndexes(row, ofTable));
  return all;
}

/** @returns whether the default cuts the values to a number of digits */
function addDefault(all: ColumnLimits, feed: FedColumn, { expression }: LimitsRow): boolean {
  if (expression === null) return false;
  const { digits: kept, unknown } = readDefault(expression);
  if (kept !== null)
    all.limits.push({
      ...{ type: 'restriction', ...digits(kept) },
      of: `the default of ${feed.column}, which keeps ${kept} digits`,
      ...withWidening(widenDefault(feed.column, expression)),
    });
  if (unknown !== null) all.notComputed.push(`the default of ${feed.column}: ${unknown}`);
  return kept !== null;
}

function addChecks(
  all: ColumnLimits,
  feed: FedColumn,
  { checks, referring }: LimitsRow,
  ofTable: string,
  constraints: ReadonlyMap<number, ConstraintText>,
): void {
  for (const { oid, name, inherited, wholeRow } of checks ?? []) {
    const of = `the check constraint ${quoteIdentifier(name)} of ${ofTable}`;
    // It is dropped only on the table that it comes from.
    const widen = inherited
      ? () => null
      : (definition: string) =>
          widenCheck({ table: ofTable }, name, { definition, referring: referring ?? [] });
    addCheck(all, feed, of, { text: constraints.get(oid), column: feed.name, widen, wholeRow });
  }
}

function addDomainChecks(all: ColumnLimits, feed: FedColumn, domains: readonly Domain[]): void {
  for (const { name, checks } of domains) {
    for (const check of checks) {
      const of = `the check constraint ${quoteIdentifier(check.name)} of the domain ${name}`;
      addCheck(all, feed, of, {
        ...{ text: { definition: check.definition }, column: 'VALUE' },
        widen: (definition) => widenCheck({ domain: name }, check.name, { definition }),
      });
    }
  }
}

function addCheck(
  all: ColumnLimits,
  feed: FedColumn,
  of: string,
  {
    text,
    column,
    widen,
    wholeRow = false,
  }: {
    text: ConstraintText | undefined;
    column: string;
    widen: (definition: string) => Widening | null;
    wholeRow?: boolean;
  },
): void {
  if (text === undefined || 'problem' in text) {
    all.notComputed.push(`${of}, which could not be read: ${text?.problem ?? 'it was dropped meanwhile'}`);
    return;
  }
  const { ranges, isWhole } = readCheck(text.definition, column);
  const limit = limitOfRanges(ranges, { of, ...withWidening(widen(text.definition)) });
  if (limit !== null && feed.plain) all.limits.push(limit);
  if (!isWhole || wholeRow || ranges.length === 0 || (limit !== null && !feed.plain))
    all.notComputed.push(`${of}: ${text.definition}`);
}

function addType(
  all: ColumnLimits,
  feed: FedColumn,
  type: number,
  {
    mod,
    isCut,
    widening,
    domain,
  }: { mod: number; isCut: boolean; widening: Widening | null; domain?: string },
): void {
  const other = exactTypes.get(type);
  if (other !== undefined && feed.plain) {
    const { name, low, high, rounds } = other;
    const of = `its ${name} column ${feed.column}`;
    const beyond = `${of}, which rounds values beyond ${String(high)}: then a unique index refuses some of them`;
    all.limits.push(
      rounds
        ? { type: 'ranges', ranges: [{ low, high, of }], isComplete: false, beyond }
        : { type: 'restriction', low, high, of },
    );
  }
  // The modifier of a type with a length is the length and four: see `anychar_typmodin` in src/backend/utils/adt/varchar.c.
  if ((type !== BPCHAR && type !== VARCHAR) || mod < 5) return;
  const length = mod - 4;
  const declared = `${type === BPCHAR ? 'character' : 'character varying'}(${length})`;
  if (feed.plain)
    all.limits.push({
      ...{ type: 'restriction', ...digits(length), of: `its ${declared} column ${feed.column}` },
      ...withWidening(widening),
      ...(domain !== undefined && {
        byHand: `the column ${feed.column} by another type, since PostgreSQL does not change the length of its domain ${domain}`,
      }),
    });
  else if (!isCut) all.notComputed.push(`the length of ${feed.column}, ${declared}`);
}

const withWidening = (widen: Widening | null): Pick<Restriction, 'widen'> =>
  widen === null ? {} : { widen };
