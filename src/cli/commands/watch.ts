import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { findNamed } from '../find-named.js';
import { follow, type Followed, showEndingOf } from '../follow/follow.js';
import { followedFleet, followedPromotion, followedPromotionFleet, followedRun } from '../follow/followed.js';
import { help } from '../help.js';
import { chosen } from '../listed/choose.js';
import type { Output } from '../output.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .argument('[workflow-id]', 'of a run, a fleet or a promotion (default: the only one that is open)')
    .description('Show a run, a fleet or a promotion live, until it has ended');
  help(commonOptions(command), {
    about: [
      'On a terminal this is one screen, drawn over in place; elsewhere a line on stderr for each change. If Temporal does not answer, it says so and tries again. Ctrl+C ends only the watching.',
    ],
    endsWith: [
      '0  completed',
      '1  failed, cancelled or terminated',
      '2  not ready, or a sequence is behind',
      '3  rejected, vetoed, or not approved in time',
      '130  Ctrl+C',
    ],
    examples: ['sequence-failover watch', 'sequence-failover watch failover-default'],
  });
  command.action(action(watch));
}

async function watch(
  output: Output,
  given: string | undefined,
  { showTemporal }: { showTemporal?: true },
): Promise<number> {
  return withClient(async (client, place) => {
    const workflowId = await chosen(output, client, { command: 'watch', workflowId: given, showTemporal });
    if (showTemporal) output.note(temporalCommand.query(workflowId, 'status'));
    const shown = async <S>(followed: Followed<S>) => {
      await follow(output, followed, { client, place, live: true });
      return showEndingOf(output, followed, { client, place });
    };
    const found = await findNamed(client, workflowId);
    switch (found.kind) {
      case 'run':
        return shown(followedRun(found.run));
      case 'fleet':
        return shown(followedFleet(found.run));
      case 'promotion':
        return shown(followedPromotion(found.run));
      case 'promotion-fleet':
        return shown(followedPromotionFleet(found.run));
    }
  });
}
