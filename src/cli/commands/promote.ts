import type { Command } from 'commander';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Promotion } from '../../client/promotion.js';
import { shellQuoted } from '../../contract/shell.js';
import { parsePromotionInput } from '../../contract/promotion-input.js';
import { action, commonOptions } from '../action.js';
import { confirm } from '../confirm.js';
import { UsageError } from '../exit-codes.js';
import { follow, showEndingOf } from '../follow/follow.js';
import { followedPromotion } from '../follow/followed.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import type { Output } from '../output.js';
import { pairOf, readJson } from '../run-input.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

interface PromoteOptions {
  pair?: string;
  rehearse?: true;
  workflowId?: string;
  ticket?: string;
  requestedBy?: string;
  input?: string;
  yes?: true;
  showTemporal?: true;
}

export function addPromote(program: Command): void {
  const command = program
    .command('promote')
    .description(
      'makes the standby the primary: fences the old one, verifies, opens, and turns the replication round',
    )
    .option('-p, --pair <name>', 'a pair that the worker knows (default: default)')
    .option('--rehearse', 'everything but fence, switch and traffic')
    .option('-w, --workflow-id <id>', 'of the promotion (default: promote-<pair>, or rehearse-<pair>)')
    .option('--ticket <text>', 'for the record')
    .option('--requested-by <name>', 'who asks for this, for the record')
    .option('-i, --input <json>', 'the whole input; the options above come over it')
    .option('-y, --yes', 'do not ask');
  commonOptions(command)
    .addHelpText(
      'after',
      `
Promotes without the approval of a run; a run that hands off to promoteStandby asks for one. It asks for the name of the pair, but not
for a rehearsal. Ends with 0 when the standby is open, or the rehearsal is done; with 1 when it failed, 2 when the pair was not ready,
3 when it was rejected or vetoed.

Examples:
  $ sequence-failover promote --rehearse
  $ sequence-failover promote --pair orders --ticket CHG-123 --requested-by alice --yes
  $ sequence-failover promote --input '{"outageBudget": "20 seconds", "fence": {"kind": "no-connections"}}'`,
    )
    .action(action(promote));
}

async function promote(output: Output, options: PromoteOptions): Promise<number> {
  const input = toPromotionInput(options);
  const pair = pairOf(input);
  const isRehearsal = input['rehearse'] === true;
  const workflowId = options.workflowId ?? `${isRehearsal ? 'rehearse' : 'promote'}-${pair}`;
  if (options.showTemporal) {
    output.note(temporalCommand.startPromotion(workflowId, input));
    output.note(temporalCommand.query(workflowId, 'status'));
    output.note(temporalCommand.result(workflowId));
  }
  if (!isRehearsal && !options.yes)
    await confirm({ what: 'the name of the pair', expected: pair, verb: 'promote' });
  return withClient(async (client, place) => {
    await noteMissingWorker(client, output);
    const promotion = await Promotion.start(client, workflowId, input).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      throw new UsageError(
        `A promotion with the workflow ID ${workflowId} is open: look at it with "sequence-failover watch ${workflowId}", or choose another --workflow-id.`,
      );
    });
    output.note(
      `Started the workflow ${workflowId}. Until the standby is open it can be called off: ` +
        `sequence-failover reject ${shellQuoted(workflowId)} --by <your name> --reason <why>`,
    );
    const followed = followedPromotion(promotion);
    await follow(output, followed, { client, place, live: true });
    return showEndingOf(output, followed, { client, place });
  });
}

/** @throws UsageError where the workflow would refuse it */
function toPromotionInput(options: PromoteOptions): Record<string, unknown> {
  const { pair, rehearse, ticket, requestedBy } = options;
  const input = {
    ...readJson(options.input),
    ...(pair !== undefined && { pair }),
    ...(rehearse && { rehearse }),
    ...(ticket !== undefined && { ticket }),
    ...(requestedBy !== undefined && { requestedBy }),
  };
  const parsed = parsePromotionInput([input]);
  if (!parsed.ok) throw new UsageError(parsed.message);
  return input;
}
