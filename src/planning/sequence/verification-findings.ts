import { makeFinding, sequenceFinding } from '../../findings/make-finding.js';
import { listFirst } from '../../contract/list-first.js';
import { plural } from '../../contract/plural.js';
import { digest } from '../../steps/digest.js';
import type { SideOfPair } from '../../contract/side.js';
import type { Finding } from '../../contract/status.js';
import type { RecordedDefinition } from '../../steps/evidence.js';
import { withoutEnd } from '../../contract/parsing/text.js';
import { parseDefinition } from '../../sequences/definition-text.js';
import { quoteLiteral } from '../../sequences/identifier.js';
import { callsPerSecond, type Consumption, secondsLeft } from '../../sequences/consumption.js';
import { asOwner } from '../remedies/as-owner.js';
import { DEFAULTS_NOT_RECORDED, fedColumns, recordedDefault } from '../remedies/default-on-primary.js';
import type { RenameBack } from '../remedies/rename-back.js';
import { setDefault } from '../remedies/standby-statements.js';
import type { StandbySequence } from '../standby-sequence.js';
import { distanceText } from '../../sequences/distance-text.js';
import { timeText } from '../../sequences/time-text.js';

const SET_BACK = 'find out what sets it back, such as a replicated TRUNCATE … RESTART IDENTITY';

const USED_UP =
  'nothing has set it back: the primary has used up the buffer since it was read; choose a larger buffer ("buffer", or "overrides" for this sequence), or fence the primary before you approve';

const EITHER = `${SET_BACK}; if nothing does, the primary uses up the buffer faster than it is topped up: choose a larger buffer ("buffer", or "overrides" for this sequence), or fence the primary before you approve`;

/** Why a sequence may not be ahead. */
interface BehindFacts {
  /** Whether this run has set the sequence, or found it ahead, before. */
  wasSet?: boolean;
  /** Whether it stands where the run has set it, or beyond: then nothing has set it back. Absent if that is not known. */
  stillThere?: boolean;
  /** The direction of a sequence that goes round; null if it does not. */
  goesRound?: 'ascending' | 'descending' | null;
}

/** @param headroom in calls of nextval; null if a side could not be read */
export function notAhead(
  sequence: string,
  headroom: bigint | null,
  buffer: bigint,
  facts: BehindFacts = {},
): Finding {
  const { goesRound = null } = facts;
  const least = String((buffer + 1n) / 2n);
  if (headroom === null) {
    const message = `${sequence} could not be shown to be ahead of the primary`;
    return sequenceFinding('NOT_AHEAD', sequence, message, whatToDo(facts));
  }
  const message = `${sequence} is ${distanceText(headroom, 'the primary')}; it has to be at least ${least} ahead (half of its buffer of ${String(buffer)})`;
  return goesRound === null
    ? sequenceFinding('NOT_AHEAD', sequence, message, whatToDo(facts))
    : sequenceFinding(
        'NOT_AHEAD',
        sequence,
        `${message}. Its values repeat (CYCLE, or a restart below its START): its buffer is at most half of the values that are left before its end, so a primary in fast use passes the standby between two readings`,
        roundRemedy(sequence, goesRound),
      );
}

function whatToDo({ wasSet = false, stillThere }: BehindFacts): string {
  if (!wasSet)
    return `start a run in the mode sync or failover, which sets it; if a run has set it already, ${SET_BACK}`;
  if (stillThere === undefined) return EITHER;
  return stillThere ? USED_UP : SET_BACK;
}

function roundRemedy(sequence: string, direction: 'ascending' | 'descending'): string {
  const limit = direction === 'ascending' ? 'MAXVALUE' : 'MINVALUE';
  return `with CYCLE, if its values may repeat, accept it by its name; if they must be unique, on both sides, as the owner or a superuser: ALTER SEQUENCE ${sequence} NO CYCLE NO ${limit}; then it goes on to the limit of its type, past the rows that it numbers. Without CYCLE, ${SET_BACK}`;
}

/**
 * The findings about sequences that are behind, after a top-up that did not set them. Their remedies say to mend first what prevented it.
 *
 * @param failures why they were not set: findings about single sequences, or one about the standby
 */
export function notToppedUp(behind: readonly Finding[], failures: readonly Finding[]): Finding[] {
  const [first] = failures;
  return behind.map((finding) => {
    const { code, sequence, remedy } = finding;
    const failure =
      sequence === null ? first : failures.find((one) => one.sequence === null || one.sequence === sequence);
    if (code !== 'NOT_AHEAD' || failure === undefined) return finding;
    const { code: why } = failure;
    return {
      ...finding,
      remedy: `do what ${why} says first, since that kept it from being topped up; if it stays behind after that, ${remedy}`,
    };
  });
}

/**
 * A transaction that is open on the side has changed the sequence, or is about to: nobody can read what its next value will be.
 *
 * @param locked by whom it is locked
 * @param inspect a statement that shows the transaction
 */
export function beingChanged(sequence: string, side: SideOfPair, locked: string, inspect: string): Finding {
  return sequenceFinding(
    'READ_FAILED',
    sequence,
    `${sequence} is ${locked} on the ${side}: when that transaction commits, the sequence may have another next value`,
    `let that transaction end; on the ${side}, this shows it: ${inspect}`,
  );
}

/** If the primary is lost, its last reading decides. */
export function behindLastReading(sequence: string, headroom: bigint, buffer: bigint): Finding {
  return sequenceFinding(
    'NOT_AHEAD',
    sequence,
    `${sequence} was set back: it is ${distanceText(headroom, 'the position at which the primary was last read')}; it has to be at least ${String((buffer + 1n) / 2n)} ahead (half of its buffer of ${String(buffer)}), and not less than before`,
    SET_BACK,
  );
}

/** The last reading of a sequence of a lost primary: its next value, and the effective buffer in calls. */
interface ReadBefore {
  primaryNext: bigint | null;
  buffer: bigint;
}

/**
 * If the primary is lost, nothing is known of a sequence that was not there before.
 *
 * @param reading that of the sequence of this name which was dropped; absent if there was none
 */
export function neverCompared(standby: StandbySequence, reading?: ReadBefore): Finding {
  const { sequence, furthest, definition } = standby;
  const values = [furthest, lastByReading(standby, reading)].flatMap((value) => value ?? []).map(String);
  const past =
    values.length === 0
      ? '<past the rows that it numbers>'
      : `${definition.increment > 0n ? 'greatest' : 'least'}(${values.join(', ')}, pg_sequence_last_value(s))`;
  return sequenceFinding(
    'NOT_AHEAD',
    sequence,
    neverComparedText(sequence),
    `set it past the rows that it numbers, and past the values that the primary may have handed out since then, on the standby, as the owner or a superuser: SELECT setval(s, ${past}) FROM to_regclass(${quoteLiteral(sequence)}) s; then accept it by its name`,
  );
}

/** The message of {@link neverCompared}, which is also the reason in the row of the sequence. */
export const neverComparedText = (sequence: string): string =>
  `${sequence} could not be compared with the primary: it was not on the standby, or could not be read, when the primary was last read`;

/** The value after which the sequence is the whole buffer ahead of the reading; null if there is none, or if its limits do not allow it. */
function lastByReading({ definition }: StandbySequence, reading: ReadBefore | undefined): bigint | null {
  if (reading === undefined || reading.primaryNext === null) return null;
  const last = reading.primaryNext + (reading.buffer - 1n) * definition.increment;
  return definition.min <= last && last <= definition.max ? last : null;
}

/** What is known of a sequence that the standby no longer has under its name. */
interface VanishedFacts {
  /** Its last reading of both sides; absent if there is none. */
  reading?: ReadBefore | undefined;
  /** What the ledger has; if it has none, or could not be read, `unread` is null or the reason. */
  definition: RecordedDefinition | { unread: string | null };
  /** How to rename it back; null for one that was dropped. */
  back: RenameBack | null;
  /** The sequence that has its name now, and is renamed back itself; null for none. */
  takenBy: string | null;
}

/**
 * For a lost primary: a sequence that the standby no longer has under its name. Its definition is not known, only the value from which it
 * has to continue.
 */
export function vanishedFromStandby(
  { sequence, renamedTo }: { sequence: string; renamedTo: string | null },
  { reading, definition, back, takenBy }: VanishedFacts,
): Finding {
  const first = takenBy === null ? '' : `first rename ${takenBy} back, which has its name; then `;
  return sequenceFinding(
    'MISSING_ON_STANDBY',
    sequence,
    renamedTo === null
      ? `${sequence} was dropped on the standby while the run waited, and the primary cannot be asked for it`
      : `${sequence} was renamed to ${renamedTo} on the standby while the run waited`,
    back === null
      ? `${first}on the standby, as the owner of the tables or a superuser${statementsToRecreate(sequence, reading, definition)}; the next recheck compares it with its rows, and the block that remains can be accepted by its name`
      : 'statements' in back
        ? asOwner('standby', back.statements)
        : `run the statements of the remedy for ${back.seeSequence}, which rename it back, too`,
  );
}

function statementsToRecreate(
  sequence: string,
  reading: ReadBefore | undefined,
  definition: VanishedFacts['definition'],
): string {
  const literal = quoteLiteral(sequence);
  const increment = 'unread' in definition ? 1n : parseDefinition(definition.definition).increment;
  const primaryNext = reading?.primaryNext ?? null;
  const next =
    primaryNext === null ? '<past its rows>' : String(primaryNext + (reading?.buffer ?? 0n) * increment);
  const set = `SELECT setval(${literal}, ${next}, false)`;
  if ('unread' in definition)
    return `, with the INCREMENT BY that it had${definition.unread === null ? '' : ` (the ledger could not be read: ${withoutEnd(definition.unread)})`}: CREATE SEQUENCE ${sequence}; ${set}; and for each column that it fed, unless its default was more than that: ALTER TABLE <table> ALTER COLUMN <column> SET DEFAULT nextval(${literal})`;
  const columns = fedColumns(definition).map((column) =>
    setDefault(sequence, column, recordedDefault(definition, column)),
  );
  const left = definition.defaults === null ? `; then, as ${DEFAULTS_NOT_RECORDED}` : '';
  return `: ${[`CREATE SEQUENCE ${`${sequence} ${definition.definition}`.trim()};`, ...columns, set].join(' ')}${left}`;
}

/** For a lost primary: sequences that were compared and no longer exist. Only their oids are known, not their names. */
export function goneFromStandby(oids: readonly number[]): Finding {
  return makeFinding('MISSING_ON_STANDBY', {
    sequence: null,
    count: oids.length,
    message: `${plural(oids.length, 'sequence that was', 'sequences that were')} ahead when the primary was last read ${oids.length === 1 ? 'is' : 'are'} no longer on the standby (oid ${listFirst(oids.map(String), 5)})`,
    remedy:
      'compare \\ds on the standby with the rows of the query sequences, and create what is missing on the standby with a START past the rows that it numbers; or accept MISSING_ON_STANDBY',
    subject: digest(oids.join(' ')),
  });
}

/** If the primary is lost, the standby's own rows decide. */
export function behindItsRows(sequence: string): Finding {
  return sequenceFinding(
    'NOT_AHEAD',
    sequence,
    `${sequence} is not past the rows that the standby has`,
    'find out what sets it back, or who inserts values without the sequence',
  );
}

/** How long the headroom lasts of the sequence that uses it up first. */
export function consumptionLasts(sequence: string, headroom: bigint, rate: Consumption): Finding {
  const lasts = secondsLeft(headroom, rate) ?? 0n;
  return sequenceFinding(
    'CONSUMPTION',
    sequence,
    `${sequence} is ${distanceText(headroom)}, and the primary makes ${callsPerSecond(rate)} calls a second: ${headroom > 0n ? `the headroom lasts ${timeText(lasts)}` : 'no headroom is left'}`,
    'promote within that time after the handoff, or fence the primary; while the run waits, it tops up each sequence that falls below half of its buffer',
  );
}
