import type { Finding } from '../contract/status.js';
import type { PlannedSequence, Policy, TargetPage } from '../contract/steps.js';
import { atOrBeyond, nextValue } from '../sequences/sequence.js';
import { computeTarget } from '../sequences/target.js';
import { compileBuffers } from './buffers.js';
import { compileSkips } from './plan-page.js';
import { block, targetBlock } from './sequence-findings.js';
import type { StandbySequence } from './standby-sequence.js';

/**
 * What is left to prove when the primary is gone: that every sequence is past the standby's own rows. The rows
 * of the answer are those that are not, each with a target past them in the standby's own phase.
 */
export function planWithoutPrimary(policy: Policy, standby: readonly StandbySequence[]): TargetPage {
  const skipping = compileSkips(policy);
  const bufferOf = compileBuffers(policy);
  const rows: PlannedSequence[] = [];
  const findings: Finding[] = [];
  for (const sequence of standby) {
    if (skipping(undefined, sequence) !== null) continue;
    const planned = planOne(sequence, bufferOf(sequence).calls);
    if (planned === null) continue;
    if ('row' in planned) rows.push(planned.row);
    else findings.push(planned.finding);
  }
  return { rows, findings };
}

function planOne(
  standby: StandbySequence,
  buffer: bigint,
): { row: PlannedSequence } | { finding: Finding } | null {
  const { sequence, oid, definition, reading, furthest } = standby;
  if ('problem' in reading) {
    const { code, reason, remedy } = reading.problem;
    return {
      finding: block(code, sequence, `${sequence} could not be read on the standby: ${reason}`, remedy),
    };
  }
  const { increment } = definition;
  const next = nextValue(reading.position, increment);
  if (furthest === null || !atOrBeyond(furthest, next, increment)) return null;
  const state = { position: reading.position, definition };
  const columns = standby.feeds.flatMap(({ limits }) => limits);
  const target = computeTarget({
    primary: state,
    standby: state,
    columns,
    buffer,
    primaryMaxConnections: 0n,
    furthest,
  });
  const finding = targetBlock(sequence, target);
  if (finding !== null || target.outcome !== 'apply') return finding === null ? null : { finding };
  return {
    row: {
      sequence,
      primaryNext: null,
      standbyBefore: String(next),
      target: String(target.target),
      standbyNext: String(next),
      buffer: String(target.buffer),
      outcome: 'applied',
      reason: null,
      behindData: true,
      oid,
      increment: String(increment),
      called: target.called,
    },
  };
}
