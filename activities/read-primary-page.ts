import type { ReadObstacle, ReadProblem } from '../src/steps/read-problem.js';
import type { PrimarySequence } from '../src/steps/rows.js';
import { catalogMemory } from '../src/postgres/sequences/catalog-memory.js';
import { type Furthest, readFurthest } from '../src/postgres/sequences/read-furthest.js';
import { readSequences } from '../src/postgres/sequences/read-sequences.js';
import type { SequenceReading } from '../src/postgres/sequences/sequence-reading.js';
import { quoteIdentifier } from '../src/sequences/identifier.js';
import { afterCycle } from '../src/sequences/sequence.js';
import { forPage } from './page-affinity.js';
import type { PageOfPair } from './page-of-pair.js';

interface PrimaryPageOptions {
  /** Chooses the sequences whose rows are read; default: all. */
  rowsOf?: (all: SequenceReading[]) => SequenceReading[] | Promise<SequenceReading[]>;
  /** Whether the page is read again soon. */
  again?: boolean;
  /** The answer of {@link recallPrimaryPage}, if it was asked before. */
  recalled?: ReturnType<typeof recallPrimaryPage>;
}

/** Asks whether the catalog rows of a page that are kept are still valid. */
export function recallPrimaryPage({
  pair,
  identity,
  range,
}: PageOfPair): Promise<readonly SequenceReading[] | null> {
  return catalogMemory.recall(forPage(pair.primary, range), identity.primary, range);
}

/** Reads a page of the primary, in the form that workflows carry. */
export async function readPrimaryPage(
  page: PageOfPair,
  { rowsOf = (all) => all, again = false, recalled = recallPrimaryPage(page) }: PrimaryPageOptions = {},
): Promise<PrimarySequence[]> {
  const { pair, identity, range } = page;
  const primary = forPage(pair.primary, range);
  const sequences = await readSequences(primary, identity.primary, range, catalogMemory, recalled);
  const furthest = await readFurthest(primary, identity.primary, await rowsOf(sequences), again);
  const rows = sequences.map((read) => toPrimarySequence(read, furthest.get(read.oid)));
  shortenProblems(rows);
  const notChecked = rows.filter(({ dataNotChecked }) => dataNotChecked !== undefined);
  for (const sequence of notChecked.slice(TOLD_AT_LENGTH)) sequence.dataNotChecked = leftOut;
  return rows;
}

/** If a role may read nothing, thousands of names and grants would not fit into a payload. */
const TOLD_AT_LENGTH = 200;

const leftOut: ReadObstacle = {
  reason: `only the first ${TOLD_AT_LENGTH} reasons are listed`,
  remedy: `a run in the mode verify with at most ${TOLD_AT_LENGTH} such sequences in "include" has the reason and the remedy of each`,
  remedyIs: 'advice',
};

/** Each code has its own first 200, since a shortened remedy refers to the full one of another finding with the same code. */
function shortenProblems(page: readonly PrimarySequence[]): void {
  const counts = new Map<ReadProblem['code'], number>();
  const schemas = new Set<string>();
  for (const sequence of page) {
    const { problem, schema } = sequence;
    if (problem === undefined) continue;
    const count = (counts.get(problem.code) ?? 0) + 1;
    counts.set(problem.code, count);
    if (count <= TOLD_AT_LENGTH) continue;
    sequence.problem = inShort(problem, schema, schemas);
    if (problem.code === 'NO_READ_PRIVILEGE') schemas.add(schema);
  }
}

/** @param told the schemas whose grants are in an earlier remedy */
function inShort({ code, role }: ReadProblem, schema: string, told: ReadonlySet<string>): ReadProblem {
  if (code !== 'NO_READ_PRIVILEGE')
    return {
      code,
      reason: `It could not be read. Only the first ${TOLD_AT_LENGTH} reasons are listed.`,
      remedy: leftOut.remedy,
      remedyIs: 'advice',
    };
  const reason = 'The role lacks the privilege to read it.';
  if (role === undefined || told.has(schema))
    return {
      code,
      reason,
      remedy: 'The GRANT on its schema in another NO_READ_PRIVILEGE finding covers it.',
      remedyIs: 'advice',
    };
  const on = quoteIdentifier(schema);
  return {
    code,
    reason,
    remedy: `GRANT USAGE ON SCHEMA ${on} TO ${role}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${on} TO ${role};`,
    remedyIs: 'statements',
  };
}

/** Each field is assigned on its own: spreading optional fields takes several times as long, and a page has thousands of sequences. */
function toPrimarySequence(read: SequenceReading, data: Furthest | undefined): PrimarySequence {
  const { schema, name, oid, definition, feeds, reading } = read;
  const { increment, min, max, cache, start } = definition;
  const sequence: PrimarySequence = {
    schema,
    name,
    sequence: read.sequence,
    oid,
    increment: String(increment),
    min: String(min),
    max: String(max),
    cache: String(cache),
  };
  if (definition.cycle) sequence.cycle = true;
  if (start !== undefined && start !== (increment > 0n ? min : max)) sequence.start = String(start);
  if (feeds.length > 0) {
    sequence.feeds = feeds.map(({ column }) => column);
    sequence.furthest = data?.furthest == null ? null : String(data.furthest);
    const changing = feeds.filter(({ plain, via }) => !plain && via === 'default');
    if (changing.length > 0) sequence.byExpression = changing.map(({ column }) => column);
  }
  if (data?.notChecked != null) {
    const { reason, remedy, remedyIs } = data.notChecked;
    sequence.dataNotChecked = { reason, remedy, ...(remedyIs === undefined ? {} : { remedyIs }) };
  }
  if (read.extension !== null) sequence.extension = read.extension;
  if (read.persistence === 'temporary') sequence.temporary = true;
  if ('problem' in reading) {
    sequence.problem = reading.problem;
  } else {
    const { lastValue, isCalled } = afterCycle(reading.position, definition);
    sequence.last = String(lastValue);
    sequence.called = isCalled;
  }
  return sequence;
}
