import type { FleetStatus } from '../contract/fleet-status.js';
import { plural } from '../contract/plural.js';
import type { PromotionStatus } from '../contract/promotion.js';
import type { Status } from '../contract/status.js';
import { fleetPhaseInWords, phaseInWords } from './phase.js';
import { printable } from '../contract/printable.js';

/** The state of a run in one line. A line that differs from the last one is news for a person. */
export function runLine({ mode, phase, gate, findings, counts, pages }: Status): string {
  const blocks = findings.filter(({ severity }) => severity === 'block').map(({ code }) => code);
  return [
    phaseInWords(phase, mode),
    ...(pages === undefined ? [] : [`${pages.done} of ${pages.total} pages`]),
    ...(gate === null || phase === 'done'
      ? []
      : [
          `gate ${gate.state}, ${gate.approvals.length} of ${gate.required} approvals`,
          ...(gate.heldUntil === undefined ? [] : [`waits until ${gate.heldUntil}`]),
        ]),
    ...(counts.total === 0 ? [] : [`${plural(counts.total, 'sequence')}, ${counts.failed} failed`]),
    ...(blocks.length === 0 ? [] : [`blocked by ${[...new Set(blocks)].join(', ')}`]),
  ].join('; ');
}

/** The state of a fleet in one line, see {@link runLine}. */
export function fleetLine({ phase, counts, gate, attentionNames = [] }: FleetLine): string {
  const { queued, preparing, waiting, deciding, done } = counts;
  return [
    fleetPhaseInWords(phase),
    `${queued} queued, ${preparing} preparing, ${waiting} waiting, ${deciding} decided, ${done} ended`,
    ...(gate === null ? [] : [`gate ${gate.state}`]),
    ...(attentionNames.length === 0 ? [] : [`needs a person: ${printable(attentionNames.join(', '))}`]),
  ].join('; ');
}

type FleetLine = Pick<FleetStatus, 'phase' | 'counts'> & {
  gate: Pick<NonNullable<FleetStatus['gate']>, 'state'> | null;
  /** The pairs that need a person. */
  attentionNames?: readonly string[];
};

/** A line for each step of a promotion that has begun. */
export function promotionStepLines({
  steps,
}: Pick<PromotionStatus, 'steps'>): [step: string, line: string][] {
  return steps
    .filter(({ state }) => state !== 'pending')
    .map(({ step, state, ms }) => [step, `${step}: ${state}${ms === null ? '' : ` after ${ms} ms`}`]);
}
