import type { PromotionFleetEnding } from '../../client/promotion-fleet.js';
import { parseFailureText } from '../../contract/failure-text.js';
import type { PromotionFleetStatus } from '../../contract/promotion-fleet.js';
import { afterFailedPromotion } from '../../terminal/after-promotion.js';
import { failureLines } from '../../terminal/failure-lines.js';
import { findingsLines } from '../../terminal/findings-lines.js';
import { promotionFleetPhaseInWords } from '../../terminal/phase.js';
import { phaseLines } from '../../terminal/phase-lines.js';
import { printable } from '../../contract/printable.js';
import type { GivenStart } from '../../terminal/command-with-input.js';
import { promotedPairLines, promotionFleetSummaryLines } from '../../terminal/promoted-pairs.js';
import { exitCodeOf } from '../exit-codes.js';
import type { Output } from '../output.js';
import { endingAsJson } from './as-json.js';
import { afterRehearsal } from './promotion-ending.js';
import { nextLines, terminatedLines } from './run-ending.js';
import { shellQuoted } from '../../contract/shell.js';

/** Prints how a fleet of promotions has ended. @param start null if it is not known @returns the exit code */
export function showPromotionFleetEnding(
  output: Output,
  workflowId: string,
  ending: PromotionFleetEnding,
  start: GivenStart | null,
): number {
  output.result(endingLines(output, workflowId, ending, start), endingAsJson(workflowId, ending));
  return exitCodeOf(ending);
}

/** How far a fleet of promotions is, for `status`. */
export function promotionFleetLines(output: Output, status: PromotionFleetStatus, isOpen = true): string[] {
  const { phase, ending, findings } = status;
  return [
    ...phaseLines(promotionFleetPhaseInWords(phase), { ending, isOpen, findings, width: output.width }),
    ...statusLines(output, status),
  ];
}

function statusLines(output: Output, status: PromotionFleetStatus): string[] {
  const leftovers = status.pairs.flatMap((pair) => pair.leftovers);
  return [
    ...promotionFleetSummaryLines(status, Date.now()),
    '',
    ...promotedPairLines(status.pairs),
    ...leftovers.map((command) => `left to tidy up: ${printable(command)}`),
    ...findingsLines(status.findings, output),
  ];
}

/** The next steps after a fleet of promotions. @param start null if it is not known */
export function afterFleet(
  {
    workflowId,
    ending,
    rehearsal,
    pairs,
  }: Pick<PromotionFleetStatus, 'workflowId' | 'ending' | 'rehearsal' | 'pairs'>,
  start: GivenStart | null,
): string[] {
  if (ending?.state === 'failed')
    return afterFailedPromotion({ workflowId, type: parseFailureText(ending).type, start, pairs });
  return ending?.state === 'completed' && rehearsal ? [afterRehearsal(start)] : [];
}

function endingLines(
  output: Output,
  workflowId: string,
  ending: PromotionFleetEnding,
  start: GivenStart | null,
): string[] {
  const { green, red, yellow } = output.colors;
  const of = `(workflow ${printable(workflowId)})`;
  switch (ending.state) {
    case 'completed':
      return [
        `${green('Completed')}: ${ending.result.outcome} ${of}`,
        ...statusLines(output, ending.result),
        ...nextLines(ending.result.outcome === 'rehearsed' ? [afterRehearsal(start)] : []),
      ];
    case 'failed':
      return [
        `${red('Failed')}: ${ending.type} ${of}`,
        ...failureLines(ending.message, ending.status?.findings ?? [], output.width),
        ...(ending.status === null ? [] : statusLines(output, ending.status)),
        ...nextLines(
          afterFailedPromotion({ workflowId, type: ending.type, start, pairs: ending.status?.pairs ?? [] }),
        ),
      ];
    case 'cancelled':
      return [`${yellow('Cancelled')} ${of}`];
    case 'terminated':
      return [
        ...terminatedLines(output, workflowId, ending.message),
        `Each pair undoes its steps, unless the fleet had decided to switch: sequence-failover status ${shellQuoted(workflowId)}`,
      ];
  }
}
