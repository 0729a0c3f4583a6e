import { addressed, type AddressingOptions, requireFleet } from '../addressed.js';
import { leftOutLines } from './left-out.js';
import { decide } from '../decide.js';
import { EXIT } from '../exit-codes.js';
import { findNamed } from '../find-named.js';
import { follow, type Followed, type FollowOptions, showEndingOf, stateBefore } from '../follow/follow.js';
import { followedFleet, followedPromotion, followedPromotionFleet, followedRun } from '../follow/followed.js';
import { chooseWorkflow } from '../listed/choose.js';
import { whileNoWorkerAnswers } from '../note-if-slow.js';
import type { Output } from '../output.js';
import { TimeLimit } from '../time-limit.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

interface RejectOptions extends AddressingOptions {
  by: string;
  reason: string;
  signal?: true;
  wait: boolean;
  timeout?: string;
  showTemporal?: true;
}

export async function reject(
  output: Output,
  given: string | undefined,
  options: RejectOptions,
): Promise<number> {
  const { by, reason, pair } = options;
  const decision = { decision: 'reject' as const, by, reason, ...addressed(options) };
  const limit = new TimeLimit(options.timeout);
  return withClient(async (client, place) => {
    const { showTemporal } = options;
    const workflowId = await chooseWorkflow(output, client, {
      command: 'reject',
      workflowId: given,
      showTemporal,
    });
    if (showTemporal) output.command(temporalCommand.decide(workflowId, decision, options));
    const found = await findNamed(client, workflowId);
    requireFleet(options, workflowId, found);
    const where = { client, place, limit };
    // Other pairs of a fleet may continue for hours.
    const waits = options.wait && pair === undefined;
    switch (found.kind) {
      case 'run':
        return send(output, followedRun(found.run), () => found.run.decide(decision, options), {
          ...{ waits, where },
        });
      case 'fleet':
        return send(output, followedFleet(found.run), () => found.run.decide(decision, options), {
          ...{ waits, where },
          leftOut: (answer) => leftOutLines(answer, workflowId),
        });
      case 'promotion':
        return send(output, followedPromotion(found.run), () => found.run.reject({ by, reason }, options), {
          ...{ waits, where },
        });
      case 'promotion-fleet':
        return send(
          output,
          followedPromotionFleet(found.run),
          () => found.run.reject({ by, reason }, options),
          { waits, where },
        );
    }
  });
}

interface Sending<S, Answer> {
  waits: boolean;
  where: Pick<FollowOptions<S>, 'client' | 'place'> & { limit: TimeLimit };
  /** The lines about pairs that did not take the rejection. */
  leftOut?: (answer: Answer) => string[];
}

async function send<S, Answer>(
  output: Output,
  followed: Followed<S>,
  rejection: () => Promise<Answer>,
  { waits, where, leftOut = () => [] }: Sending<S, Answer>,
): Promise<number> {
  const { workflowId } = followed;
  const { isOpen } = await whileNoWorkerAnswers(
    stateBefore(output, followed, where),
    `Nothing has been sent yet. If no worker runs, this can be sent now, and a worker that starts later obeys it: ${temporalCommand.cancel(workflowId)}`,
  );
  if (!isOpen) {
    output.note('Too late: it has ended.');
    const code = await showEndingOf(output, followed, where);
    return code === EXIT.done ? EXIT.failed : code;
  }
  const decided = await decide(output, { workflowId, limit: where.limit }, rejection);
  if (!decided.stands) return decided.code;
  const left = leftOut(decided.answer);
  if (!waits) {
    output.result(['Rejected', ...left], { workflowId, sent: true, answer: decided.answer ?? null });
    return left.length === 0 ? EXIT.done : EXIT.failed;
  }
  for (const line of ['Rejected; waiting for the end', ...left]) output.note(line);
  await follow(output, followed, where);
  const code = await showEndingOf(output, followed, where);
  // A fleet whose pairs were rejected ends as FleetIncomplete.
  return code === EXIT.done ? EXIT.failed : EXIT.notApproved;
}
