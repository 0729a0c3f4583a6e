import { findNamed } from '../find-named.js';
import { type Followed, followToEnd } from '../follow/follow.js';
import { followedFleet, followedPromotion, followedPromotionFleet, followedRun } from '../follow/followed.js';
import { chooseWorkflow } from '../listed/choose.js';
import type { Output } from '../output.js';
import { TimeLimit } from '../time-limit.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export async function watch(
  output: Output,
  given: string | undefined,
  { timeout, showTemporal }: { timeout?: string; showTemporal?: true },
): Promise<number> {
  const limit = new TimeLimit(timeout);
  return withClient(async (client, place) => {
    const workflowId = await chooseWorkflow(output, client, {
      command: 'watch',
      workflowId: given,
      showTemporal,
    });
    if (showTemporal) output.command(temporalCommand.query(workflowId, 'status'));
    const shown = async <S>(followed: Followed<S>) => followToEnd(output, followed, { client, place, limit });
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
