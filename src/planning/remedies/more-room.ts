import type { PrimaryOrPresumed } from '../../steps/rows.js';
import type { Target, TargetNote } from '../../sequences/target.js';
import type { StandbySequence } from '../standby-sequence.js';
import { type WideningRemedy, widenRemedy } from './widen.js';

/** Widened, a sequence with CYCLE would leave the range that it cycles in. */
const BEGINS_AGAIN = 'no action is needed: the sequence has CYCLE, and begins again at its limit';

/** A larger buffer would be reduced too. */
const NO_ROOM_FOR_BUFFER =
  'fence the primary before you approve; a larger buffer does not fit before the limit';

/**
 * What makes room for the whole buffer; null for a note that is not about room, or if no statement helps.
 *
 * @param nearLimit the remedy of NEAR_LIMIT for the same sequence; null without that finding
 */
export function moreRoomRemedy(
  note: TargetNote,
  { primaryNext, buffer, notes }: Target,
  { increment, min, max }: PrimaryOrPresumed,
  standby: StandbySequence,
  nearLimit: string | null,
): string | null {
  if (note.kind === 'noHeadroom' && notes.some(({ kind }) => kind === 'bufferReduced'))
    return NO_ROOM_FOR_BUFFER;
  if (note.kind !== 'bufferReduced' && note.kind !== 'standbyNearBound') return null;
  const { by } = note.bound;
  if (by === 'sequence' && standby.definition.cycle) return BEGINS_AGAIN;
  if (by !== 'sequence' && ((by.type === 'restriction' && by.widen === undefined) || by.owned === true))
    return null;
  const step = BigInt(increment);
  // A buffer takes at most half of the values that are left.
  const wanted =
    note.kind === 'bufferReduced'
      ? primaryNext + 2n * note.from * step
      : note.next + (note.remaining + buffer) * step;
  return inWords(widenRemedy(standby, wanted, BigInt(step > 0n ? max : min)), nearLimit);
}

function inWords(widen: WideningRemedy, nearLimit: string | null): string | null {
  const { text, hasStatements, isAsOnPrimary, isAtItsEnd } = widen;
  if (hasStatements && nearLimit?.includes(text) === true)
    return 'do what NEAR_LIMIT says for the same sequence';
  if (isAtItsEnd) return text;
  if (isAsOnPrimary) return `plan for more room, as the primary has it: ${text}`;
  return hasStatements
    ? `plan for more room, with the same change to the primary, since rows beyond its limits could not travel back after a promotion: ${text}`
    : null;
}
