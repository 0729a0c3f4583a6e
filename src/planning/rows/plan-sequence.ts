import type { Mode } from '../../contract/input.js';
import type { Finding } from '../../contract/status.js';
import type { PlannedSequence, PrimaryOrPresumed, SequenceToSet } from '../../steps/rows.js';
import { cachedCalls } from '../../sequences/cached-calls.js';
import type { ColumnLimit, Definition } from '../../sequences/sequence.js';
import {
  computeTarget,
  goesRound,
  isBlocked,
  type SequenceState,
  type Target,
  type TargetNote,
} from '../../sequences/target.js';
import { adviceFor } from './advice.js';
import { decidedText, type DecisionOnRows } from '../sequence/decided-rows.js';
import { obstaclesOf, remediedDefinition } from '../sequence/obstacles.js';
import { moreRoomRemedy } from '../remedies/more-room.js';
import { rowWithoutTarget } from './page-rows.js';
import { feedFindings, unloggedFindings } from '../sequence/feed-findings.js';
import { valuesToCome } from '../sequence/limit-not-computed.js';
import { blockedText, dataNotChecked, noteFinding, targetBlock } from '../sequence/sequence-findings.js';
import {
  type FirstRowRequest,
  limitsOf,
  requestFirstRow,
  type StandbySequence,
} from '../standby-sequence.js';

export interface SequencePlan {
  row: PlannedSequence;
  findings: Finding[];
  /** Set if the first row on the standby may matter more than the furthest. */
  firstRowRequest?: FirstRowRequest;
}

export interface SequenceContext {
  mode: Mode;
  primaryMaxConnections: number;
  /** In calls of nextval. */
  buffer: bigint;
  /** A person's decision about its rows; null if there is none. */
  rows: DecisionOnRows | null;
  /** The limits of columns that it feeds on the primary, and that it is to feed on the standby, too. */
  future: readonly ColumnLimit[];
}

/** Plans a sequence that exists on both sides. */
export function planSequence(
  context: SequenceContext,
  primary: PrimaryOrPresumed,
  standby: StandbySequence,
): SequencePlan {
  const { sequence } = primary;
  const obstacles = obstaclesOf(primary, standby);
  const [obstacle] = obstacles;
  const state = primaryState(primary);
  const standbyState = remediedState(primary, standby);
  if (obstacle !== undefined) {
    const row = rowWithoutTarget(primary, standby, 'failed', obstacle.message);
    if (state === null || standbyState === null) {
      return { row, findings: [...obstacles, ...unloggedFindings(standby)] };
    }
    const remedied = { ...standby, definition: standbyState.definition };
    const target = targetOf(context, primary, state, remedied, standbyState);
    const further = findingsOf(context, primary, remedied, target).filter(isBlock);
    return withRequest({ row, findings: [...obstacles, ...further] }, standby, target, context.rows);
  }
  if (state === null || standbyState === null) throw new Error(`${sequence} has no position and no problem`);
  const target = targetOf(context, primary, state, standby, standbyState);
  const row = rowOf(context, primary, state, standby, target);
  return withRequest(
    { row, findings: findingsOf(context, primary, standby, target) },
    standby,
    target,
    context.rows,
  );
}

const isBlock = ({ severity }: Finding) => severity === 'block';

/** The standby's sequence, with the definition that it has once its obstacles are removed; null if its position could not be read. */
function remediedState(primary: PrimaryOrPresumed, standby: StandbySequence): SequenceState | null {
  if ('problem' in standby.reading) return null;
  return { position: standby.reading.position, definition: remediedDefinition(primary, standby) };
}

function targetOf(
  context: SequenceContext,
  primary: PrimaryOrPresumed,
  state: SequenceState,
  standby: StandbySequence,
  standbyState: SequenceState,
): Target {
  return computeTarget({
    primary: state,
    standby: standbyState,
    columns: context.future.length === 0 ? limitsOf(standby) : [...limitsOf(standby), ...context.future],
    buffer: context.buffer,
    primaryMaxConnections: BigInt(context.primaryMaxConnections),
    furthest: furthestOf(primary, standby),
    ahead: standby.ahead ?? null,
    rows: context.rows?.choice ?? null,
  });
}

function withRequest(
  plan: SequencePlan,
  { oid }: StandbySequence,
  target: Target,
  rows: DecisionOnRows | null,
): SequencePlan {
  return target.outcome === 'outlier'
    ? { ...plan, firstRowRequest: requestFirstRow(oid, target, rows?.choice ?? null) }
    : plan;
}

function findingsOf(
  context: SequenceContext,
  primary: PrimaryOrPresumed,
  standby: StandbySequence,
  target: Target,
): Finding[] {
  const { sequence } = primary;
  const findings: Finding[] = [];
  if (isBlocked(target)) {
    findings.push(targetBlock(standby, target, definitionOf(primary), context.mode));
  }
  const advice = adviceFor({ mode: context.mode, primary, standby, target });
  const nearLimit = advice.find(({ code }) => code === 'NEAR_LIMIT')?.remedy ?? null;
  for (const note of target.notes) {
    const finding = noteFinding(sequence, note, context.rows);
    if (finding === null) continue;
    const remedy = moreRoomRemedy(note, target, primary, standby, nearLimit);
    findings.push(remedy === null ? finding : { ...finding, remedy });
  }
  findings.push(...advice);
  if (standby.feeds.length > 0) {
    const { increment } = standby.definition;
    const furthest = furthestOf(primary, standby);
    findings.push(
      ...feedFindings(standby, () => {
        const least = cachedCalls({ cache: BigInt(primary.cache) }, BigInt(context.primaryMaxConnections));
        return valuesToCome(target, { mode: context.mode, increment, furthest, least });
      }),
    );
  }
  if (primary.dataNotChecked !== undefined)
    findings.push(dataNotChecked(sequence, 'primary', primary.dataNotChecked));
  if (standby.dataNotChecked !== null)
    findings.push(dataNotChecked(sequence, 'standby', standby.dataNotChecked));
  return findings;
}

function rowOf(
  context: SequenceContext,
  primary: PrimaryOrPresumed,
  { definition }: SequenceState,
  standby: StandbySequence,
  target: Target,
): PlannedSequence {
  const row = valuesOf(context, primary, standby, target);
  if (primary.oid !== undefined) row.primaryOid = primary.oid;
  if (goesRound(definition, target.primaryNext)) row.goesRound = true;
  return row;
}

/** Without spreads, which take several times as long: a page has thousands of sequences. */
function valuesOf(
  context: SequenceContext,
  primary: PrimaryOrPresumed,
  { oid }: StandbySequence,
  target: Target,
): PlannedSequence {
  const { sequence, increment } = primary;
  const standbyNext = String(target.standbyNext);
  const values = {
    sequence,
    primaryNext: String(target.primaryNext),
    standbyBefore: standbyNext,
    standbyNext,
    buffer: String(target.buffer),
    oid,
    increment,
  };
  if (isBlocked(target))
    return Object.assign(values, {
      target: target.target === null ? null : String(target.target),
      outcome: 'failed' as const,
      reason: blockedText(sequence, target),
    });
  const planned = Object.assign(values, {
    target: String(target.target),
    reason: reasonOf(target, context.rows),
  });
  if (target.outcome === 'keep') return Object.assign(planned, { outcome: 'kept' as const });
  const row: SequenceToSet = Object.assign(planned, { outcome: 'applied' as const, called: target.called });
  if (target.isBehindRows === true) row.behindData = true;
  return row;
}

function reasonOf(target: Target, decided: DecisionOnRows | null): string | null {
  const reasons = [
    ...(target.outcome === 'keep' ? ['at or beyond its target already'] : []),
    ...target.notes.flatMap((note) => rowsReason(note, decided) ?? []),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}

/** The record names a person's decision, and the person. */
function rowsReason(note: TargetNote, decided: DecisionOnRows | null): string | null {
  if (decided === null) return null;
  if (note.kind === 'rowsIgnored')
    return `rows up to ${String(note.furthest)} ignored, ${decidedText(decided)}`;
  if (note.kind === 'behindData' && decided.choice === 'raise')
    return `moved past rows up to ${String(note.furthest)}, ${decidedText(decided)}`;
  return null;
}

function primaryState(primary: PrimaryOrPresumed): SequenceState | null {
  const { last, called } = primary;
  if (last === undefined || called === undefined) return null;
  return { position: { lastValue: BigInt(last), isCalled: called }, definition: definitionOf(primary) };
}

function definitionOf({ increment, min, max, cache, cycle, start }: PrimaryOrPresumed): Definition {
  return {
    increment: BigInt(increment),
    min: BigInt(min),
    max: BigInt(max),
    cache: BigInt(cache),
    cycle: cycle === true,
    ...(start === undefined ? {} : { start: BigInt(start) }),
  };
}

function furthestOf(primary: PrimaryOrPresumed, standby: StandbySequence): bigint | null {
  const onPrimary = primary.furthest == null ? null : BigInt(primary.furthest);
  const onStandby = standby.furthest;
  if (onPrimary === null || onStandby === null) return onPrimary ?? onStandby;
  const ascending = standby.definition.increment > 0n;
  return onPrimary > onStandby === ascending ? onPrimary : onStandby;
}
