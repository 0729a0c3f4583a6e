import { type FailoverRun, isAtGate } from '../../client/failover-run.js';
import type { Status } from '../../contract/status.js';
import { shellQuoted } from '../../contract/shell.js';
import {
  approvalLines,
  blocksLeft,
  withoutUnknownNames,
  refusedApprovalLines,
} from '../../terminal/approval-lines.js';
import { approvalCommand, decisionCommand } from '../approval-command.js';
import { approveFleet } from './approve-fleet.js';
import type { ApproveOptions, Approving } from './approve-options.js';
import { assertTerminal, confirm } from '../confirm.js';
import { decide } from '../decide.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { addressed } from '../addressed.js';
import { findNamed } from '../find-named.js';
import { follow, showEndingOf } from '../follow/follow.js';
import { followedRun } from '../follow/followed.js';
import { chooseWorkflow } from '../listed/choose.js';
import { noteIfBarred } from '../note-if-barred.js';
import { noteUnknownNames } from '../note-unknown-names.js';
import type { Output } from '../output.js';
import { showGate } from '../show-gate.js';
import { TimeLimit } from '../time-limit.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export async function approve(
  output: Output,
  given: string | undefined,
  options: ApproveOptions,
): Promise<number> {
  if (!options.yes) assertTerminal('approve');
  else if (given === undefined)
    throw new UsageError('With --yes, name the workflow: nobody is asked whether it is the right one.');
  const decision = toDecision(options);
  const limit = new TimeLimit(options.timeout);
  return withClient(async (client, place) => {
    const { showTemporal } = options;
    const workflowId = await chooseWorkflow(output, client, {
      command: 'approve',
      workflowId: given,
      showTemporal,
    });
    if (showTemporal) output.command(temporalCommand.decide(workflowId, decision, options));
    const found = await findNamed(client, workflowId);
    switch (found.kind) {
      case 'run':
        return approveRun(output, found.run, { client, place, options, decision, limit });
      case 'fleet':
        return approveFleet(output, found.run, { client, place, options, decision, limit });
      case 'promotion':
      case 'promotion-fleet':
        throw new UsageError(
          `${workflowId} is a promotion, which needs no approval. Watch it: sequence-failover watch ${shellQuoted(workflowId)}`,
        );
    }
  });
}

async function approveRun(
  output: Output,
  run: FailoverRun,
  { client, place, options, decision, limit }: Approving,
): Promise<number> {
  const { workflowId } = run;
  if (options.pair !== undefined || options.partial)
    throw new UsageError(`${workflowId} is a run of one pair: leave --pair and --partial out.`);
  const followed = followedRun(run);
  const where = { client, place, limit };
  const status = await follow(output, followed, {
    ...where,
    until: (one) => isAtGate(one) || one.mode !== 'failover',
    whenOver: {
      what: 'is not at its gate',
      next: `Nothing was sent. Approve again: ${approvalCommand(workflowId, options)}`,
    },
  });
  if (status === null) {
    output.note('Nothing to approve: the run has ended.');
    return showEndingOf(output, followed, where);
  }
  if (status.mode !== 'failover')
    throw new UsageError(
      `${workflowId} is a run in the mode ${status.mode ?? '?'}, which needs no approval. Only a failover does.`,
    );
  const heldUntil = status.gate?.heldUntil;
  if (heldUntil !== undefined) {
    output.result([`Nothing to approve: the run has all approvals, and waits until ${heldUntil}`], {
      ...{ workflowId, sent: false, heldUntil },
    });
    return EXIT.done;
  }
  const view = { workflowId, by: options.by, status, accepting: options, now: Date.now() };
  for (const line of approvalLines(view, output)) output.note(line);
  const left = blocksLeft(status, options);
  if (left.length > 0) return blocked(output, { workflowId, status, left }, options);
  if (!options.yes) {
    noteUnknownNames(output, workflowId, status.gate, options);
    noteIfBarred(output, status.gate, options.by);
    await confirm({ what: 'the name of the pair', expected: status.pair ?? '', verb: 'approve' });
  }
  limit.restart();
  const decided = await decide(output, { workflowId, limit }, () => run.decide(decision, options));
  if (!decided.stands) return decided.code;
  const { answer } = decided;
  const more = answer.approvals < answer.required;
  if (more || answer.heldUntil !== undefined || !options.wait) {
    output.result([answerLine(answer)], { workflowId, sent: true, answer });
    return EXIT.done;
  }
  output.note('Approved. The run verifies every sequence once more; waiting for its end');
  const settled = await follow(output, followed, { ...where, until: isAtGate });
  if (settled === null) return showEndingOf(output, followed, where);
  output.note('The approval no longer counts: the verification after it found a new problem.');
  showGate(output, workflowId, settled);
  // Even if the gate is open again by now, nothing is approved.
  return EXIT.notReady;
}

function answerLine({
  state,
  approvals,
  required,
  heldUntil,
}: {
  state: string;
  approvals: number;
  required: number;
  heldUntil?: string;
}): string {
  if (heldUntil !== undefined)
    return `Approved: the run waits until ${heldUntil}, then verifies every sequence again and hands off`;
  return `Approved: ${approvals} of ${required} approvals, the gate is ${state}`;
}

interface Blocked {
  workflowId: string;
  status: Status;
  left: ReturnType<typeof blocksLeft>;
}

function blocked(output: Output, { workflowId, status, left }: Blocked, given: ApproveOptions): number {
  const { known, unknown } = withoutUnknownNames(status, given);
  const decided = status.gate?.decidedRows;
  // The command repeats this approval, and accepts the missing names too.
  const again = approvalCommand(workflowId, { ...given, ...known });
  const resynchronize = decisionCommand('resynchronize', workflowId, given);
  output.note('');
  output.result(
    refusedApprovalLines(left, { approve: again, resynchronize }, { leftOut: unknown, decided }),
    {
      ...{ workflowId, sent: false, notAccepted: left },
    },
  );
  return EXIT.notReady;
}

function toDecision({
  by,
  reason,
  accept,
  ignoreRows,
  raisePastRows,
  ...addressing
}: ApproveOptions): Approving['decision'] {
  return {
    ...{ decision: 'approve', by },
    ...(reason !== undefined && { reason }),
    ...(accept !== undefined && { accept }),
    ...(ignoreRows !== undefined && { ignoreRows }),
    ...(raisePastRows !== undefined && { raisePastRows }),
    ...addressed(addressing),
  };
}
