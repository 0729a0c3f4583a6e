import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { findNamed } from '../find-named.js';
import { follow, type Followed, showEndingOf } from '../follow/follow.js';
import { followedFleet, followedPromotion, followedPromotionFleet, followedRun } from '../follow/followed.js';
import type { Output } from '../output.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .argument('<workflow-id>', 'of a run, a fleet or a promotion')
    .description('shows a run, a fleet or a promotion until it has ended');
  commonOptions(command)
    .addHelpText(
      'after',
      `
On a terminal this is one screen, which is drawn over in place; elsewhere a line on stderr for each change. Ctrl+C ends the watching only.
A lost connection to Temporal is shown, and tried again.

Ends as what was watched: 0 completed, 1 failed, 2 not ready or behind, 3 rejected or not approved in time; 130 after Ctrl+C.

Examples:
  $ sequence-failover watch failover-default
  $ sequence-failover watch promote-default`,
    )
    .action(action(watch));
}

async function watch(output: Output, workflowId: string, options: { showTemporal?: true }): Promise<number> {
  if (options.showTemporal) output.note(temporalCommand.query(workflowId, 'status'));
  return withClient(async (client, place) => {
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
