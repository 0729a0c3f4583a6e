import type { PromotionEnding } from '../../client/promotion.js';
import { reversedName } from '../../contract/pair-name.js';
import { plural } from '../../contract/plural.js';
import type { PromotionStatus } from '../../contract/promotion.js';
import { shellQuoted } from '../../contract/shell.js';
import { isDoubtful } from '../../findings/is-doubtful.js';
import { afterFailedPromotion } from '../../terminal/after-promotion.js';
import { failureLines } from '../../terminal/failure-lines.js';
import { findingsLines } from '../../terminal/findings-lines.js';
import { labelled } from '../../terminal/labelled.js';
import { keepRecord, letConnectTo } from '../../terminal/last-steps.js';
import { printable } from '../../contract/printable.js';
import type { GivenStart } from '../../terminal/command-with-input.js';
import { realCommand } from '../../terminal/promote-command.js';
import { withShortCommands, withShortRemedies } from '../../terminal/short-commands.js';
import { stepLines } from '../../terminal/promotion-steps.js';
import { describeServer } from '../../contract/describe-server.js';
import { undoLines } from '../../terminal/undo-lines.js';
import { exitCodeOf } from '../exit-codes.js';
import type { Output } from '../output.js';
import { endingAsJson } from './as-json.js';
import { nextLines, terminatedLines } from './run-ending.js';

/** Prints how a promotion has ended. @param start null if it is not known @returns the exit code */
export function showPromotionEnding(
  output: Output,
  workflowId: string,
  ending: PromotionEnding,
  start: GivenStart | null,
): number {
  output.result(endingLines(output, workflowId, ending, start), endingAsJson(workflowId, ending));
  return exitCodeOf(ending);
}

function endingLines(
  output: Output,
  workflowId: string,
  ending: PromotionEnding,
  start: GivenStart | null,
): string[] {
  const { green, red, yellow } = output.colors;
  switch (ending.state) {
    case 'completed': {
      const { outcome, certificate, leftovers, findings } = ending.result;
      const outage = outcome === 'rehearsed' ? 'predicted outage' : 'outage';
      return [
        `${green('Completed')}: ${outcome} (workflow ${printable(workflowId)})`,
        `${outage}: ${certificate.outageMs} ms; ${plural(certificate.sequences, 'sequence')} verified`,
        ...serverLines(ending.result),
        ...leftovers.map((command) => `left to tidy up: ${printable(command)}`),
        ...findingsLines(withShortRemedies(findings, { workflowId }), output),
        '',
        ...stepLines(ending.result, { colors: output.colors, now: Date.now() }),
        ...nextLines(afterwards(ending.result, start)),
      ];
    }
    case 'failed':
      return [
        `${red('Failed')}: ${ending.type} (workflow ${printable(workflowId)})`,
        ...failureLines(
          withShortCommands(ending.message, { workflowId }),
          withShortRemedies(ending.status?.findings ?? [], { workflowId }),
          output.width,
        ),
        ...serverLines(ending.status),
        ...findingsLines(withShortRemedies(ending.status?.findings ?? [], { workflowId }), output),
        ...(ending.status === null
          ? []
          : ['', ...stepLines(ending.status, { colors: output.colors, now: Date.now() })]),
        ...undoLines(ending.status?.changes),
        ...nextLines(afterFailedPromotion({ workflowId, type: ending.type, status: ending.status, start })),
      ];
    case 'cancelled':
      return [`${yellow('Cancelled')} (workflow ${printable(workflowId)})`];
    case 'terminated':
      return [
        ...terminatedLines(output, workflowId, ending.message),
        `A primary that it had fenced stays fenced. What was not undone, or is left to do, with the statements for it: sequence-failover status ${printable(shellQuoted(workflowId))}`,
      ];
  }
}

/** Which server is which: of a reversed pair, the names alone do not say it. */
function serverLines(status: Pick<PromotionStatus, 'primary' | 'standby'> | null): string[] {
  return [
    ...labelled('primary', status?.primary ? describeServer(status.primary) : null),
    ...labelled('standby', status?.standby ? describeServer(status.standby) : null),
  ];
}

/** A rehearsal is followed by the promotion. Once the replication is turned round, the same command goes back. */
export function afterwards(
  { rehearsal, steps, pair, workflowId, fleet, standby, findings }: PromotionStatus,
  start: GivenStart | null,
): string[] {
  if (pair === null) return [];
  if (rehearsal) {
    // The fleet promotes all its pairs together.
    if (fleet !== undefined) return [];
    return [afterRehearsal(start)];
  }
  const isTurned = steps.some(({ step, state }) => step === 'enableWayBack' && state === 'done');
  const isMoved = steps.some(({ step, state }) => step === 'traffic' && state === 'done');
  return [
    ...(isDoubtful(findings) ? ['see whether the new primary takes writes, as the finding says'] : []),
    ...(isMoved || standby === null ? [] : [letConnectTo(standby)]),
    keepRecord(workflowId),
    ...(isTurned
      ? [
          `the way back, when it is wanted: sequence-failover promote --pair ${shellQuoted(reversedName(pair))}`,
        ]
      : []),
  ];
}

/** The next step after a rehearsal. @param start null if it is not known */
export const afterRehearsal = (start: GivenStart | null) =>
  `promote when the time has come${start === null ? ', with the command or the input of the rehearsal, without "rehearse"' : `: ${realCommand(start)}`}`;
