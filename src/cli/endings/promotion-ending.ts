import type { PromotionEnding } from '../../client/promotion.js';
import { findingsLines } from '../../terminal/findings-lines.js';
import { printable } from '../../terminal/printable.js';
import { inShort } from '../../terminal/short-commands.js';
import { stepLines } from '../../terminal/promotion-steps.js';
import { wrap } from '../../terminal/text-table.js';
import { exitCodeOf } from '../exit-codes.js';
import type { Output } from '../output.js';
import { terminatedLines } from './run-ending.js';

/** Prints how a promotion has ended. @returns the exit code */
export function showPromotionEnding(output: Output, workflowId: string, ending: PromotionEnding): number {
  output.result(endingLines(output, workflowId, ending), { workflowId, ...ending });
  return exitCodeOf(ending);
}

function endingLines(output: Output, workflowId: string, ending: PromotionEnding): string[] {
  const { green, red, yellow } = output.colors;
  switch (ending.state) {
    case 'completed': {
      const { outcome, certificate, leftovers, findings } = ending.result;
      const outage = outcome === 'rehearsed' ? 'predicted outage' : 'outage';
      return [
        `${green('Completed')}: ${outcome} (workflow ${printable(workflowId)})`,
        `${outage}: ${certificate.outageMs} ms; ${certificate.sequences} sequences verified`,
        ...leftovers.map((command) => `left to tidy up: ${printable(command)}`),
        ...findingsLines(inShort(findings, { workflowId }), output),
        '',
        ...stepLines(ending.result, { colors: output.colors, now: Date.now() }),
      ];
    }
    case 'failed':
      return [
        `${red('Failed')}: ${ending.type} (workflow ${printable(workflowId)})`,
        ...wrap(printable(ending.message), output.width),
        ...findingsLines(inShort(ending.status?.findings ?? [], { workflowId }), output),
        ...(ending.status === null
          ? []
          : ['', ...stepLines(ending.status, { colors: output.colors, now: Date.now() })]),
      ];
    case 'cancelled':
      return [`${yellow('Cancelled')} (workflow ${printable(workflowId)})`];
    case 'terminated':
      return [
        ...terminatedLines(output, workflowId, ending.message),
        'A primary that it had fenced stays fenced: docs/reference/promotion.md says what the fence changes.',
      ];
  }
}
