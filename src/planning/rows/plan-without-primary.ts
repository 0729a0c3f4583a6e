import { runSynchronously } from '../../concurrency/run-synchronously.js';
import type { Finding } from '../../contract/status.js';
import type { Policy } from '../../steps/identity.js';
import type { SequenceToSet } from '../../steps/rows.js';
import { headroom, isAhead } from '../../sequences/headroom.js';
import { tightestBound } from '../../sequences/bounds.js';
import { atOrBeyond, callsUntil, nextValue } from '../../sequences/sequence.js';
import {
  type BlockedTarget,
  computeTarget,
  isBlocked,
  type SequenceState,
  type Target,
} from '../../sequences/target.js';
import { compileBuffers } from './buffers.js';
import type { LastReading } from './last-reading.js';
import { compileDecidedRows, type DecisionOnRows } from '../sequence/decided-rows.js';
import type { SeenSequence } from './changed-rows.js';
import { definitionObstacles, notReadOnStandby } from '../sequence/obstacles.js';
import { rowWithoutTarget } from './page-rows.js';
import { skippedBehindItsRows, compileSkips, type PagePlan } from './plan-page.js';
import { feedFindings } from '../sequence/feed-findings.js';
import { presumedPrimary, type RecordedDefinitions } from './recorded-primary.js';
import { dataNotChecked, noteFinding, targetBlock } from '../sequence/sequence-findings.js';
import { neverComparedText } from '../sequence/verification-findings.js';
import {
  type FirstRowRequest,
  limitsOf,
  requestFirstRow,
  type StandbySequence,
} from '../standby-sequence.js';
import { rowStateOf } from './row-state.js';

export interface StandbyPlan extends PagePlan {
  /** The sequences that are not far enough ahead, each with a target. */
  rows: SequenceToSet[];
  /** Every sequence, for the comparison with what the run has recorded. */
  seen: SeenSequence[];
  /** Sequences without a reading. Each needs the finding of `neverCompared`, with the reading of its predecessor if it was created anew. */
  neverCompared: StandbySequence[];
}

/**
 * Checks the standby alone if the primary is lost. Every sequence has to be ahead of the primary's last reading by what the check with the
 * primary requires, and past the standby's own rows. The rows of the answer are those that are not, each with its target.
 *
 * @param readings the last readings, by the standby's oid
 * @param definitions those of the primary in the ledger
 */
export function planWithoutPrimary(
  policy: Policy,
  standby: readonly StandbySequence[],
  readings: ReadonlyMap<number, LastReading>,
  definitions?: RecordedDefinitions,
): StandbyPlan {
  return runSynchronously(planWithoutPrimaryInSteps(policy, standby, readings, definitions));
}

/** The same as a generator, which yields after each sequence, since a page may have thousands. */
export function* planWithoutPrimaryInSteps(
  policy: Policy,
  standby: readonly StandbySequence[],
  readings: ReadonlyMap<number, LastReading>,
  definitions: RecordedDefinitions = new Map(),
): Generator<void, StandbyPlan> {
  const skipOf = compileSkips(policy);
  const bufferOf = compileBuffers(policy);
  const rowsOf = compileDecidedRows(policy);
  const firstRowRequests: FirstRowRequest[] = [];
  const rows: SequenceToSet[] = [];
  const findings: Finding[] = [];
  const seen: SeenSequence[] = [];
  const unknown: StandbySequence[] = [];
  for (const sequence of standby) {
    yield;
    const skip = skipOf(undefined, sequence);
    if (skip !== null) {
      if (!skip.isMeant) findings.push(...skippedBehindItsRows(sequence, skip.reason));
      seen.push(seenAs(sequence, 'skipped', skip.reason));
      continue;
    }
    const { dataNotChecked: obstacle } = sequence;
    if (obstacle !== null) findings.push(dataNotChecked(sequence.sequence, 'standby', obstacle));
    const reading = readings.get(sequence.oid);
    if (reading !== undefined && reading.primaryNext !== null) {
      findings.push(...feedFindings(sequence, () => null), ...cycleFindings(sequence));
      const primary = presumedPrimary(sequence, definitions.get(sequence.sequence));
      const [differs] = definitionObstacles(primary, sequence);
      if (differs !== undefined) {
        // Such a sequence is never set.
        findings.push(differs);
        seen.push(seenAs(sequence, 'failed', differs.message));
        continue;
      }
    }
    const planned = planOne(sequence, reading, bufferOf(sequence).calls, rowsOf(sequence));
    if (planned === 'never compared') {
      unknown.push(sequence);
      seen.push(seenAs(sequence, 'failed', neverComparedText(sequence.sequence)));
    } else if (planned === null) {
      findings.push(...nearItsLimit(sequence, reading));
      seen.push(seenAhead(sequence, reading));
    } else if ('row' in planned) {
      rows.push(planned.row);
      seen.push({ row: planned.row, state: 'behind' });
    } else {
      findings.push(planned.finding);
      seen.push(seenAs(sequence, 'failed', planned.finding.message));
      if (planned.firstRowRequest !== undefined) firstRowRequests.push(planned.firstRowRequest);
    }
  }
  return { rows, findings, firstRowRequests, seen, neverCompared: unknown };
}

/** With CYCLE, the sequence may begin again between two of its values, however far ahead it is. */
function cycleFindings({ sequence, definition }: StandbySequence): Finding[] {
  const finding = definition.cycle ? noteFinding(sequence, { kind: 'cycles' }) : null;
  return finding === null ? [] : [finding];
}

/** As with the primary: the standby is far enough ahead, and has fewer values left than the buffer has. Its limits may be new. */
function nearItsLimit(standby: StandbySequence, reading: LastReading | undefined): Finding[] {
  if (reading?.primaryNext == null || 'problem' in standby.reading) return [];
  const { sequence, definition } = standby;
  const next = nextValue(standby.reading.position, definition.increment);
  const bound = tightestBound(definition, limitsOf(standby), next);
  const remaining = callsUntil(bound.value, next, definition.increment);
  if (remaining >= reading.buffer) return [];
  const finding = noteFinding(sequence, { kind: 'standbyNearBound', next, remaining, bound });
  return finding === null ? [] : [finding];
}

function seenAs(standby: StandbySequence, outcome: 'skipped' | 'failed', reason: string): SeenSequence {
  const row = rowWithoutTarget(undefined, standby, outcome, reason);
  return { row, state: rowStateOf(row, false) };
}

/** A sequence that is far enough ahead, or that the primary does not have (then it is skipped). */
function seenAhead(standby: StandbySequence, reading: LastReading | undefined): SeenSequence {
  const primaryNext = reading?.primaryNext ?? null;
  if (primaryNext === null) return seenAs(standby, 'skipped', 'not compared with the primary');
  const { row } = seenAs(standby, 'failed', "ahead of the primary's last reading");
  return { row: { ...row, primaryNext: String(primaryNext), outcome: 'kept' }, state: 'ahead' };
}

type Planned =
  { row: SequenceToSet } | { finding: Finding; firstRowRequest?: FirstRowRequest } | 'never compared' | null;

function planOne(
  standby: StandbySequence,
  reading: LastReading | undefined,
  policyBuffer: bigint,
  decided: DecisionOnRows | null,
): Planned {
  if ('problem' in standby.reading)
    return { finding: notReadOnStandby(standby.sequence, standby.reading.problem, standby.grantsToSet) };
  if (reading === undefined) return 'never compared';
  const { definition, furthest } = standby;
  const state: SequenceState = { position: standby.reading.position, definition };
  const next = nextValue(state.position, definition.increment);
  const isPastRows = furthest === null || !atOrBeyond(furthest, next, definition.increment);
  const isAheadOfPrimary = isFarEnough(next, reading, definition.increment);
  if (isPastRows && isAheadOfPrimary && hasValuesLeft(standby, next, reading)) return null;

  const target = targetByReading(standby, state, reading, policyBuffer, decided);
  if (isBlocked(target)) {
    const finding = targetBlock(standby, target, definition);
    return target.outcome === 'outlier'
      ? { finding, firstRowRequest: requestFirstRow(standby.oid, target, decided?.choice ?? null) }
      : { finding };
  }
  const isBehindRows = target.outcome === 'apply' && target.isBehindRows === true;
  if (isAheadOfPrimary && !isBehindRows) return null;
  return { row: topUpOf(standby, state, reading, target) };
}

/** Whether the standby's next value is within its limits, which may have changed since the last reading. */
function hasValuesLeft(standby: StandbySequence, next: bigint, { primaryNext }: LastReading): boolean {
  if (primaryNext === null) return true;
  const { definition } = standby;
  const bound = tightestBound(definition, limitsOf(standby), next);
  return callsUntil(bound.value, next, definition.increment) > 0n;
}

/** Whether the standby's next value is ahead of the last reading of the primary by what the check with the primary requires. */
function isFarEnough(
  next: bigint,
  { primaryNext, standbyNext, buffer }: LastReading,
  increment: bigint,
): boolean {
  if (primaryNext === null) return true;
  const keepsItsPlace = standbyNext === null || atOrBeyond(next, standbyNext, increment);
  return keepsItsPlace && isAhead(headroom(next, primaryNext, increment), buffer);
}

function targetByReading(
  sequence: StandbySequence,
  standby: SequenceState,
  { primaryNext, buffer, goesRound }: LastReading,
  policyBuffer: bigint,
  decided: DecisionOnRows | null,
): Target {
  const { definition, furthest, ahead } = sequence;
  const shared = {
    standby,
    columns: limitsOf(sequence),
    furthest,
    // The buffer of the reading already covers the primary's caches.
    primaryMaxConnections: 0n,
    ahead: ahead ?? null,
    rows: decided?.choice ?? null,
  };
  // The primary has no such sequence, or it is not compared: only the rows say where it has to be.
  if (primaryNext === null)
    return computeTarget({ ...shared, primary: standby, buffer: policyBuffer, anyJump: true });
  const primary: SequenceState = {
    position: { lastValue: primaryNext, isCalled: false },
    definition: { ...definition, cycle: definition.cycle || goesRound === true },
  };
  return computeTarget({ ...shared, primary, buffer });
}

function topUpOf(
  { sequence, oid }: StandbySequence,
  standby: SequenceState,
  { primaryNext, standbyNext }: LastReading,
  target: Exclude<Target, BlockedTarget>,
): SequenceToSet {
  const { increment } = standby.definition;
  // The standby was further ahead at the last reading of both sides. The sequence returns to that position.
  const isBelowItsPlace =
    primaryNext !== null && standbyNext !== null && !atOrBeyond(target.target, standbyNext, increment);
  const wanted = isBelowItsPlace ? standbyNext : target.target;
  const isTarget = target.outcome === 'apply' && !isBelowItsPlace;
  const next = String(target.standbyNext);
  return {
    sequence,
    primaryNext: primaryNext === null ? null : String(primaryNext),
    standbyBefore: next,
    target: String(wanted),
    standbyNext: next,
    buffer: String(target.buffer),
    outcome: 'applied',
    reason: null,
    ...(target.outcome === 'apply' && target.isBehindRows === true ? { behindData: true } : {}),
    oid,
    increment: String(increment),
    called: isTarget ? target.called : canBeCalled(wanted, standby),
  };
}

/** Whether setval accepts the value before `wanted`, after which `wanted` is the next value. */
function canBeCalled(wanted: bigint, { definition: { increment, min, max } }: SequenceState): boolean {
  const before = wanted - increment;
  return min <= before && before <= max;
}
