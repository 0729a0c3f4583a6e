import { sequenceFinding } from '../../findings/make-finding.js';
import type { Finding } from '../../contract/status.js';
import { listFirst } from '../../contract/list-first.js';
import { BY_LEDGER } from '../../findings/by-ledger.js';
import type { PrimarySequence } from '../../steps/rows.js';
import type { ColumnOnServer, SideFacts } from '../../steps/columns.js';
import { callingSequences, type ColumnFacts } from '../column-facts.js';
import { fedByExpression, fedOnPrimaryAlone, fedOnStandbyAlone } from './differing-columns.js';
import { earlierName, renameStatements } from '../remedies/earlier-name.js';
import { readOnPrimary } from '../remedies/default-on-primary.js';
import { isOfIdentity, recreateStatements } from '../remedies/recreate-statements.js';
import { aboutPlaces, feedsDiffer, missingOnStandby, standbyOnlyFeeds } from './sequence-findings.js';
import {
  createOwner,
  createStatements,
  type Feeding,
  feedStatements,
  rolesMissing,
} from '../remedies/standby-statements.js';
import type { StandbySequence } from '../standby-sequence.js';
import { unfeedRemedy } from '../remedies/unfeed-remedy.js';

/** The facts about the columns that a sequence of the primary feeds. */
type FeedFacts = Pick<ColumnFacts, 'standby' | 'unread' | 'origins'> & {
  /** Whether they are on record in the ledger, and were not read from the primary. */
  byLedger?: true;
};

/**
 * Findings for a column that takes its values from this sequence on the primary. It is a block if the standby uses another sequence, an
 * expression where the primary uses none or the other way round, or a default in which no sequence can be seen: after a promotion the
 * column would take values from a sequence that nobody has moved. If the column has no default on the standby, and no trigger that may give
 * it a value, that is a warning, since the application may supply the values itself. A table or column that the standby does not have is no difference.
 */
export function columnFindings(
  primary: PrimarySequence,
  standby: StandbySequence,
  facts: FeedFacts,
): Finding[] {
  const { sequence } = standby;
  const where = facts.byLedger === true ? BY_LEDGER : '';
  const findings: Finding[] = [];
  const origin = facts.origins.get(primary.oid);
  for (const column of fedOnPrimaryAlone(primary, standby)) {
    const on = facts.standby?.columns.get(column);
    if (on === undefined) continue;
    const feeders = callingSequences(on);
    if (feeders.includes(sequence)) continue;
    const known = origin?.feeds.get(column);
    // The sequence only belongs to the column (OWNED BY). The sequence in the column's default is judged under its own name.
    if (origin !== undefined && known === undefined) continue;
    const feeding = feedStatements(sequence, column, on, known ?? 'unknown');
    const remedy = withTriggers(
      on,
      on.generated === undefined
        ? feedRemedy(feeding, facts)
        : ungenerate(column, on, feedRemedy(feeding, facts)),
    );
    const otherwise = feeders.length > 0 ? feeders.join(', ') : hiddenSource(on);
    findings.push(
      otherwise === null
        ? aboutPlaces(
            [column],
            sequenceFinding(
              'NO_DEFAULT',
              sequence,
              `${column} takes its values from ${sequence} on the primary${where}, and from no sequence on the standby`,
              `no action is needed if the application gives the values itself; otherwise ${remedy}`,
            ),
          )
        : fedOtherwise(
            column,
            { onPrimary: `${sequence} on the primary${where}`, onStandby: otherwise },
            sequence,
            remedy,
          ),
    );
  }
  return [...findings, ...expressionFindings(primary, standby, facts)];
}

/** Where the column takes its values from, if that is no sequence; null if from nowhere. */
function hiddenSource({ generated, hasDefault, insertTriggers }: ColumnOnServer): string | null {
  if (generated !== undefined)
    return `the expression of a generated column (${generated}), to which no subscription can write,`;
  if (hasDefault) return 'a default in which no sequence can be seen';
  return insertTriggers === undefined ? null : 'the application or a BEFORE INSERT trigger';
}

/** With a default, too, a trigger may give the column another value. */
function withTriggers({ insertTriggers }: ColumnOnServer, remedy: string): string {
  if (insertTriggers === undefined) return remedy;
  const [trigger, those] =
    insertTriggers.length === 1 ? ['the trigger', 'it'] : ['one of the triggers', 'that one'];
  return `${remedy} If ${trigger} ${listFirst(insertTriggers, 5)} of the table gives the column a value of another sequence, drop ${those}`;
}

/** @param feed the remedy that gives the column its default */
function ungenerate(column: string, { generated }: ColumnOnServer, feed: string): string {
  return generated === 'stored'
    ? `${feed} The column keeps the values that it has (before PostgreSQL 13, which has no DROP EXPRESSION, drop the column and add it again as on the primary, with the values of the primary)`
    : `PostgreSQL turns no virtual generated column into an ordinary one: on the standby, drop ${column}, add it again as it is on the primary, and copy its values from there`;
}

/** Findings for a column that both sides feed by this sequence, but one of them by an expression. */
function expressionFindings(primary: PrimarySequence, standby: StandbySequence, facts: FeedFacts): Finding[] {
  const { sequence } = standby;
  const where = facts.byLedger === true ? BY_LEDGER : '';
  return fedByExpression(primary, standby).flatMap((column) => {
    const on = facts.standby?.columns.get(column);
    if (facts.standby === null || on === undefined) return [];
    const isChangedHere = !isPlainOn(standby, column);
    const origin = facts.origins.get(primary.oid) ?? null;
    const known = origin?.feeds.get(column) ?? 'unknown';
    // Read later than the columns, the default may have become the same as on the standby.
    if (isChangedHere ? known !== 'plain' : known === 'plain') return [];
    const feeding = isOfIdentity(sequence, on)
      ? recreateStatements(primary, origin, standby, facts.standby, column)
      : feedStatements(sequence, column, on, known);
    const remedy = feedRemedy(feeding, facts);
    const expression = `an expression with ${sequence} that may change them`;
    const [onPrimary, onStandby] = isChangedHere ? [sequence, expression] : [expression, sequence];
    return [
      fedOtherwise(column, { onPrimary: `${onPrimary} on the primary${where}`, onStandby }, sequence, remedy),
    ];
  });
}

function isPlainOn(standby: StandbySequence, column: string): boolean {
  return standby.feeds.some((feed) => feed.column === column && feed.plain);
}

/** A column that takes its values from this sequence on the primary, and otherwise on the standby. */
function fedOtherwise(
  column: string,
  { onPrimary, onStandby }: { onPrimary: string; onStandby: string },
  sequence: string,
  remedy: string,
): Finding {
  const message = `${column} takes its values from ${onPrimary}, but from ${onStandby} on the standby`;
  return aboutPlaces([column], sequenceFinding('FEEDS_DIFFER', sequence, message, remedy));
}

function feedRemedy({ statements, unread }: Feeding, facts: Pick<ColumnFacts, 'unread'>): string {
  return [
    ...(statements.length === 0
      ? []
      : [`on the standby, as the owner of the table or a superuser: ${statements.join(' ')}`]),
    ...(unread.length === 0 ? [] : [readOnPrimary(unread, facts.unread)]),
  ].join(' Then ');
}

const nothingKnown: SideFacts = {
  role: '',
  isSuperuser: true,
  schemas: new Map(),
  sequences: new Set(),
  columns: new Map(),
};

/**
 * A sequence that the standby lacks, with the statements that create it, and the columns that another sequence feeds there. Or with those that
 * rename it, if the standby has it under another name.
 *
 * @param candidates sequences of the standby that the primary does not have under their names
 */
export function missingFinding(
  primary: PrimarySequence,
  facts: ColumnFacts,
  candidates: readonly StandbySequence[],
): Finding {
  const { sequence, schema } = primary;
  const onStandby = facts.standby ?? { ...nothingKnown, schemas: new Map([[schema, { usage: true }]]) };
  const elsewhere = fedOnPrimaryAlone(primary, undefined).flatMap((column) => {
    const feeders = callingSequences(onStandby.columns.get(column));
    return feeders.length === 0 ? [] : [{ column, feeders }];
  });
  const origin = facts.origins.get(primary.oid) ?? null;
  const renamed = earlierName(primary, candidates, facts);
  const owner = facts.standby === null ? null : createOwner(primary, origin, onStandby);
  const { statements, unread } =
    renamed === null
      ? (owner?.after ?? createStatements(primary, origin, onStandby))
      : { statements: renameStatements(primary, origin, onStandby, renamed), unread: [] };
  const roles = rolesMissing(origin, onStandby);
  const left = [
    ...(roles.length === 0
      ? []
      : [`The grants to ${roles.join(', ')} are left out, since the standby lacks these roles`]),
    ...(facts.unread === null || origin !== null
      ? []
      : [
          `The owner and the grants on the primary could not be read (${facts.unread}): compare them with \\ds and \\dp in psql`,
        ]),
    ...(unread.length === 0 ? [] : [`Then ${readOnPrimary(unread, facts.unread)}`]),
  ];
  return missingOnStandby(sequence, elsewhere, {
    ...{ owner, statements, left },
    isRenamed: renamed !== null,
  });
}

/**
 * Findings for a column that takes its values from this sequence on the standby and not on the primary. A table that the primary does not
 * have is left out, since no row comes from there.
 */
export function feedsDifferFindings(
  primary: PrimarySequence,
  standby: StandbySequence,
  facts: ColumnFacts,
): Finding[] {
  const { sequence } = standby;
  const isMerelyOwned = (name: string) =>
    standby.feeds.some(({ column, via }) => column === name && via === 'owned');
  const columns = fedOnStandbyAlone(primary, standby).filter((column) => {
    if (isMerelyOwned(column)) return false;
    if (facts.primary === null) return true;
    const onPrimary = facts.primary.columns.get(column);
    return onPrimary !== undefined && !callingSequences(onPrimary).includes(sequence);
  });
  if (columns.length === 0) return [];
  const feeds = standby.feeds.map(({ column }) => column);
  return [
    feedsDiffer(
      sequence,
      primary.feeds ?? [],
      feeds,
      unfeedRemedy(sequence, columns, facts, { primary, standby }),
    ),
  ];
}

/**
 * A sequence that only the standby has, and that feeds a replicated column, or one that the primary numbers by another sequence: without a
 * subscription, too, its rows came from there. A column that the primary does not have is left out: there the sequence itself numbers every
 * row that arrives.
 *
 * @param isTold whether the finding of the primary's sequence covers the column. It does not cover a child table whose parent the sequence
 * feeds too.
 */
export function standbyOnlyFinding(
  standby: StandbySequence,
  facts: ColumnFacts,
  isTold: (feeder: string, column: string) => boolean,
): Finding | null {
  const feederOf = new Map<string, string>();
  const columns: string[] = [];
  for (const { subscribed, column } of standby.feeds) {
    if (facts.primary?.columns.has(column) === false) continue;
    const [feeder] = callingSequences(facts.primary?.columns.get(column));
    if (!subscribed && (feeder === undefined || isTold(feeder, column))) continue;
    columns.push(column);
    if (!subscribed && feeder !== undefined) feederOf.set(column, feeder);
  }
  if (columns.length === 0) return null;
  return standbyOnlyFeeds(standby.sequence, columns, {
    feeders: [...new Set(feederOf.values())],
    remedy: unfeedRemedy(standby.sequence, columns, facts),
  });
}
