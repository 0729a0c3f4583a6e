import type { PrimarySequence } from '../../steps/rows.js';
import { requoted } from '../../sequences/identifier.js';
import type { StandbySequence } from '../standby-sequence.js';

/** The columns that the sequence feeds on the primary and not on the standby. */
export function fedOnPrimaryAlone(primary: PrimarySequence, standby: StandbySequence | undefined): string[] {
  const isFed = (column: string) =>
    standby?.feeds.some((feed) => feed.column === column && feed.via !== 'owned') ?? false;
  return alone(primary.feeds ?? [], isFed)
    .map(requoted)
    .filter((column) => !isFed(column));
}

/** The columns that the sequence feeds on the standby and not on the primary. */
export function fedOnStandbyAlone(primary: PrimarySequence | undefined, standby: StandbySequence): string[] {
  const columns = standby.feeds.map(({ column }) => column);
  const left = alone(columns, (column) => primary?.feeds?.includes(column) ?? false);
  if (left.length === 0) return left;
  const fed = (primary?.feeds ?? []).map(requoted);
  return left.filter((column) => !fed.includes(column));
}

/** The columns for which `isFed` is false. Usually there are none; then the caller need not quote the names of thousands of columns again. */
function alone(columns: readonly string[], isFed: (column: string) => boolean): string[] {
  return columns.filter((column) => !isFed(column));
}

/**
 * The columns that the sequence feeds on both sides, by an expression on one of them and by nextval alone on the other. An older worker did
 * not say which of the primary's defaults are expressions.
 */
export function fedByExpression(
  primary: PrimarySequence | undefined,
  standby: StandbySequence | undefined,
): string[] {
  const { feeds: fed = [], byExpression = [] } = primary ?? {};
  if (fed.length === 0 || standby === undefined) return [];
  return standby.feeds
    .filter(
      ({ plain, via, column }) =>
        via !== 'owned' && fed.includes(column) && plain === byExpression.includes(column),
    )
    .map(({ column }) => column);
}
