import type { Command } from 'commander';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { type Decision, FailoverRun } from '../../client/failover-run.js';
import type { Status } from '../../contract/status.js';
import { printable } from '../../terminal/printable.js';
import { gateLines } from '../../terminal/status-lines.js';
import { action, collect, commonOptions } from '../action.js';
import { confirmPair } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import { showEnding, statusLines } from '../show-ending.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

interface DecideOptions {
  by: string;
  reason?: string;
  accept?: string[];
  ignoreRows?: string[];
  raisePastRows?: string[];
  yes?: true;
  showTemporal?: true;
}

export function addApprove(program: Command): void {
  const command = program
    .command('approve')
    .argument('<workflow-id>')
    .description('shows what is to be approved, asks, approves, and waits for the end of the run')
    .requiredOption('--by <name>', 'who approves')
    .option('--reason <text>', 'why, for the record')
    .option('--accept <name>', 'a block: the code of a finding, or a sequence; may be repeated', collect)
    .option(
      '--ignore-rows <sequence>',
      'set it as the primary asks, whatever its rows; may be repeated',
      collect,
    )
    .option('--raise-past-rows <sequence>', 'move it past its rows, however far; may be repeated', collect)
    .option('-y, --yes', 'do not ask');
  commonOptions(command)
    .addHelpText(
      'after',
      `
Ends as the run does: 0 completed, 1 failed, 2 not ready, 3 rejected or too late. While more approvals are needed it ends with 0 at once.

Examples:
  $ sequence-failover approve failover-default --by alice
  $ sequence-failover approve failover-default --by alice --accept SLOT_MISSING --yes`,
    )
    .action(action(approve));
}

export function addReject(program: Command): void {
  const command = program
    .command('reject')
    .argument('<workflow-id>')
    .description('calls the failover off; the sequences stay where they are, ahead')
    .requiredOption('--by <name>', 'who rejects')
    .requiredOption('--reason <text>', 'why, for the record');
  commonOptions(command)
    .addHelpText(
      'after',
      `\nExample:\n  $ sequence-failover reject failover-default --by alice --reason "called off"`,
    )
    .action(action(reject));
}

export function addResynchronize(program: Command): void {
  const command = program
    .command('resynchronize')
    .argument('<workflow-id>')
    .description('has a run that waits work through all sequences once more, after a remedy')
    .requiredOption('--by <name>', 'who asks for it');
  commonOptions(command)
    .addHelpText('after', `\nExample:\n  $ sequence-failover resynchronize failover-default --by alice`)
    .action(action(resynchronize));
}

async function approve(output: Output, workflowId: string, options: DecideOptions): Promise<number> {
  const { by, reason, accept, ignoreRows, raisePastRows } = options;
  const decision: Decision = {
    ...{ decision: 'approve', by },
    ...(reason !== undefined && { reason }),
    ...(accept !== undefined && { accept }),
    ...(ignoreRows !== undefined && { ignoreRows }),
    ...(raisePastRows !== undefined && { raisePastRows }),
  };
  if (options.showTemporal) output.note(temporalCommand.decide(workflowId, decision));
  return withClient(async (client) => {
    const run = new FailoverRun(client, workflowId);
    const status = await run.status();
    for (const line of [...gateLines(status), ...statusLines(output, status), '', proofAge(status)])
      output.note(line);
    if (!options.yes) await confirmPair(status.pair, 'approve');
    return decide(output, run, decision);
  });
}

async function reject(output: Output, workflowId: string, options: DecideOptions): Promise<number> {
  const { by, reason = '' } = options;
  const decision: Decision = { decision: 'reject', by, reason };
  if (options.showTemporal) output.note(temporalCommand.decide(workflowId, decision));
  return withClient((client) => decide(output, new FailoverRun(client, workflowId), decision));
}

async function resynchronize(
  output: Output,
  workflowId: string,
  { by, showTemporal }: DecideOptions,
): Promise<number> {
  if (showTemporal) output.note(temporalCommand.signal(workflowId, 'resynchronize', { by }));
  return withClient(async (client) => {
    const run = new FailoverRun(client, workflowId);
    const { round, gate } = await run.status();
    await run.resynchronize({ by });
    output.note('Asked for a resynchronization');
    for (;;) {
      const status = await run.settled();
      if (status.phase === 'done') return showEnding(output, workflowId, await run.ending());
      const refused = status.gate !== null && status.gate.refusedCount > (gate?.refusedCount ?? 0);
      if (status.round === round && !refused) continue;
      output.result([...gateLines(status), ...statusLines(output, status)], { workflowId, status });
      return status.gate?.state === 'open' ? EXIT.done : EXIT.notReady;
    }
  });
}

async function decide(output: Output, run: FailoverRun, decision: Decision): Promise<number> {
  try {
    const { state, approvals, required, heldUntil } = await run.decide(decision);
    if (heldUntil !== undefined) {
      output.result(
        [`Approved: the run waits until ${heldUntil}, then verifies every sequence again and hands off`],
        { ...{ workflowId: run.workflowId, state, approvals, required, heldUntil } },
      );
      return EXIT.done;
    }
    if (decision.decision === 'approve' && approvals < required) {
      output.result([`Approved: ${approvals} of ${required} approvals, the gate is ${state}`], {
        ...{ workflowId: run.workflowId, state, approvals, required },
      });
      return EXIT.done;
    }
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    output.result([output.colors.red(`Refused: ${printable(why)}`)], {
      workflowId: run.workflowId,
      refused: why,
    });
    return EXIT.failed;
  }
  output.note('Decided; waiting for the end of the run');
  return showEnding(output, run.workflowId, await run.ending());
}

/** How old the proof is that a person approves. */
function proofAge({ verifiedAt }: Status): string {
  if (verifiedAt === null) return 'Nothing has been verified yet';
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(verifiedAt)) / 1000));
  return `Verified ${seconds} seconds ago, and once more after the approval`;
}
