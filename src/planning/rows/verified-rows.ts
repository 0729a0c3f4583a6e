import type { Mode } from '../../contract/input.js';
import { setsSequences } from '../../contract/modes.js';
import type { Finding } from '../../contract/status.js';
import type { VerifyReport } from '../../steps/page-steps.js';
import type { Expectation, PlannedSequence, SequenceToKeep, SequenceToSet } from '../../steps/rows.js';
import { atOrBeyond } from '../../sequences/sequence.js';
import type { PlanAndRow } from './plan-and-row.js';
import { behindItsRows, notAhead } from '../sequence/verification-findings.js';

/** A sequence with a target: the standby has to be ahead of the primary by its buffer. */
export type Provable = SequenceToSet | SequenceToKeep;

/** A sequence with a target that can be read on both sides. */
export type Verifiable = Provable & { primaryOid: number };

/** Whether the sequence has a target, and exists on the primary too. */
export function isVerifiable(plan: PlannedSequence): plan is Verifiable {
  return isProvable(plan) && plan.primaryOid !== undefined;
}

/** Whether the sequence has a target. */
export function isProvable(plan: PlannedSequence): plan is Provable {
  return plan.outcome === 'applied' || plan.outcome === 'kept';
}

/**
 * Writes the values of a verification into the rows, and fails each row that is not ahead. The mode `verify` sets nothing: there the
 * outcome stays the one that the sequence would have, and a sequence behind its own rows counts as not ahead. Where
 * the mode sets values, setval has moved it past the rows by then.
 */
export function noteVerified(
  expected: readonly PlanAndRow<Provable>[],
  { standbyNext, behind }: Pick<VerifyReport, 'standbyNext' | 'behind'>,
  mode: Mode,
): Finding[] {
  expected.forEach(({ row }, position) => {
    row.standbyNext = standbyNext[position] ?? null;
  });
  const findings = behind.map(([position, headroom]) => {
    const one = expected[position];
    if (one === undefined) throw new RangeError(`no sequence ${position} of ${expected.length}`);
    const { plan, row } = one;
    const calls = headroom === null ? null : BigInt(headroom);
    const increment = BigInt(plan.increment);
    const wasSet = setsSequences(mode);
    const finding = notAhead(row.sequence, calls, BigInt(plan.buffer), {
      wasSet,
      stillThere: wasSet && isAtTarget(plan, row.standbyNext, increment),
      goesRound: plan.goesRound === true ? directionOf(increment) : null,
    });
    if (mode !== 'verify') {
      row.outcome = 'failed';
      row.reason = finding.message;
    }
    return finding;
  });
  if (mode !== 'verify') return findings;
  const known = new Set(behind.map(([position]) => position));
  const behindData = expected.filter(
    ({ plan }, position) => plan.outcome === 'applied' && plan.behindData === true && !known.has(position),
  );
  return [...findings, ...behindData.map(({ row }) => behindItsRows(row.sequence))];
}

/** The direction in which a sequence hands out its values. */
export function directionOf(increment: bigint): 'ascending' | 'descending' {
  return increment > 0n ? 'ascending' : 'descending';
}

function isAtTarget({ target }: Provable, standbyNext: string | null, increment: bigint): boolean {
  return standbyNext !== null && atOrBeyond(BigInt(standbyNext), BigInt(target), increment);
}

/** The fields of a plan that a verification needs. */
export function toExpectation({ oid, primaryOid, increment, buffer, goesRound }: Verifiable): Expectation {
  const expectation: Expectation = { oid, primaryOid, increment, buffer };
  if (goesRound === true) expectation.goesRound = goesRound;
  return expectation;
}
