import type { Command } from 'commander';
import { action, collect, commonOptions } from '../action.js';
import { decide } from '../decide.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { findNamed } from '../find-named.js';
import { follow, type Followed, type FollowOptions, showEndingOf } from '../follow/follow.js';
import { followedFleet, followedPromotion, followedPromotionFleet, followedRun } from '../follow/followed.js';
import { help } from '../help.js';
import { chosen } from '../listed/choose.js';
import type { Output } from '../output.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

interface RejectOptions {
  by: string;
  reason: string;
  pair?: string[];
  wait: boolean;
  showTemporal?: true;
}

export function addReject(program: Command): void {
  const command = program
    .command('reject')
    .argument('[workflow-id]', 'of a run, a fleet or a promotion (default: the only one that is open)')
    .description('Call off a failover, a fleet or a promotion, and wait for the end')
    .requiredOption('--by <name>', 'who rejects')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--pair <name>', 'for a fleet: only this pair; may be repeated', collect)
    .option('--no-wait', 'return as soon as the rejection counts');
  help(commonOptions(command), {
    about: [
      'It does not ask. A run can be called off until it hands off; its sequences stay where they are, ahead. A promotion can be called off until the standby is open; then everything is undone.',
    ],
    endsWith: [
      '3  called off',
      '0  called off, with --no-wait, and for single pairs of a fleet',
      '1  too late, or refused',
    ],
    examples: [
      'sequence-failover reject failover-default --by alice --reason "called off"',
      'sequence-failover reject evacuate-eu --by alice --reason "not tonight" --pair orders',
    ],
  });
  command.action(action(reject));
}

async function reject(output: Output, given: string | undefined, options: RejectOptions): Promise<number> {
  const { by, reason, pair } = options;
  const decision = { decision: 'reject' as const, by, reason, ...(pair !== undefined && { pairs: pair }) };
  return withClient(async (client, place) => {
    const { showTemporal } = options;
    const workflowId = await chosen(output, client, { command: 'reject', workflowId: given, showTemporal });
    if (showTemporal) output.note(temporalCommand.decide(workflowId, decision));
    const found = await findNamed(client, workflowId);
    if (pair !== undefined && found.kind !== 'fleet')
      throw new UsageError(`${workflowId} is not a fleet: leave --pair out.`);
    const where = { client, place };
    // Other pairs of a fleet may continue for hours.
    const waits = options.wait && pair === undefined;
    switch (found.kind) {
      case 'run':
        return send(output, followedRun(found.run), () => found.run.decide(decision), { waits, where });
      case 'fleet':
        return send(output, followedFleet(found.run), () => found.run.decide(decision), { waits, where });
      case 'promotion':
        return send(output, followedPromotion(found.run), () => found.run.reject({ by, reason }), {
          ...{ waits, where },
        });
      case 'promotion-fleet':
        return send(output, followedPromotionFleet(found.run), () => found.run.reject({ by, reason }), {
          ...{ waits, where },
        });
    }
  });
}

async function send<S>(
  output: Output,
  followed: Followed<S>,
  rejection: () => Promise<unknown>,
  { waits, where }: { waits: boolean; where: Pick<FollowOptions<S>, 'client' | 'place'> },
): Promise<number> {
  const { workflowId } = followed;
  if (!(await followed.look()).isOpen) {
    output.note('Too late: it has ended.');
    const code = await showEndingOf(output, followed, where);
    return code === EXIT.done ? EXIT.failed : code;
  }
  const decided = await decide(output, workflowId, rejection);
  if (!decided.stands) return decided.code;
  if (!waits) {
    output.result(['Rejected'], { workflowId, rejected: true, answer: decided.answer ?? null });
    return EXIT.done;
  }
  output.note('Rejected; waiting for the end');
  await follow(output, followed, where);
  const code = await showEndingOf(output, followed, where);
  // A fleet whose pairs were rejected ends as FleetIncomplete.
  return code === EXIT.done ? EXIT.failed : EXIT.notApproved;
}
