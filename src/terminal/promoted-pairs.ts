import type { PromotedPair, PromotionFleetStatus } from '../contract/promotion-fleet.js';
import { budgetLeft } from './budget-left.js';
import { labelled } from './labelled.js';
import { printable } from '../contract/printable.js';
import { textTable } from './text-table.js';

/** The decision of a fleet of promotions, and its outage. */
export function promotionFleetSummaryLines(
  { decision, certificate, deadline, outageBudget, rehearsal }: PromotionFleetStatus,
  now: number,
): string[] {
  const outage =
    certificate !== null
      ? `${rehearsal ? 'predicted: ' : ''}${certificate.outageMs} ms from the first fence to the last open standby`
      : deadline === null || decision !== null
        ? null
        : budgetLeft(deadline, outageBudget, now);
  const decided =
    decision &&
    `${decision.order} at ${decision.at}${decision.reason === null ? '' : `: ${decision.reason}`}`;
  return [...labelled('decision', decided), ...labelled('outage', outage)];
}

/** A line for each pair; pairs that failed come first. */
export function promotedPairLines(pairs: readonly PromotedPair[]): string[] {
  const rank = ({ failure }: PromotedPair) => (failure === null || failure === 'FleetStopped' ? 1 : 0);
  return textTable(
    [
      { title: ['pair'], align: 'left', cell: ({ pair }) => printable(pair) },
      { title: ['state'], align: 'left', cell: ({ state }) => state },
      { title: ['outcome'], align: 'left', cell: outcomeText },
      {
        title: ['outage in ms'],
        align: 'right',
        cell: ({ certificate }) => (certificate === null ? '' : String(certificate.outageMs)),
      },
    ],
    [...pairs].sort((a, b) => rank(a) - rank(b)),
  );
}

function outcomeText({ outcome, failure }: PromotedPair): string {
  if (outcome === 'pending') return '';
  return failure === null ? outcome : `${outcome} (${failure})`;
}

/** A line for the fleet, its decision, and each pair that has begun. */
export function promotedPairChanges({
  phase,
  decision,
  pairs,
}: PromotionFleetStatus): [name: string, line: string][] {
  return [
    ['fleet', `fleet: ${phase}`],
    ...(decision === null ? [] : [['decision', `decision: ${decision.order}`] as [string, string]]),
    ...pairs
      .filter(({ state }) => state !== 'queued')
      .map(({ pair, state, outcome }): [string, string] => [
        `pair ${pair}`,
        `${printable(pair)}: ${outcome === 'pending' ? state : outcome}`,
      ]),
  ];
}
