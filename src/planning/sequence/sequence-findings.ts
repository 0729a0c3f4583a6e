import { sequenceFinding } from '../../findings/make-finding.js';
import { digest } from '../../steps/digest.js';
import type { ReadObstacle } from '../../steps/read-problem.js';
import type { Finding } from '../../contract/status.js';
import type { Mode } from '../../contract/input.js';
import { shellQuoted } from '../../contract/shell.js';
import type { SideOfPair } from '../../contract/side.js';
import { partsOfName, qualifiedName, quoteLiteral } from '../../sequences/identifier.js';
import { type Definition, MAX_BIGINT } from '../../sequences/sequence.js';
import type { Bound } from '../../sequences/bounds.js';
import type { BlockedTarget, TargetNote } from '../../sequences/target.js';
import { obstacleRemedy } from '../remedies/as-owner.js';
import { boundText } from '../remedies/bound-text.js';
import type { DecisionOnRows } from './decided-rows.js';
import { rowsBlock, rowsBlockText, rowsNote } from './rows-findings.js';
import type { StandbySequence } from '../standby-sequence.js';
import type { CreateOwner } from '../remedies/standby-statements.js';
import { exhaustedRemedy } from '../remedies/widen.js';

/** If a sequence feeds more columns than this, such as those of partitions, one digest stands for all of them. */
const COLUMNS_AT_MOST = 20;

/**
 * Distinguishes a finding about a sequence by its columns or limits: an acceptance of one does not cover another.
 *
 * @param on what stands before each of them, such as a side
 */
export function aboutPlaces(all: readonly string[], finding: Finding, on = ''): Finding {
  const sequence = finding.sequence ?? '';
  const places = all.length <= COLUMNS_AT_MOST ? all : [[...all].sort().join(' ')];
  const things = (places.length === 0 ? [''] : places).map((place) => `${sequence} ${on}${place}`);
  return { ...finding, subject: digest(sequence), things: things.map(digest).sort() };
}

/**
 * A sequence that only the primary has.
 *
 * @param elsewhere the columns that another sequence feeds on the standby
 * @param remedy the column to be created first, if the standby lacks it; the statements; and what they leave to be done
 */
export function missingOnStandby(
  sequence: string,
  elsewhere: readonly { column: string; feeders: readonly string[] }[],
  remedy: {
    owner?: CreateOwner | null;
    statements: readonly string[];
    left?: readonly string[];
    /** Whether the standby has it under another name. */
    isRenamed?: boolean;
  },
): Finding {
  const { owner = null, statements, left = [], isRenamed = false } = remedy;
  const others = elsewhere.map(
    ({ column, feeders }) => `${column} takes its values from ${feeders.join(', ')}`,
  );
  const places = [
    ...(owner === null ? [] : [`nor its column ${owner.column}`]),
    ...(others.length === 0 ? [] : [`where ${others.join(', and ')}`]),
    ...(isRenamed ? ['which is the same sequence under its earlier name'] : []),
  ];
  return sequenceFinding(
    'MISSING_ON_STANDBY',
    sequence,
    [`${sequence} exists on the primary but not on the standby`, ...places].join(', '),
    `on the standby, as the owner of the tables or a superuser: ${[...(owner === null ? [] : [columnFirst(owner, statements.length > 0)]), statements.join(' '), left.join('. ')].filter((part) => part !== '').join(' ')}`,
  );
}

function columnFirst({ column, before }: CreateOwner, more: boolean): string {
  const [schema = '', table = ''] = partsOfName(column);
  const dump = `pg_dump --schema-only --table=${shellQuoted(qualifiedName(schema, table))}`;
  return [
    ...before,
    `create the column ${column} as on the primary, which creates the sequence; if its table is missing, for example from what this prints on the primary: ${dump}` +
      (more ? '; then on the standby:' : ''),
  ].join(' ');
}

/** A skipped sequence that would hand out values again which rows on the standby have. `next` is its next value there. */
export function skippedBehindData(
  { sequence, definition, extension }: StandbySequence,
  next: bigint,
  furthest: bigint,
  reason: string,
): Finding {
  const { increment, min, max, cycle } = definition;
  // One more value has to be free after the row.
  const after = furthest + increment;
  const low = after < min ? -MAX_BIGINT - 1n : furthest < min ? furthest : min;
  const high = after > max ? MAX_BIGINT : furthest > max ? furthest : max;
  const fits = low === min && high === max;
  const widen = fits
    ? ''
    : `ALTER SEQUENCE IF EXISTS ${sequence} AS bigint MINVALUE ${String(low)} MAXVALUE ${String(high)}; `;
  // The statement may be run later, when the sequence has moved on: it must not set it back.
  const further = increment > 0n ? 'greatest' : 'least';
  const set = `SELECT setval(s, ${further}(${String(furthest)}, pg_sequence_last_value(s))) FROM to_regclass(${quoteLiteral(sequence)}) s;`;
  const include = extension === null ? '' : ', or name it in include and start a new run';
  // With CYCLE the row may be an old one. Past the end of its range, the sequence would never return to it.
  const remedy = cycle
    ? `delete or archive the rows that it will reach from ${String(next)} on, since it has CYCLE`
    : `on the standby: ${widen}${set}`;
  return sequenceFinding(
    'SKIPPED_BEHIND_DATA',
    sequence,
    `${sequence} is skipped (${reason}), and on the standby a row of ${String(furthest)} lies at or beyond its next value ${String(next)}`,
    `if applications write to its table after the promotion, ${remedy}${include}`,
  );
}

/**
 * A sequence that only the standby has, and that feeds columns whose values come from the primary.
 *
 * @param feeders the sequences that feed them on the primary, if no subscription shows that the columns are replicated
 */
export function standbyOnlyFeeds(
  sequence: string,
  columns: readonly string[],
  { feeders = [], remedy }: { feeders?: readonly string[]; remedy: string },
): Finding {
  const why =
    feeders.length === 0 ? 'which is replicated' : `which ${feeders.join(', ')} numbers on the primary`;
  return sequenceFinding(
    'STANDBY_ONLY_FEEDS',
    sequence,
    `${sequence} exists on the standby alone and feeds ${columns.join(', ')}, ${why}: after promotion it would repeat the primary's values`,
    remedy,
  );
}

/** A sequence that feeds other columns on the standby than on the primary. */
export function feedsDiffer(
  sequence: string,
  primary: readonly string[],
  standby: readonly string[],
  remedy: string,
): Finding {
  const columns = (feeds: readonly string[]) => (feeds.length === 0 ? 'no column' : feeds.join(', '));
  const message = `${sequence} feeds ${columns(primary)} on the primary, but ${columns(standby)} on the standby`;
  const differing = standby.filter((column) => !primary.includes(column));
  return aboutPlaces(differing, sequenceFinding('FEEDS_DIFFER', sequence, message, remedy));
}

/** A sequence that a crash resets, although it feeds columns of tables that survive a crash. */
export function unlogged(sequence: string, columns: readonly string[]): Finding {
  return sequenceFinding(
    'UNLOGGED',
    sequence,
    `${sequence} is unlogged on the standby and feeds ${columns.join(', ')}: a crash resets it`,
    `on the standby, as the owner or a superuser: ALTER SEQUENCE ${sequence} SET LOGGED;`,
  );
}

/**
 * The finding is distinguished by side and columns: an acceptance of one unread column, or of one side, does not cover another. On the
 * primary all columns count as one, since their rows are also read on the standby.
 */
export function dataNotChecked(
  sequence: string,
  side: SideOfPair,
  obstacle: ReadObstacle & { columns?: readonly string[] },
): Finding {
  const { reason, columns = [] } = obstacle;
  const finding = sequenceFinding(
    'DATA_NOT_CHECKED',
    sequence,
    `the rows that ${sequence} numbers were not checked on the ${side}: ${reason}`,
    obstacleRemedy(side, obstacle),
  );
  return aboutPlaces(columns, finding, `${side} `);
}

/**
 * The finding about a sequence that cannot be set.
 *
 * @param primary the definition of the primary's sequence; the standby's own if the primary's is not known
 */
export function targetBlock(
  standby: StandbySequence,
  target: BlockedTarget,
  primary: Definition,
  mode: Mode = 'failover',
): Finding {
  switch (target.outcome) {
    case 'exhausted': {
      const { sequence } = standby;
      const remedy = exhaustedRemedy(standby, target, primary);
      return sequenceFinding('EXHAUSTED', sequence, blockedText(sequence, target), remedy);
    }
    case 'outlier':
      return rowsBlock(standby, target, mode);
  }
}

/** Why a sequence cannot be set. */
export function blockedText(sequence: string, target: BlockedTarget): string {
  return target.outcome === 'outlier'
    ? rowsBlockText(sequence, target)
    : `${sequence} has no value left up to ${boundText(target.bound)}: ${usedUpText(target)}`;
}

function usedUpText({
  side,
  primaryNext,
  standbyNext,
  notes,
}: Extract<BlockedTarget, { outcome: 'exhausted' }>): string {
  if (side === 'standby') return `the standby's next value is ${String(standbyNext)}`;
  const own = notes.find(({ kind }) => kind === 'ownPhase');
  return own?.kind === 'ownPhase'
    ? `the standby keeps a phase of its own, in which the first value at or beyond the primary's next value ${String(primaryNext)} is ${String(own.standby)}`
    : `the primary's next value is ${String(primaryNext)}`;
}

/** The finding for a remark about a target; null if the remark needs none. */
export function noteFinding(
  sequence: string,
  note: TargetNote,
  decided: DecisionOnRows | null = null,
): Finding | null {
  switch (note.kind) {
    case 'bufferReduced':
      return sequenceFinding(
        'BUFFER_REDUCED',
        sequence,
        `the buffer of ${sequence} was reduced from ${String(note.from)} to ${String(note.to)} calls: ${String(note.remaining)} ${note.remaining === 1n ? 'is' : 'are'} left up to ${boundText(note.bound)}`,
        widenInTime(sequence, note.bound),
      );
    case 'noHeadroom':
      return sequenceFinding(
        'NO_HEADROOM',
        sequence,
        `the buffer of ${sequence} is 0: one more nextval on the primary puts the standby behind`,
        'fence the primary before you approve, or choose a larger buffer',
      );
    case 'cycles':
      return sequenceFinding(
        'CYCLES',
        sequence,
        `${sequence} has CYCLE: its values repeat, even if it is ahead of the primary`,
        `if they must be unique, on both sides, as the owner or a superuser: ALTER SEQUENCE ${sequence} NO CYCLE;`,
      );
    case 'cached':
      return sequenceFinding(
        'CACHED',
        sequence,
        `${sequence} caches ${String(note.cache)} values in each session, so its buffer is ${String(note.to)} calls${note.from === note.to ? '' : ` (requested: ${String(note.from)})`}`,
        "reconnect the standby's sessions before they write: a session keeps the values that it has cached",
      );
    case 'behindData':
    case 'rowsIgnored':
    case 'rowsBeforeWrap':
      return rowsNote(sequence, note, decided);
    case 'ownPhase':
      return sequenceFinding(
        'OWN_PHASE',
        sequence,
        `${sequence} has a phase of its own on the standby: it hands out values such as ${String(note.standby)} there, and such as ${String(note.primary)} on the primary. It keeps its phase: its target is the first value of this phase at or beyond the target from the primary`,
        `no action is needed if this is intended, for example for a second region; otherwise on the standby: ALTER SEQUENCE ${sequence} RESTART WITH ${String(note.primary)}; and let this run set it again (signal resynchronize at the gate, otherwise a new run) before anybody inserts there`,
      );
    case 'primaryLimit':
      return sequenceFinding(
        'PRIMARY_LIMIT',
        sequence,
        `${sequence} has ${String(note.remaining)} calls left on the primary, up to its limit of ${String(note.limit)}`,
        'the standby has more calls left: promote before the primary runs out',
      );
    case 'standbyNearBound':
      return sequenceFinding(
        'STANDBY_LIMIT',
        sequence,
        `${sequence} is beyond the target from the primary: on the standby only ${String(note.remaining)} ${note.remaining === 1n ? 'call is' : 'calls are'} left, from ${String(note.next)} up to ${boundText(note.bound)}`,
        widenInTime(sequence, note.bound),
      );
  }
}

function widenInTime(sequence: string, { by }: Bound): string {
  return by !== 'sequence' && by.type === 'restriction'
    ? `plan to widen ${by.of} on both sides`
    : `plan to widen the column and the sequence to bigint: ALTER SEQUENCE ${sequence} AS bigint;`;
}
