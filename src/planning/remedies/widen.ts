import { columnLimit } from '../../sequences/bounds.js';
import { partsOfName, qualifiedName, quoteIdentifier, quoteLiteral } from '../../sequences/identifier.js';
import { rangeBound } from '../../sequences/range-bound.js';
import {
  atOrBeyond,
  callsUntil,
  type ColumnType,
  type Definition,
  type Restriction,
  valueAfterLast,
} from '../../sequences/sequence.js';
import type { BlockedTarget } from '../../sequences/target.js';
import { asOwner } from './as-owner.js';
import type { StandbyFeed, StandbySequence } from '../standby-sequence.js';

type Exhausted = Extract<BlockedTarget, { outcome: 'exhausted' }>;

/**
 * What gives an exhausted sequence of the standby values again: more of them, or, for one with CYCLE, those from its beginning.
 *
 * @param primary the definition of the primary's sequence; the standby's own if the primary's is not known
 */
export function exhaustedRemedy(standby: StandbySequence, target: Exhausted, primary: Definition): string {
  const next = nextOf(target);
  const { increment } = primary;
  const limit = increment > 0n ? primary.max : primary.min;
  return beginAgain(standby, target) ?? widenRemedy(standby, next, limit).text;
}

/** If the standby has its own phase, it may reach its end one step before the primary does. */
function nextOf({ side, notes, primaryNext, standbyNext }: Exhausted): bigint {
  if (side === 'standby') return standbyNext;
  const own = notes.find(({ kind }) => kind === 'ownPhase');
  return own?.kind === 'ownPhase' ? own.standby : primaryNext;
}

/** A sequence with CYCLE that has reached its own end goes on at its beginning. Widened, it would leave the range that it cycles in. */
function beginAgain(
  { sequence, definition }: StandbySequence,
  { side, primaryNext, standbyNext }: Exhausted,
): string | null {
  const { cycle, increment, min, max } = definition;
  if (side === 'primary' || !cycle) return null;
  if (callsUntil(increment > 0n ? max : min, standbyNext, increment) > 0n) return null;
  const first = valueAfterLast(definition);
  const start = atOrBeyond(primaryNext, first, increment) ? primaryNext : first;
  const restart = asOwner('standby', `ALTER SEQUENCE ${sequence} RESTART WITH ${String(start)};`);
  return `${sequence} has CYCLE, and its next call there returns ${String(first)}, which the primary may have used: ${restart}`;
}

const widest = { most: 9_223_372_036_854_775_807n, least: -9_223_372_036_854_775_808n };

/** How to give a sequence more values. */
export interface WideningRemedy {
  text: string;
  /** Whether statements do at least a part of it. */
  hasStatements: boolean;
  /** Whether they make the sequence what it is on the primary, and nothing else. */
  isAsOnPrimary: boolean;
  /** Whether the sequence has the values of the largest type already. */
  isAtItsEnd: boolean;
}

/**
 * The statements that give a used up sequence of the standby more values. They widen its own limit and those of its columns together, since
 * otherwise the next of these limits would stop it.
 *
 * @param next the value that has to fit
 * @param limit the limit of the primary's sequence, which is used if `next` fits in it
 */
export function widenRemedy(standby: StandbySequence, next: bigint, limit: bigint): WideningRemedy {
  const { sequence, definition, feeds } = standby;
  const { increment, min, max } = definition;
  const ascending = increment > 0n;
  const isUsedUp = (bound: bigint | null) => bound !== null && callsUntil(bound, next, increment) === 0n;
  const last = ascending ? widest.most : widest.least;
  if (isUsedUp(last)) {
    const text = `no integer type holds more: use another key for new rows, or, if the values at its START are free again, restart the sequence on both sides: ALTER SEQUENCE ${sequence} RESTART;`;
    return { text, ...{ hasStatements: true, isAsOnPrimary: false, isAtItsEnd: true } };
  }
  const own: string[] = [];
  if (isUsedUp(ascending ? max : min)) {
    const bound = isUsedUp(limit) ? last : limit;
    own.push(`ALTER SEQUENCE ${sequence} AS bigint ${ascending ? 'MAXVALUE' : 'MINVALUE'} ${String(bound)};`);
  }
  const changes = feeds.map((feed) => {
    const tight = feed.limits
      .flatMap((one) => (one.type === 'ranges' ? (rangeBound(one, next, ascending) ?? []) : one))
      .filter((one) => isUsedUp(columnLimit(one, increment)));
    return widenFeed(feed, tight, sequence);
  });
  const isAsOnPrimary = own.length > 0 && !isUsedUp(limit) && changes.every(changesNothing);
  return { ...inWords(own, changes), isAsOnPrimary };
}

const changesNothing = ({ statements, byHand }: ColumnChange) => statements.length + byHand.length === 0;

/** What gives a fed column room for more values. */
interface ColumnChange {
  statements: readonly string[];
  changesType: boolean;
  /** What the statements leave to a person. */
  notes: readonly string[];
  /** What no statement is known for. */
  byHand: readonly string[];
}

/** @param tight the limits of the column that are used up */
function widenFeed(
  feed: StandbyFeed,
  tight: readonly (ColumnType | Restriction)[],
  sequence: string,
): ColumnChange {
  const restrictions = tight.filter((limit) => limit.type === 'restriction');
  const types = tight.flatMap(({ type }) => (type === 'restriction' ? [] : [type]));
  const isBehindView = types.length > 0 && feed.ofView === true;
  const column = isBehindView ? { statements: [], changesType: false } : widenColumn(feed, types, sequence);
  const known = restrictions.flatMap(({ widen }) => widen ?? []);
  return {
    statements: [...known.flatMap(({ statements }) => statements), ...column.statements],
    changesType: column.changesType || known.some(({ changesType }) => changesType),
    notes: [
      ...restrictions.flatMap(({ of, widen }) => (widen?.note === undefined ? [] : [`${of}: ${widen.note}`])),
      ...(column.changesType && feed.domain !== undefined
        ? [`${feed.column} then no longer has the domain ${feed.domain}, nor its checks`]
        : []),
    ],
    byHand: [
      ...restrictions.flatMap(({ of, widen, byHand = of }) => (widen === undefined ? [byHand] : [])),
      ...(isBehindView ? [behindView(feed.column)] : []),
    ],
  };
}

/** @param own the statements for the sequence itself */
function inWords(
  own: readonly string[],
  changes: readonly ColumnChange[],
): Omit<WideningRemedy, 'isAsOnPrimary'> {
  const statements = [...own, ...new Set(changes.flatMap((one) => one.statements))];
  const notes = changes.flatMap((one) => one.notes);
  const byHand = changes.flatMap((one) => one.byHand);
  const byStatement = [
    ...(statements.length === 0 ? [] : [asOwner('standby', statements.join(' '))]),
    ...(notes.length === 0 ? [] : [`(${notes.join('. ')})`]),
  ];
  const remedy = [
    ...(byStatement.length === 0 ? [] : [byStatement.join(' ')]),
    ...(byHand.length === 0 ? [] : [`on the standby widen ${byHand.join(', ')}`]),
  ].join(' and ');
  const changesType = changes.some((one) => one.changesType);
  return {
    text: changesType ? `${remedy} ${DEPENDENTS}` : remedy,
    ...{ hasStatements: statements.length > 0, isAtItsEnd: false },
  };
}

/** A view has no column type of its own. */
const behindView = (column: string) =>
  `the table's column behind the view column ${column} (drop the view first, and create it again afterwards)`;

/** The run does not read what depends on a column. */
const DEPENDENTS =
  '(if a view, a rule, a generated column or a trigger on the column uses it, PostgreSQL refuses: drop that first, and create it again afterwards. If it is in a partition key, PostgreSQL never changes its type: make a new partitioned table with a wider column, copy the rows while the subscription is disabled, swap the names of the tables in one transaction, and refresh the subscription without copying)';

/** @param tight the types that are too small: that of the column, or that of a cast in its default */
function widenColumn(
  { column, type, inheritedFrom, domain, via, plain }: StandbyFeed,
  tight: readonly StandbyFeed['type'][],
  sequence: string,
): { statements: string[]; changesType: boolean } {
  const [schema = '', table = '', name = ''] = partsOfName(column);
  const own = qualifiedName(schema, table);
  const alter = (of: string, change: string) =>
    `ALTER TABLE ${of} ALTER COLUMN ${quoteIdentifier(name)} ${change};`;
  const changesType = tight.includes(type);
  const losesDefault = changesType && domain !== undefined && via === 'default' && plain;
  const statements = [
    ...(changesType
      ? [alter(inheritedFrom ?? own, `TYPE ${type === 'numeric' ? 'numeric' : 'bigint'}`)]
      : []),
    // ALTER TYPE keeps the cast of a default such as nextval('s')::int. Its type counts beside that of the column, also if it is the same.
    // A default of the domain goes with it.
    ...(tight.some((one) => one !== type) || tight.length > 1 || losesDefault
      ? [alter(own, `SET DEFAULT nextval(${quoteLiteral(sequence)})`)]
      : []),
  ];
  return { statements, changesType };
}
