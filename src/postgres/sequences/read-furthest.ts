import type { Identity } from '../../steps/identity.js';
import { feedKey, findDataColumns, type DataColumn, type Obstacle } from './data-columns.js';
import { describeFailure } from '../failures/describe-failure.js';
import type { Endpoint, Row } from '../endpoint.js';
import type { Feed } from './feeds.js';
import { inChunks } from '../session/in-chunks.js';
import { narrowDownFailures, type Patience } from '../failures/narrow-down-failures.js';

/** A sequence whose columns' data is asked for; a `SequenceReading` is one. */
export interface Fed {
  oid: number;
  definition: { increment: bigint };
  feeds: readonly FedColumn[];
}

/** What it takes to read a fed column. */
export type FedColumn = Pick<Feed, 'column' | 'oid' | 'attnum' | 'name' | 'plain' | 'via' | 'type'>;

export interface Furthest {
  /**
   * The furthest value in any column that was looked at, in the direction of the increment, a fraction cut off on the side
   * that the sequence comes from; null if there is none. NaN and infinities do not count.
   */
  furthest: bigint | null;
  /** Why some column was not looked at, and how to mend or circumvent that; null if all were. */
  notChecked: NotChecked | null;
}

export interface NotChecked extends Obstacle {
  /** Which columns were not looked at. */
  columns: string[];
}

const patience: Patience = { lockTimeoutMs: 2_000, statementTimeoutMs: 15_000 };

/**
 * Looks at the rows that sequences have numbered, only through an index that leads to the furthest at once, and never past
 * row-level security. One round trip for as many tables as the lock budget allows; one that fails is reported, and the
 * others are read. A column that merely owns its sequence counts: something else may call nextval for it.
 *
 * @returns an entry for each of `sequences` that feeds a column, by its oid
 * @throws what concerns no single table, such as a lost connection
 */
export async function readFurthest(
  endpoint: Endpoint,
  expected: Identity,
  sequences: readonly Fed[],
): Promise<Map<number, Furthest>> {
  const fed = sequences.filter(({ feeds }) => feeds.length > 0);
  const feeds = fed.flatMap((sequence) => sequence.feeds.filter(isComparable));
  const columns = await findDataColumns(endpoint, expected, feeds);
  const ends = new Map(fed.map((sequence) => [sequence.oid, endsOf(sequence, columns)]));
  await readEnds(endpoint, expected, [...ends.values()].flat());
  return new Map(
    fed.map((sequence) => [sequence.oid, furthestOf(sequence, ends.get(sequence.oid) ?? [], columns)]),
  );
}

/** One end of one column of one table, or the first value from some other on: what a sequence asks for. */
export interface End {
  of: DataColumn;
  /** Null for the furthest. */
  from: bigint | null;
  ascending: boolean;
  /** Only numeric has fractions, NaN and infinities. */
  isNumeric: boolean;
  value: bigint | null;
  obstacle: Obstacle | null;
}

export function isComparable({ plain, via, type }: FedColumn): boolean {
  return (plain || via === 'owned') && type !== null;
}

export function endsOf(
  { definition, feeds }: Fed,
  columns: Map<string, DataColumn[]>,
  from: bigint | null = null,
): End[] {
  return feeds.filter(isComparable).flatMap((feed) =>
    (columns.get(feedKey(feed)) ?? []).map((of) => ({
      of,
      from,
      ascending: definition.increment > 0n,
      isNumeric: feed.type === 'numeric',
      value: null,
      obstacle: of.obstacle,
    })),
  );
}

function furthestOf(
  { definition, feeds }: Fed,
  ends: readonly End[],
  columns: Map<string, DataColumn[]>,
): Furthest {
  const ascending = definition.increment > 0n;
  let furthest: bigint | null = null;
  for (const { value } of ends) {
    if (value === null) continue;
    if (furthest === null || (ascending ? value > furthest : value < furthest)) furthest = value;
  }
  const obstacles: (Obstacle & { column: string })[] = [];
  for (const feed of feeds) {
    const obstacle = obstacleOf(feed, columns);
    if (obstacle !== null) obstacles.push({ ...obstacle, column: feed.column });
  }
  for (const { of, obstacle } of ends)
    if (obstacle !== null) obstacles.push({ ...obstacle, column: `${of.table}.${of.column}` });
  return { furthest, notChecked: summary(obstacles) };
}

function obstacleOf(feed: FedColumn, columns: Map<string, DataColumn[]>): Obstacle | null {
  if (feed.via === 'owned') return null;
  if (!isComparable(feed)) {
    return {
      reason: `${feed.column} ${feed.plain ? 'is not of an integer or numeric type' : 'holds an expression over the sequence’s values'}`,
      remedy: 'compare the furthest row with the target yourself',
    };
  }
  if (columns.has(feedKey(feed))) return null;
  return { reason: `${feed.column} was dropped meanwhile`, remedy: 'resynchronize' };
}

/** Of so many tables of one sequence the remedies are said; a partitioned one can have thousands. */
const TOLD = 5;

/** One reason stands for all. */
function summary(obstacles: readonly (Obstacle & { column: string })[]): NotChecked | null {
  const [first] = obstacles;
  if (!first) return null;
  const columns = [...new Set(obstacles.map(({ column }) => column))];
  if (obstacles.length === 1) return { reason: first.reason, remedy: first.remedy, columns };
  const remedies = [...new Set(obstacles.map(({ remedy }) => remedy))];
  return {
    reason: `${first.reason}, and ${obstacles.length - 1} more`,
    remedy: remedies.length > TOLD ? `${remedies.slice(0, TOLD).join(' ')} And so on` : remedies.join(' '),
    columns,
  };
}

export async function readEnds(endpoint: Endpoint, expected: Identity, ends: readonly End[]): Promise<void> {
  const byTable = new Map<number, End[]>();
  for (const end of ends) {
    if (end.obstacle) continue;
    const ofTable = byTable.get(end.of.oid);
    if (ofTable) ofTable.push(end);
    else byTable.set(end.of.oid, [end]);
  }
  const locks = (oid: number) => byTable.get(oid)?.[0]?.of.locks ?? 0;
  const work = async (tables: readonly number[]): Promise<void> => {
    const failures = await narrowDownFailures(endpoint, expected, tables, {
      purpose: 'read',
      patience,
      attempt: async (some, timeouts) => {
        const wanted = some.flatMap((oid) => byTable.get(oid) ?? []);
        const options = {
          expected,
          locks: some.reduce((sum, oid) => sum + locks(oid), 0),
          ...timeouts,
        };
        const groups = inGroups(wanted);
        const answers = await endpoint.read<EndsRow>(options, [...settings, ...groups.map(groupSql)]);
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
        end.obstacle = { reason: `${end.of.table} could not be read. ${reason}`, remedy };
      }
    }
  };
  // One after the other, so that the session that knows the tables from an earlier look has them again.
  await inChunks([...byTable.keys()], await endpoint.locksPerTransaction(), work, {
    weight: locks,
    atOnce: 1,
  });
}

/** Ends that one statement reads: one for each takes a third longer, and one for all even more, since planning grows faster than their number. */
const TOGETHER = 5;

function inGroups(ends: readonly End[]): (readonly End[])[] {
  const count = Math.ceil(ends.length / TOGETHER);
  return Array.from({ length: count }, (_, i) => ends.slice(i * TOGETHER, (i + 1) * TOGETHER));
}

interface EndsRow extends Row {
  /** With commas between them; an empty one is null. */
  ends: string;
}

/** One text instead of a column for each: half of the worker's time for an answer goes with the number of its columns. */
function groupSql(group: readonly End[]): string {
  return `SELECT concat(${group.map((end) => `(${endSql(end)})`).join(`, ',', `)}) AS ends`;
}

const settings = [
  // With row_security off, a policy that would hide rows is an error instead.
  'SET LOCAL row_security TO off',
  'SET LOCAL enable_seqscan TO off',
  // Plans that use several processes would be weighed, and never taken.
  'SET LOCAL max_parallel_workers_per_gather TO 0',
];

/** The largest power of ten that numeric holds, in whose place 'Infinity' is unknown before PostgreSQL 14. */
const beyondAll = '1e131071';

/**
 * Read from the index's end, which is planned in two thirds of the time of min and max. Those are for an index with its nulls at the
 * other end, which ORDER BY could not use (https://www.postgresql.org/docs/current/indexes-ordering.html). NaN sorts above
 * Infinity, and ONLY leaves out tables below, which are read by themselves.
 */
function endSql({ of, from, ascending, isNumeric }: End): string {
  const { table, isOrdered } = of;
  const column = `t.${of.column}`;
  const isUpper = ascending === (from === null);
  const end = isOrdered ? column : `${isUpper ? 'max' : 'min'}(${column})`;
  const whole = isNumeric ? `${ascending ? 'floor' : 'ceil'}(${end})` : end;
  const conditions = [
    ...(isNumeric ? [`${column} < '${beyondAll}'`, `${column} > '-${beyondAll}'`] : []),
    ...(from === null ? [] : [`${column} ${ascending ? '>=' : '<='} ${String(from)}`]),
    // A condition that every row meets takes a fifth of the time.
    ...(isNumeric || of.isInPrimaryKey ? [] : [`${column} IS NOT NULL`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = isOrdered ? ` ORDER BY ${column} ${isUpper ? 'DESC' : 'ASC'} LIMIT 1` : '';
  return `SELECT ${whole} FROM ONLY ${table} t${where}${order}`;
}
