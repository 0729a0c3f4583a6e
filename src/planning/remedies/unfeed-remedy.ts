import type { PrimarySequence } from '../../steps/rows.js';
import type { FeedDefault } from '../../steps/columns.js';
import { callingSequences, type ColumnFacts } from '../column-facts.js';
import { readOnPrimary, type UnreadDefault } from './default-on-primary.js';
import { isOfIdentity, recreateStatements } from './recreate-statements.js';
import { feedAsOnPrimary, type Feeding, feedStatements, unfeedStatements } from './standby-statements.js';
import type { StandbySequence } from '../standby-sequence.js';

/** A sequence that both sides have. */
interface OnBoth {
  primary: PrimarySequence;
  standby: StandbySequence;
}

/**
 * Statements after which the columns take their values from the same sequences as on the primary.
 *
 * @param both the sequence on both sides, if the primary has it
 */
export function unfeedRemedy(
  sequence: string,
  columns: readonly string[],
  facts: ColumnFacts,
  both?: OnBoth,
): string {
  const { primary, standby, unread: reason } = facts;
  const steps: string[] = [];
  const statements: string[] = [];
  const unread: UnreadDefault[] = [];
  const feed = (feeding: Feeding) => {
    statements.push(...feeding.statements);
    unread.push(...feeding.unread);
  };
  if (both !== undefined) feed(recreated(both, columns, facts));
  for (const column of columns) {
    const onStandby = standby?.columns.get(column);
    const [feeder] = callingSequences(primary?.columns.get(column));
    if (primary === null && reason !== null) {
      steps.push(`let ${column} take its values from the same sequence as the primary's column`);
      if (onStandby !== undefined) feed(feedAsOnPrimary(sequence, column, onStandby));
    } else if (feeder === undefined) {
      steps.push(`let ${column} take no value from ${sequence}`);
      if (onStandby !== undefined) statements.push(...unfeedStatements(sequence, column, onStandby));
    } else if (standby?.sequences.has(feeder) === true) {
      steps.push(`let ${column} take its values from ${feeder}`);
      if (onStandby !== undefined)
        feed(feedStatements(feeder, column, onStandby, defaultOnPrimary(column, feeder, facts)));
    } else {
      steps.push(
        `follow the remedy of MISSING_ON_STANDBY for ${feeder}, from which ${column} takes its values`,
      );
    }
  }
  const how =
    statements.length === 0 ? '' : `, as the owner of the table or a superuser: ${statements.join(' ')}`;
  return (
    `on the standby, ${steps.join(' and ')}${how}` +
    (unread.length === 0 ? '' : `${how === '' ? ':' : ' Then'} ${readOnPrimary(unread, reason)}`)
  );
}

/** If the sequence belongs to the identity of one of the columns, which are to take their values from elsewhere: it is kept without that. */
function recreated({ primary, standby }: OnBoth, columns: readonly string[], facts: ColumnFacts): Feeding {
  const { sequence } = standby;
  const identity = columns.find((column) => isOfIdentity(sequence, facts.standby?.columns.get(column)));
  if (facts.standby === null || identity === undefined) return { statements: [], unread: [] };
  const origin = facts.origins.get(primary.oid) ?? null;
  return recreateStatements(primary, origin, standby, facts.standby, identity);
}

/** The default on the primary of a column that this sequence feeds there. */
function defaultOnPrimary(column: string, sequence: string, { primary, origins }: ColumnFacts): FeedDefault {
  const feeder = primary?.columns.get(column)?.feeders.find((one) => one.sequence === sequence);
  const feeds = feeder?.oid === undefined ? undefined : origins.get(feeder.oid)?.feeds;
  const known = feeds?.get(column);
  if (known !== undefined) return known;
  // The feeds of a partition count as those of its parent, if both are plain or both are not.
  const isPlain = feeds !== undefined && [...feeds.values()].every((one) => one === 'plain');
  return isPlain ? 'plain' : 'unknown';
}
