import { sequenceFinding } from '../../findings/make-finding.js';
import type { Mode } from '../../contract/input.js';
import { onlyPlans } from '../../contract/modes.js';
import { shellQuoted } from '../../contract/shell.js';
import type { Finding } from '../../contract/status.js';
import type { PrimaryOrPresumed } from '../../steps/rows.js';
import { type Bound, tightestBound } from '../../sequences/bounds.js';
import { PRESETS } from '../../sequences/buffer.js';
import { callsPerSecond, parseConsumption, secondsLeft } from '../../sequences/consumption.js';
import { measuredBuffer, SUGGESTED_BUFFER } from '../../sequences/measured-buffer.js';
import { escapePattern } from '../../sequences/pattern.js';
import { callsUntil } from '../../sequences/sequence.js';
import { isBlocked, type Target } from '../../sequences/target.js';
import { boundText } from '../remedies/bound-text.js';
import { limitsOf, type StandbySequence } from '../standby-sequence.js';
import { timeText } from '../../sequences/time-text.js';
import { widenRemedy } from '../remedies/widen.js';

/** A sequence that has used this share of its values, in percent, is near its end. */
const NEAR_PERCENT = 75n;
/** A sequence that has used less is near its end if the rest lasts no longer than this at the measured rate: a year, in seconds. */
const NEAR_SECONDS = 365n * 86_400n;

export interface Advised {
  mode: Mode;
  primary: PrimaryOrPresumed;
  standby: StandbySequence;
  target: Target;
}

/** Advice that can wait until after the failover. Modes that only plan give more of it. */
export function adviceFor(advised: Advised): Finding[] {
  const advice = [nearLimit(advised), largerBuffer(advised)];
  return advice.filter((finding) => finding !== null);
}

/** Near the end of its own limit, or of its column's type. */
function nearLimit({ mode, primary, standby, target }: Advised): Finding | null {
  const { definition } = standby;
  // If the limit is so close that the buffer does not fit, another finding says so. Then only `check` and `plan` add this one, for its remedy.
  const isKnown = isBlocked(target) || target.notes.some(({ kind }) => LIMIT_NOTES.has(kind));
  if (definition.cycle || (isKnown && !onlyPlans(mode))) return null;
  const { increment } = definition;
  const next = furthestNext(target, increment);
  const bound = tightestBound(definition, limitsOf(standby), next);
  const first = increment > 0n ? definition.min : definition.max;
  const left = callsUntil(bound.value, next, increment);
  const used = callsUntil(next - increment, first, increment);
  const percent = left === 0n ? 100n : (used * 100n) / (used + left);
  const rate = parseConsumption(primary.rate);
  const lasts = rate === null ? null : secondsLeft(left, rate);
  if (percent < NEAR_PERCENT && (lasts === null || lasts > NEAR_SECONDS)) return null;
  const time =
    rate === null || lasts === null
      ? ''
      : `, which last ${timeText(lasts)} at ${callsPerSecond(rate)} calls a second`;
  return sequenceFinding(
    'NEAR_LIMIT',
    primary.sequence,
    `${primary.sequence} has used ${String(percent)} % of its values: ${String(left)} calls are left up to ${boundText(bound)}${time}`,
    waysOut(primary, standby, bound),
  );
}

const LIMIT_NOTES: ReadonlySet<string> = new Set<Target['notes'][number]['kind']>([
  'bufferReduced',
  'standbyNearBound',
]);

/** The side that is further ahead decides how much is left. */
function furthestNext({ primaryNext, standbyNext }: Target, increment: bigint): bigint {
  return primaryNext > standbyNext === increment > 0n ? primaryNext : standbyNext;
}

/** The ways out, each with its cost, and with statements if they are known. */
function waysOut({ increment, min, max }: PrimaryOrPresumed, standby: StandbySequence, bound: Bound): string {
  const step = BigInt(increment);
  const widen = widenRemedy(standby, bound.value + step, BigInt(step > 0n ? max : min));
  return `in time, and on the primary likewise: ${widen.text} (a change of a column's type rewrites its table under an exclusive lock; columns that refer to it need it too). Or use UUIDs in new tables: ${UUID}`;
}

const UUID =
  'id uuid PRIMARY KEY DEFAULT uuidv7() from PostgreSQL 18 on, gen_random_uuid() before. They need no sequence and no synchronization, and are unique across servers; they take 16 bytes instead of 4 or 8, are harder to read, and random ones make index writes slower';

/** Suggests a larger buffer if the measured rate would use up more calls (rate × seconds × factor) than the buffer has. */
function largerBuffer({ mode, primary, target }: Advised): Finding | null {
  const rate = parseConsumption(primary.rate);
  if (rate === null || isBlocked(target) || !onlyPlans(mode)) return null;
  const wanted = measuredBuffer(SUGGESTED_BUFFER, rate);
  // If the limit leaves no room for more, a larger buffer does not help.
  if (wanted <= target.buffer || target.notes.some(({ kind }) => kind === 'bufferReduced')) return null;
  const match = escapePattern(`${primary.schema}.${primary.name}`);
  const override = JSON.stringify({ overrides: [{ match, buffer: bufferFor(wanted) }] });
  const { maxFailoverSeconds, safetyFactor } = SUGGESTED_BUFFER;
  return sequenceFinding(
    'BUFFER_SUGGESTED',
    primary.sequence,
    `${primary.sequence} is consumed at ${callsPerSecond(rate)} calls a second: ${maxFailoverSeconds} seconds of failover with a safety factor of ${safetyFactor} take ${String(wanted)} calls, and its buffer is ${String(target.buffer)}`,
    `start with --input ${shellQuoted(override)}, or with a buffer from the peak rate, your own time and factor: {"peakInsertsPerSecond": …, "maxFailoverSeconds": …, "safetyFactor": …}`,
  );
}

/** The smallest preset that is large enough. */
function bufferFor(wanted: bigint): { preset: string } | { calls: string } {
  for (const [preset, calls] of Object.entries(PRESETS)) if (calls >= wanted) return { preset };
  return { calls: String(wanted) };
}
