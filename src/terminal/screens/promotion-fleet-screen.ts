import { shellQuoted } from '../../contract/shell.js';
import type { PromotionFleetStatus } from '../../contract/promotion-fleet.js';
import { promotionFleetPhaseInWords } from '../phase.js';
import { printable } from '../../contract/printable.js';
import { promotedPairLines, promotionFleetSummaryLines } from '../promoted-pairs.js';
import { findingsBody } from './findings-body.js';
import { retryLines, titleLines, type WorkflowView } from './head.js';
import { type Canvas, fitScreen, ranked } from './screen.js';

export type PromotionFleetView = WorkflowView<PromotionFleetStatus>;

/** The screen of a fleet of promotions: its decision, its outage, its pairs, and how to reject it. */
export function promotionFleetScreen(
  { workflowId, status, retries, trouble }: PromotionFleetView,
  canvas: Canvas,
): string[] {
  const { rehearsal, phase, ticket, requestedBy, findings, pairs } = status;
  const details = [
    ...[rehearsal ? 'rehearsal of a fleet of promotions' : 'fleet of promotions', ticket],
    requestedBy === null ? null : `asked for by ${requestedBy}`,
  ];
  const doing = promotionFleetPhaseInWords(phase);
  return fitScreen(
    {
      head: [
        ...titleLines({ title: workflowId, doing, details, trouble }, canvas),
        ...ranked('detail', ['']),
        ...ranked('needed', [
          ...promotionFleetSummaryLines(status, canvas.now),
          ...retryLines(retries, canvas),
        ]),
        ...ranked('detail', ['']),
        // Pairs that failed come first, so they go last.
        ...ranked('detail', promotedPairLines(pairs)),
      ],
      body: findingsBody(findings, workflowId, canvas),
      steps: promotionFleetNextSteps(status, workflowId),
    },
    canvas,
  );
}

/** The most pairs of a decided fleet whose promotions are named. */
const OPEN_SHOWN = 3;

/** The next steps of a person at a fleet of promotions: calling it off, seeing what the last pairs wait for, and tidying up. */
export function promotionFleetNextSteps(
  { phase, decision, pairs }: Pick<PromotionFleetStatus, 'phase' | 'decision' | 'pairs'>,
  workflowId: string,
): string[] {
  const leftovers = pairs.flatMap((one) => one.leftovers).map((command) => `tidy up: ${printable(command)}`);
  if (phase === 'done') return leftovers;
  if (decision !== null)
    return [
      ...pairs
        .filter(({ state }) => state !== 'done')
        .slice(0, OPEN_SHOWN)
        .map(
          ({ pair, workflowId: id }) =>
            `see how far ${printable(pair)} is, and what it waits for: sequence-failover status ${printable(shellQuoted(id))}`,
        ),
      ...leftovers,
    ];
  return [
    `nothing; to call it off: sequence-failover reject ${shellQuoted(workflowId)} --by "$USER" --reason 'called off'`,
    ...leftovers,
  ];
}
