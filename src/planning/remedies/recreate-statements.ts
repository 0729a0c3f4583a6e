import { quoteLiteral, requoted } from '../../sequences/identifier.js';
import type { Position } from '../../sequences/sequence.js';
import type { ColumnOnServer, SequenceOrigin, SideFacts } from '../../steps/columns.js';
import type { PrimarySequence } from '../../steps/rows.js';
import { alterColumn, createStatements, type Feeding, feedStatements } from './standby-statements.js';
import type { StandbySequence } from '../standby-sequence.js';

/** Whether the column of the standby is an IDENTITY column, and this is its sequence. */
export function isOfIdentity(sequence: string, on: ColumnOnServer | undefined): boolean {
  return on?.feeders.some((feeder) => feeder.sequence === sequence && feeder.via === 'identity') ?? false;
}

/**
 * Makes an IDENTITY column of the standby an ordinary one. That drops its sequence, which the primary has: it is created again, with all
 * that the primary's has, where it stood. Meanwhile the defaults of other columns that use it are taken away, since DROP IDENTITY fails while
 * there are any.
 *
 * @param column the IDENTITY column
 * @param origin null if the primary could not be read
 */
export function recreateStatements(
  primary: PrimarySequence,
  origin: SequenceOrigin | null,
  { sequence, feeds, reading }: Pick<StandbySequence, 'sequence' | 'feeds' | 'reading'>,
  facts: SideFacts,
  column: string,
): Feeding {
  const fed = new Set((primary.feeds ?? []).map(requoted));
  const others = feeds.filter((feed) => feed.via === 'default' && fed.has(feed.column));
  const columns = new Map([...facts.columns].map(([name, on]) => [name, withoutFeeder(on, sequence)]));
  const { owner } = facts.columns.get(column) ?? {};
  const created = createStatements(primary, origin, { ...facts, columns }, owner);
  const defaults = others
    .filter((other) => !columns.has(other.column))
    .map(({ column: other, plain }) => {
      const known = origin?.feeds.get(other) ?? (plain ? 'plain' : 'unknown');
      return feedStatements(sequence, other, { isIdentity: false, feeders: [] }, known);
    });
  return {
    statements: [
      ...others.map((other) => `${alterColumn(other.column)} DROP DEFAULT;`),
      `${alterColumn(column)} DROP IDENTITY IF EXISTS;`,
      ...created.statements,
      ...('position' in reading ? whereItStood(primary, reading.position) : []),
      ...defaults.flatMap(({ statements }) => statements),
    ],
    unread: [...created.unread, ...defaults.flatMap(({ unread }) => unread)],
  };
}

/** Nothing if the primary's limits do not allow that value: the next round sets it. */
function whereItStood({ sequence, min, max }: PrimarySequence, { lastValue, isCalled }: Position): string[] {
  if (lastValue < BigInt(min) || lastValue > BigInt(max)) return [];
  return [`SELECT setval(${quoteLiteral(sequence)}, ${String(lastValue)}, ${String(isCalled)});`];
}

/** The column as it is after the sequence was dropped. */
function withoutFeeder(on: ColumnOnServer, sequence: string): ColumnOnServer {
  if (on.feeders.every((feeder) => feeder.sequence !== sequence)) return on;
  return {
    ...on,
    isIdentity: on.isIdentity && !isOfIdentity(sequence, on),
    feeders: on.feeders.filter((feeder) => feeder.sequence !== sequence),
  };
}
