import type { Identity } from '../../steps/identity.js';
import type { ReadObstacle } from '../../steps/read-problem.js';
import { feedKey, findDataColumns, type DataColumn } from './data-columns.js';
import { describeFailure } from '../failures/describe-failure.js';
import type { Endpoint, Row } from '../endpoint.js';
import { findEmptyTables } from './empty-tables.js';
import type { Feed } from './feeds.js';
import { chunksOf } from '../session/chunks.js';
import type { Timeouts } from '../failures/narrow-down-failures.js';
import { narrowDownInParts } from '../failures/narrow-down-in-parts.js';

/** A sequence whose columns are read; a `SequenceReading` is one. */
export interface FedSequence {
  oid: number;
  definition: { increment: bigint };
  feeds: readonly FedColumn[];
}

/** The facts that are needed to read a fed column. */
export type FedColumn = Pick<Feed, 'column' | 'oid' | 'attnum' | 'name' | 'plain' | 'via' | 'type'>;

/** The furthest row of a sequence's columns. */
export interface Furthest {
  /**
   * The furthest value in any column that was read, in the direction of the increment; null if there is none. A fraction is rounded towards
   * the sequence. NaN and infinities do not count.
   */
  furthest: bigint | null;
  /** Why some columns were not read, and the remedy; null if all were. */
  notChecked: NotChecked | null;
}

/** Why the rows of some columns were not read. */
export interface NotChecked extends ReadObstacle {
  /** The columns that were not read. */
  columns: string[];
}

const rowTimeouts: Timeouts = { lockTimeoutMs: 2_000, statementTimeoutMs: 15_000 };

/**
 * Reads the furthest rows of the columns that sequences feed. It reads only through an index that leads to the furthest row at once, and
 * never in spite of row-level security. One round trip reads as many tables as the lock budget allows. If a table fails, it is reported,
 * and the others are read. A column that only owns the sequence is read too, since something else may call nextval for it.
 *
 * @param again whether the same sequences are read again soon, so that the session keeps the plans. The plans of 10,000 tables take about
 * 80 MB of the server's memory
 * @returns an entry for each of `sequences` that feeds a column, by its oid
 * @throws errors that are not about a single table, such as a lost connection
 */
export async function readFurthest(
  endpoint: Endpoint,
  expected: Identity,
  sequences: readonly FedSequence[],
  again = false,
): Promise<Map<number, Furthest>> {
  const fed = sequences.filter(({ feeds }) => feeds.length > 0);
  const feeds = fed.flatMap((sequence) => sequence.feeds.filter(isComparable));
  const columns = await findDataColumns(endpoint, expected, feeds);
  const ends = new Map(fed.map((sequence) => [sequence.oid, endsOf(sequence, columns)]));
  await readEnds(endpoint, expected, [...ends.values()].flat(), again);
  return new Map(
    fed.map((sequence) => [sequence.oid, furthestOf(sequence, ends.get(sequence.oid) ?? [], columns)]),
  );
}

/** A value that is read for a sequence: the furthest value of one column of one table, or its first value from a given value on. */
export interface End {
  of: DataColumn;
  /** Null for the furthest value. */
  from: bigint | null;
  /** From `from` on, only values that are a multiple of this away count; 1 for all. */
  step: bigint;
  ascending: boolean;
  /** Only numeric has fractions, NaN and infinities. */
  isNumeric: boolean;
  value: bigint | null;
  obstacle: ReadObstacle | null;
}

/** Whether the values in the column can be compared with those of the sequence: unchanged, and of a numeric type. */
export function isComparable({ plain, via, type }: FedColumn): boolean {
  return (plain || via === 'owned') && type !== null;
}

/**
 * The values to read for a sequence: one for each table of each of its columns. `from` is null for the furthest value. From a value on, only rows of
 * the sequence's own phase count: it never hands out those of another region, for example.
 */
export function endsOf(
  { definition, feeds }: FedSequence,
  columns: Map<string, DataColumn[]>,
  from: bigint | null = null,
): End[] {
  return feeds.filter(isComparable).flatMap((feed) =>
    (columns.get(feedKey(feed)) ?? []).map((of) => ({
      of,
      from,
      step: definition.increment > 0n ? definition.increment : -definition.increment,
      ascending: definition.increment > 0n,
      isNumeric: feed.type === 'numeric',
      value: null,
      obstacle: of.obstacle,
    })),
  );
}

function furthestOf(
  { definition, feeds }: FedSequence,
  ends: readonly End[],
  columns: Map<string, DataColumn[]>,
): Furthest {
  const ascending = definition.increment > 0n;
  let furthest: bigint | null = null;
  for (const { value } of ends) {
    if (value === null) continue;
    if (furthest === null || (ascending ? value > furthest : value < furthest)) furthest = value;
  }
  const obstacles: (ReadObstacle & { column: string })[] = [];
  for (const feed of feeds) {
    const obstacle = obstacleOf(feed, columns);
    if (obstacle !== null) obstacles.push({ ...obstacle, column: feed.column });
  }
  for (const { of, obstacle } of ends)
    if (obstacle !== null) obstacles.push({ ...obstacle, column: `${of.table}.${of.column}` });
  return { furthest, notChecked: summarize(obstacles) };
}

function obstacleOf(feed: FedColumn, columns: Map<string, DataColumn[]>): ReadObstacle | null {
  if (feed.via === 'owned') return null;
  if (!isComparable(feed)) {
    return {
      reason: `${feed.column} ${feed.plain ? 'is not of an integer or numeric type' : 'holds an expression over the sequence’s values'}`,
      remedy: 'compare the furthest row with the target yourself',
      remedyIs: 'advice',
    };
  }
  if (columns.has(feedKey(feed))) return null;
  return {
    reason: `${feed.column} was dropped meanwhile`,
    remedy: 'signal resynchronize, which reads the columns again',
    remedyIs: 'advice',
  };
}

/** The remedies of a sequence name at most this many tables. A partitioned table can have thousands. */
const REMEDIES_NAMED = 5;

/** One reason stands for all of them. Statements come before advice, since the side and the role to run them with are named at the beginning. */
function summarize(obstacles: readonly (ReadObstacle & { column: string })[]): NotChecked | null {
  const inOrder = [...obstacles].sort((a, b) => Number(isAdvice(a)) - Number(isAdvice(b)));
  const [first] = inOrder;
  if (!first) return null;
  const columns = [...new Set(obstacles.map(({ column }) => column))];
  const { reason, remedy, remedyIs = 'advice' } = first;
  if (obstacles.length === 1) return { reason, remedy, remedyIs, columns };
  const remedies = [...new Set(inOrder.map((one) => one.remedy))];
  return {
    reason: `${reason}, and ${obstacles.length - 1} more`,
    remedy:
      remedies.length > REMEDIES_NAMED
        ? `${inSentences(remedies.slice(0, REMEDIES_NAMED))} When this is done, a run in the mode check names the other ${remedies.length - REMEDIES_NAMED}`
        : inSentences(remedies),
    remedyIs,
    columns,
  };
}

/** Statements end with a semicolon, and advice does not. */
function inSentences(remedies: readonly string[]): string {
  return remedies.map((one, at) => (at < remedies.length - 1 ? one.replace(/;?$/u, ';') : one)).join(' ');
}

function isAdvice({ remedyIs }: ReadObstacle): boolean {
  return remedyIs !== 'statements';
}

/** Reads the values, and writes each into its `value`, or the reason for which it could not be read into its `obstacle`. */
export async function readEnds(
  endpoint: Endpoint,
  expected: Identity,
  ends: readonly End[],
  again = false,
): Promise<void> {
  const byTable = new Map<number, End[]>();
  for (const end of ends) {
    if (end.obstacle) continue;
    const ofTable = byTable.get(end.of.oid);
    if (ofTable) ofTable.push(end);
    else byTable.set(end.of.oid, [end]);
  }
  const heaps = [...byTable].flatMap(([oid, [first]]) => (first?.of.isHeap === true ? [oid] : []));
  const empty = await findEmptyTables(endpoint, expected, heaps);
  // Where plans are kept, an empty table keeps its place: plans are found by their texts.
  if (!again) for (const oid of empty) byTable.delete(oid);
  const locks = (oid: number) => byTable.get(oid)?.[0]?.of.locks ?? 0;
  const most = await endpoint.locksPerTransaction();
  // One part after the other, so that all are read by the session that has the tables in its cache.
  const failures = await narrowDownInParts(endpoint, expected, [...byTable.keys()], {
    purpose: 'read',
    timeouts: rowTimeouts,
    partsOf: (tables) => chunksOf(tables, most, locks),
    attempt: async (some, timeouts) => {
      const wanted = some.flatMap((oid) => byTable.get(oid) ?? []);
      const options = {
        expected,
        locks: some.reduce((sum, oid) => sum + locks(oid), 0),
        ...timeouts,
      };
      const groups = inGroups(wanted, again ? VALUES_PER_KEPT_STATEMENT : VALUES_PER_STATEMENT).filter(
        (group) => group.some(({ of }) => !empty.has(of.oid)),
      );
      if (groups.length === 0) return;
      const texts = groups.map(groupSql);
      const answers = await (again
        ? endpoint.read<EndsRow>(options, settings, texts)
        : endpoint.read<EndsRow>(options, [...settings, ...texts]));
      for (const [index, group] of groups.entries()) {
        const values = answers[settings.length + index]?.[0]?.ends.split(',') ?? [];
        for (const [i, end] of group.entries()) {
          const value = values[i] ?? '';
          end.value = value === '' ? null : BigInt(value);
        }
      }
    },
  });
  for (const [oid, failure] of failures) {
    const { reason, remedy } = describeFailure(failure, endpoint.side);
    for (const end of byTable.get(oid) ?? []) {
      end.obstacle = { reason: `${end.of.table} could not be read. ${reason}`, remedy, remedyIs: 'advice' };
    }
  }
}

/**
 * The number of values that one statement reads. A statement for each takes a third longer. One for all takes even longer, since planning
 * grows faster than their number.
 */
const VALUES_PER_STATEMENT = 5;

/** The same for a statement whose plan is kept. With each plan the server keeps the text of the whole message. */
const VALUES_PER_KEPT_STATEMENT = 25;

function inGroups(ends: readonly End[], size: number): (readonly End[])[] {
  const count = Math.ceil(ends.length / size);
  return Array.from({ length: count }, (_, i) => ends.slice(i * size, (i + 1) * size));
}

interface EndsRow extends Row {
  /** Separated by commas; an empty text is null. */
  ends: string;
}

/** One text instead of many columns: half of the worker's time for an answer depends on the number of columns. */
function groupSql(group: readonly End[]): string {
  return `SELECT concat(${group.map((end) => `(${endSql(end)})`).join(`, ',', `)}) AS ends`;
}

const settings = [
  // With row_security off, a policy that would hide rows is an error instead.
  'SET LOCAL row_security TO off',
  'SET LOCAL enable_seqscan TO off',
  // The planner would consider parallel plans, and never choose one.
  'SET LOCAL max_parallel_workers_per_gather TO 0',
];

/** The largest power of ten in numeric. Before PostgreSQL 14, numeric has no 'Infinity'. */
const beyondAll = '1e131071';

/**
 * Reads the end of the index, which takes two thirds of the planning time of min and max. These are used for an index with its nulls at the
 * other end, which ORDER BY cannot use (https://www.postgresql.org/docs/current/indexes-ordering.html). NaN sorts above Infinity. ONLY
 * leaves out the tables below, which are read separately.
 */
function endSql({ of, from, step, ascending, isNumeric }: End): string {
  const { table, isOrdered } = of;
  const column = `t.${of.column}`;
  const isUpper = ascending === (from === null);
  const end = isOrdered ? column : `${isUpper ? 'max' : 'min'}(${column})`;
  const whole = isNumeric ? `${ascending ? 'floor' : 'ceil'}(${end})` : end;
  const conditions = [
    ...(isNumeric ? [`${column} < '${beyondAll}'`, `${column} > '-${beyondAll}'`] : []),
    ...(from === null ? [] : [`${column} ${ascending ? '>=' : '<='} ${String(from)}`]),
    // As numeric, since the difference may be outside of bigint.
    ...(from === null || step === 1n
      ? []
      : [`(${column}::numeric - (${String(from)})) % ${String(step)} = 0`]),
    // The condition takes a fifth of the time, so it is left out if every row meets it.
    ...(isNumeric || of.isInPrimaryKey ? [] : [`${column} IS NOT NULL`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = isOrdered ? ` ORDER BY ${column} ${isUpper ? 'DESC' : 'ASC'} LIMIT 1` : '';
  return `SELECT ${whole} FROM ONLY ${table} t${where}${order}`;
}
