import type { RunResult } from '../contract/status.js';
import { psqlCommands, temporalCommands } from './by-hand.js';
import { passGate } from './gate.js';
import { showProblem } from './problem.js';
import { showPromotion } from './promotion.js';
import type { Scene } from './scene.js';
import { inputOf, leastHeadroom, showSynchronization, uiAddress, workflowId } from './synchronization.js';
import { wrap } from '../terminal/text-table.js';
import { TASK_QUEUE } from '../contract/names.js';

/**
 * Plays the whole demo, from the problem to the promotion or the rejection.
 *
 * @param keep whether the servers stay, so that their addresses are of use afterwards
 * @throws CancelledError, or whatever failed
 */
export async function play(scene: Scene, keep: boolean): Promise<void> {
  const { screen, stage, by } = scene;
  await showProblem(scene);
  const run = await showSynchronization(scene);
  const ending = await passGate(scene, run);
  if (ending.state === 'failed') {
    screen.warn([`Failed: ${ending.type}`, ...wrap(ending.message, screen.width)]);
  } else {
    showResult(scene, ending.result);
    await showPromotion(scene);
  }

  const { temporal, shop } = stage;
  screen.heading(
    keep
      ? 'By hand: paste the first lines into a terminal, and then whatever you like'
      : 'By hand, with the servers that npm run demo -- --keep leaves running:',
  );
  const input = inputOf(by);
  screen.verbatim([
    `# ${uiAddress(temporal)}`,
    ...temporalCommands({ ...temporal, workflowId, taskQueue: TASK_QUEUE, input, by }),
    ...(keep ? psqlCommands(shop.primaryUrl, shop.standbyUrl) : []),
  ]);
}

function showResult({ screen }: Scene, { outcome, minimumHeadroom, verifiedAt }: RunResult): void {
  screen.success(`Completed: ${outcome}`);
  screen.lines([
    `Verified again after the approval, at ${verifiedAt ?? 'an unknown time'}`,
    ...(minimumHeadroom === null ? [] : [leastHeadroom(minimumHeadroom)]),
  ]);
}
