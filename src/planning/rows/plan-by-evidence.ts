import { runSynchronously } from '../../concurrency/run-synchronously.js';
import type { Mode } from '../../contract/input.js';
import type { Finding } from '../../contract/status.js';
import {
  LEAST_MS_APART,
  NO_RECORD,
  ONLY_ON_STANDBY,
  type RecordedDefinition,
  type RecordedEvidence,
  SAFETY_FACTOR,
} from '../../steps/evidence.js';
import type { Policy } from '../../steps/identity.js';
import type { PlannedSequence } from '../../steps/rows.js';
import { tightestBound } from '../../sequences/bounds.js';
import {
  type Consumption,
  consumptionText,
  fastestConsumption,
  type Reading,
} from '../../sequences/consumption.js';
import { type Estimate, estimateNext, type EvidenceInput } from '../../sequences/estimate.js';
import { startOf } from '../../sequences/phase.js';
import { nextValue, type Position } from '../../sequences/sequence.js';
import { mostCallsPastRows } from '../../sequences/target.js';
import { compileBuffers } from './buffers.js';
import { compileDecidedRows, type DecisionOnRows } from '../sequence/decided-rows.js';
import { unloggedFindings } from '../sequence/feed-findings.js';
import { noEvidence, weakEvidence } from '../sequence/evidence-findings.js';
import { obstaclesOf } from '../sequence/obstacles.js';
import { rowWithoutTarget } from './page-rows.js';
import { dataNotChecked } from '../sequence/sequence-findings.js';
import { skippedBehindItsRows, compileSkips, type PagePlan } from './plan-page.js';
import { planSequence, type SequencePlan } from './plan-sequence.js';
import { presumedPrimary, type RecordedDefinitions } from './recorded-primary.js';
import { limitsOf, type StandbySequence } from '../standby-sequence.js';
import { secondsBetween, timeText } from '../../sequences/time-text.js';

export interface EvidenceContext {
  mode: Mode;
  policy: Policy;
  /** SHOW max_connections of the standby, since the primary's is not known. */
  maxConnections: number;
  /** The time of the computation, in milliseconds since 1970. */
  now: number;
}

/** As {@link planByEvidenceInSteps}, for a few sequences. */
export function planByEvidence(
  context: EvidenceContext,
  standby: readonly StandbySequence[],
  recorded: ReadonlyMap<string, RecordedEvidence>,
): PagePlan {
  return runSynchronously(planByEvidenceInSteps(context, standby, recorded));
}

/**
 * Plans every sequence of a page if the primary is lost. Each target is the furthest position in the evidence, plus the buffer. See {@link
 * estimateNext}.
 *
 * @param recorded the evidence in the ledger, by sequence
 * @param definitions those of the primary in the ledger
 */
export function* planByEvidenceInSteps(
  context: EvidenceContext,
  standby: readonly StandbySequence[],
  recorded: ReadonlyMap<string, RecordedEvidence>,
  definitions: RecordedDefinitions = new Map(),
): Generator<void, PagePlan> {
  const { policy } = context;
  const skipOf = compileSkips(policy);
  const bufferOf = compileBuffers(policy);
  const rowsOf = compileDecidedRows(policy);
  const plan: PagePlan = { rows: [], findings: [], firstRowRequests: [] };
  for (const sequence of standby) {
    yield;
    const record = recorded.get(sequence.sequence) ?? NO_RECORD;
    const definition = record.isStandbyOnly ? undefined : definitions.get(sequence.sequence);
    const skip =
      skipOf(undefined, sequence) ??
      (record.isStandbyOnly ? { reason: ONLY_ON_STANDBY, isMeant: false } : null);
    if (skip !== null) {
      plan.rows.push(rowWithoutTarget(undefined, sequence, 'skipped', skip.reason));
      if (!skip.isMeant) plan.findings.push(...skippedBehindItsRows(sequence, skip.reason));
      continue;
    }
    const rate = fastestConsumption(record.readings, sequence.definition.increment, LEAST_MS_APART);
    const buffer = bufferOf({ ...sequence, ...(rate === null ? {} : { rate: consumptionText(rate) }) });
    const planned = planOne(context, {
      ...{ standby: sequence, record, definition, rate, buffer: buffer.calls, rows: rowsOf(sequence) },
    });
    plan.rows.push(buffer.measured ? { ...planned.row, measured: String(buffer.calls) } : planned.row);
    plan.findings.push(...planned.findings);
    if (planned.firstRowRequest !== undefined) plan.firstRowRequests.push(planned.firstRowRequest);
  }
  return plan;
}

/** A sequence of the standby that is to be planned, and everything that is known about it. */
interface Candidate {
  standby: StandbySequence;
  record: RecordedEvidence;
  /** Its definition on record; undefined if there is none. */
  definition: RecordedDefinition | undefined;
  /** The fastest rate on record; null if there is none. */
  rate: Consumption | null;
  /** In calls of nextval. */
  buffer: bigint;
  /** A person's decision about its rows; null if there is none. */
  rows: DecisionOnRows | null;
}

function planOne(context: EvidenceContext, candidate: Candidate): SequencePlan {
  const { standby, record, buffer, rows } = candidate;
  const { reading, definition, furthest } = standby;
  const primary = presumedPrimary(standby, candidate.definition);
  // Without a common increment there is no target.
  if (primary.increment !== String(definition.increment))
    return failed(standby, obstaclesOf(primary, standby));
  const position = 'position' in reading ? reading.position : null;
  const found = estimateNext(evidenceOf(context, candidate, position));
  if (position === null || (found === null && furthest === null)) {
    const unknown = found === null && furthest === null ? [noEvidence(standby)] : [];
    return failed(standby, [...unreadable(standby), ...unknown]);
  }
  // Rows that do not count as evidence are still judged, from the present position of the sequence.
  const next = nextValue(position, definition.increment);
  const estimate: Estimate = found ?? { next, evidence: 'rows', presumed: 0n, isCut: false };
  const { mode, maxConnections: primaryMaxConnections, now } = context;
  const plan = planSequence(
    { mode, primaryMaxConnections, buffer, rows, future: [] },
    { ...primary, last: String(estimate.next), called: false },
    standby,
  );
  return {
    ...plan,
    row: withEvidence(plan.row, estimate, record, now),
    findings: [
      // The finding is about a primary that still hands out values.
      ...plan.findings.filter(({ code }) => code !== 'PRIMARY_LIMIT'),
      ...weakEvidenceFindings(candidate, estimate, now),
    ],
  };
}

/** Everything that keeps the sequence of the standby, or its rows, from being read or set. */
function unreadable(standby: StandbySequence): Finding[] {
  const obstacles = obstaclesOf(presumedPrimary(standby, undefined), standby);
  if (obstacles.length > 0 || standby.dataNotChecked === null) return obstacles;
  return [dataNotChecked(standby.sequence, 'standby', standby.dataNotChecked)];
}

function failed(standby: StandbySequence, findings: Finding[]): SequencePlan {
  const reason = findings[0]?.message ?? 'it could not be read';
  const row = rowWithoutTarget(undefined, standby, 'failed', reason);
  return { row, findings: [...findings, ...unloggedFindings(standby)] };
}

function evidenceOf(
  { policy, now }: EvidenceContext,
  { standby, record, rate, buffer, rows }: Candidate,
  position: Position | null,
): EvidenceInput {
  const { definition, furthest } = standby;
  const { readings, own } = record;
  const { increment } = definition;
  const standbyNext = position === null ? null : nextValue(position, increment);
  // The ranges of partitions do not count: the lost primary may have been in a later range than the standby.
  const bound = tightestBound(definition, limitsOf(standby)).value;
  const isOwn = own !== null && own.standbyNext === standbyNext;
  const isMoved = position !== null && wasMoved(position, definition);
  const shownByStandby = isOwn ? own.primaryNext : isMoved ? standbyNext : null;
  return {
    ...{ increment, bound, rate, now, shownByStandby, buffer, member: standbyNext ?? startOf(definition) },
    reading: readings[0] ?? null,
    safetyFactor: safetyFactorOf(policy),
    furthest: rows?.choice === 'ignore' ? null : furthest,
    mostCallsToRow: rows?.choice === 'raise' ? null : mostCallsSince(readings[0], now, buffer),
  };
}

/** No server makes this many calls of one sequence in a second. If a row is further ahead than that, the sequence hardly made it. */
const MOST_CALLS_A_SECOND = 100_000n;

/** The load may have risen by any factor since the last reading, so the rate on record is no limit; null without a reading. */
function mostCallsSince(reading: Reading | undefined, now: number, buffer: bigint): bigint | null {
  if (reading === undefined) return null;
  const most = MOST_CALLS_A_SECOND * (secondsBetween(reading.at, now) + 1n);
  const always = mostCallsPastRows(buffer);
  return most > always ? most : always;
}

function wasMoved(position: Position, definition: StandbySequence['definition']): boolean {
  return position.isCalled || position.lastValue !== startOf(definition);
}

/** The factor of the buffer policy, if it has one. */
export function safetyFactorOf({ buffer }: Pick<Policy, 'buffer'>): number {
  return 'safetyFactor' in buffer ? Math.max(1, buffer.safetyFactor) : SAFETY_FACTOR;
}

/** Clocks of workers may differ by this much, in milliseconds. */
const CLOCKS_APART_MS = 5_000;

/** Findings about what the evidence does not show. */
function weakEvidenceFindings(
  { standby: { sequence }, record, rate }: Candidate,
  { isCut, presumed: calls }: Estimate,
  now: number,
): Finding[] {
  const [last] = record.readings;
  if (last === undefined)
    return [
      weakEvidence(
        sequence,
        'the ledger has no reading of it on the primary; only the rows that arrived and the position of the standby show how far it was',
      ),
    ];
  const age = timeText(secondsBetween(last.at, now));
  if (last.at - now > CLOCKS_APART_MS)
    return [
      weakEvidence(
        sequence,
        `the last reading of it on the primary is ${timeText(secondsBetween(now, last.at))} in the future: the clock of the worker that made it, or of this one, was wrong, so nothing is presumed for the time since then`,
      ),
    ];
  if (rate === null)
    return [
      weakEvidence(
        sequence,
        `the ledger has one reading of it on the primary, ${age} old, and so no measure of its consumption; only the buffer covers what it has used since then`,
      ),
    ];
  if (isCut)
    return [
      weakEvidence(
        sequence,
        `at the consumption on record it would have used up its values in the ${age} since its last reading; ${String(calls)} calls are presumed, half of what was left`,
      ),
    ];
  return [];
}

function withEvidence(
  planned: PlannedSequence,
  { evidence, presumed: calls }: Estimate,
  { readings: [last] }: RecordedEvidence,
  now: number,
): PlannedSequence {
  const at = evidence === 'ledger' && last !== undefined ? last.at : now;
  return {
    ...planned,
    evidence,
    evidenceAt: new Date(at).toISOString(),
    evidenceAge: String(secondsBetween(at, now)),
    presumed: String(calls),
  };
}
