import { findNamed } from '../find-named.js';
import { follow, type Followed, showEndingOf } from '../follow/follow.js';
import { followedFleet, followedPromotion, followedPromotionFleet, followedRun } from '../follow/followed.js';
import { chooseWorkflow } from '../listed/choose.js';
import type { Output } from '../output.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export async function watch(
  output: Output,
  given: string | undefined,
  { showTemporal }: { showTemporal?: true },
): Promise<number> {
  return withClient(async (client, place) => {
    const workflowId = await chooseWorkflow(output, client, {
      command: 'watch',
      workflowId: given,
      showTemporal,
    });
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
