import { atOnce } from '../concurrency/at-once.js';
import type { Finding } from '../contract/status.js';
import type { Policy } from '../steps/identity.js';
import type { PlannedSequence } from '../steps/rows.js';
import { headroom, isAhead } from '../sequences/headroom.js';
import { atOrBeyond, nextValue } from '../sequences/sequence.js';
import { computeTarget, type SequenceState } from '../sequences/target.js';
import { aboutSequence } from './about-sequence.js';
import { asOwner } from './as-owner.js';
import { compileBuffers } from './buffers.js';
import type { LastReading } from './last-reading.js';
import { compileDecidedRows, type DecidedRows } from './decided-rows.js';
import type { SeenSequence } from './changed-rows.js';
import { rowWithoutTarget } from './page-rows.js';
import { compileSkips, type PagePlan } from './plan-page.js';
import { block, dataNotChecked, targetBlock } from './sequence-findings.js';
import { neverCompared } from './verification-findings.js';
import type { FarRows, StandbySequence } from './standby-sequence.js';
import { standingOf } from './standing.js';

export interface StandbyPlan extends PagePlan {
  /** Every sequence, for the comparison with what the run has recorded. */
  seen: SeenSequence[];
}

/**
 * What is left to prove when the primary is gone: that every sequence is as far ahead of where the primary stood when it was last read
 * as the check with the primary demands, and past the standby's own rows. The rows of the answer are those that are not, each
 * with a target that is.
 *
 * @param readings by the standby's oid
 */
export function planWithoutPrimary(
  policy: Policy,
  standby: readonly StandbySequence[],
  readings: ReadonlyMap<number, LastReading>,
): StandbyPlan {
  return atOnce(planWithoutPrimaryInSteps(policy, standby, readings));
}

/** The same, with a pause after each sequence for those who call it: a page may hold thousands. */
export function* planWithoutPrimaryInSteps(
  policy: Policy,
  standby: readonly StandbySequence[],
  readings: ReadonlyMap<number, LastReading>,
): Generator<void, StandbyPlan> {
  const skipping = compileSkips(policy);
  const bufferOf = compileBuffers(policy);
  const rowsOf = compileDecidedRows(policy);
  const far: FarRows[] = [];
  const rows: PlannedSequence[] = [];
  const findings: Finding[] = [];
  const seen: SeenSequence[] = [];
  for (const sequence of standby) {
    yield;
    const skip = skipping(undefined, sequence);
    if (skip !== null) {
      seen.push(seenAs(sequence, 'skipped', skip.reason));
      continue;
    }
    const { dataNotChecked: obstacle } = sequence;
    if (obstacle !== null) findings.push(dataNotChecked(sequence.sequence, 'standby', obstacle));
    const reading = readings.get(sequence.oid);
    const planned = planOne(sequence, reading, bufferOf(sequence).calls, rowsOf(sequence));
    if (planned === null) {
      seen.push(seenAsFine(sequence, reading));
    } else if ('row' in planned) {
      rows.push(planned.row);
      seen.push({ row: planned.row, standing: 'behind' });
    } else {
      findings.push(planned.finding);
      seen.push(seenAs(sequence, 'failed', planned.finding.message));
      if (planned.far !== undefined) far.push(planned.far);
    }
  }
  return { rows, findings, far, seen };
}

function seenAs(standby: StandbySequence, outcome: 'skipped' | 'failed', reason: string): SeenSequence {
  const row = rowWithoutTarget(undefined, standby, outcome, reason);
  return { row, standing: standingOf(row, false) };
}

/** One that is far enough ahead, or that the primary does not have. */
function seenAsFine(standby: StandbySequence, reading: LastReading | undefined): SeenSequence {
  const primaryNext = reading?.primaryNext ?? null;
  if (primaryNext === null) return seenAs(standby, 'skipped', 'not compared with the primary');
  const { row } = seenAs(standby, 'failed', "ahead of the primary's last reading");
  return { row: { ...row, primaryNext: String(primaryNext), outcome: 'kept' }, standing: 'ahead' };
}

type Planned = { row: PlannedSequence } | { finding: Finding; far?: FarRows } | null;

function planOne(
  standby: StandbySequence,
  reading: LastReading | undefined,
  usual: bigint,
  decided: DecidedRows | null,
): Planned {
  const { sequence, definition, furthest } = standby;
  if ('problem' in standby.reading) {
    const { code, reason, remedy } = standby.reading.problem;
    return {
      finding: block(
        code,
        sequence,
        `${sequence} could not be read on the standby: ${reason}`,
        asOwner('standby', aboutSequence(remedy, sequence)),
      ),
    };
  }
  if (reading === undefined) return { finding: neverCompared(standby) };
  const { increment } = definition;
  const state: SequenceState = { position: standby.reading.position, definition };
  const next = nextValue(state.position, increment);
  const isPastRows = furthest === null || !atOrBeyond(furthest, next, increment);
  const { primaryNext, standbyNext } = reading;
  const keepsItsPlace = standbyNext === null || atOrBeyond(next, standbyNext, increment);
  const isFarEnough =
    primaryNext === null ||
    (keepsItsPlace && isAhead(headroom(next, primaryNext, increment), reading.buffer));
  if (isPastRows && isFarEnough) return null;

  // One that the primary never had starts from itself.
  const primary: SequenceState =
    primaryNext === null
      ? state
      : {
          position: { lastValue: primaryNext, isCalled: false },
          definition: { ...definition, cycle: definition.cycle || reading.goesRound === true },
        };
  const columns = standby.feeds.flatMap(({ limits }) => limits);
  const buffer = primaryNext === null ? usual : reading.buffer;
  const target = computeTarget({
    ...{ primary, standby: state, columns, buffer, furthest },
    // The buffer of the reading covers the primary's caches already.
    primaryMaxConnections: 0n,
    ahead: standby.ahead ?? null,
    rows: decided?.choice ?? null,
    // Nothing but the rows tells where it has to stand.
    anyJump: primaryNext === null,
  });
  const finding = targetBlock(standby, target);
  if (finding !== null) {
    return target.outcome === 'outlier'
      ? { finding, far: { oid: standby.oid, from: target.from } }
      : { finding };
  }
  if (target.target === null || (isFarEnough && target.isBehindRows !== true)) return null;
  const isBelowItsPlace =
    primaryNext !== null && standbyNext !== null && !atOrBeyond(target.target, standbyNext, increment);
  const wanted = isBelowItsPlace ? standbyNext : target.target;
  return {
    row: {
      sequence,
      primaryNext: primaryNext === null ? null : String(primaryNext),
      standbyBefore: String(next),
      target: String(wanted),
      standbyNext: String(next),
      buffer: String(target.buffer),
      outcome: 'applied',
      reason: null,
      ...(target.isBehindRows === true ? { behindData: true } : {}),
      oid: standby.oid,
      increment: String(increment),
      called: target.outcome === 'apply' && !isBelowItsPlace ? target.called : canBeCalled(wanted, state),
    },
  };
}

/** Whether setval accepts the value before, of which `wanted` is the next. */
function canBeCalled(wanted: bigint, { definition: { increment, min, max } }: SequenceState): boolean {
  const before = wanted - increment;
  return min <= before && before <= max;
}
