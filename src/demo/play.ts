import type { RunResult } from '../contract/status.js';
import {
  inspectCommands,
  psqlCommands,
  shellSetup,
  startCommands,
  wayBackCommands,
  type ByHand,
} from './by-hand.js';
import { passGate } from './gate.js';
import { showProblem } from './problem.js';
import { showPromotion } from './promotion.js';
import type { Scene } from './scene.js';
import {
  inputOf,
  leastHeadroom,
  promotionId,
  showSynchronization,
  uiAddress,
  workflowId,
} from './synchronization.js';
import { TASK_QUEUE } from '../contract/names.js';

/**
 * Plays the whole demo, from the problem to the way back or the rejection.
 *
 * @param keep whether the servers keep running, so that their addresses are useful afterwards
 * @throws CancelledError, or the error of a step
 */
export async function play(scene: Scene, keep: boolean): Promise<void> {
  const { stage, by } = scene;
  await showProblem(scene);
  const run = await showSynchronization(scene);
  const ending = await passGate(scene, run);
  const { primaryUrl, standbyUrl } = stage.shop;
  if (ending.state === 'failed') {
    showRejection(scene, ending);
    const commands = [
      ...startCommands(byHand(scene), inputOf(by, stage.traffic), by),
      ...inspectCommands(workflowId, ['status', 'sequences']),
    ];
    showCommands(scene, keep, commands, { 'the primary': primaryUrl, 'the standby': standbyUrl });
    return;
  }
  showResult(scene, ending.result);
  await showPromotion(scene);
  const commands = [
    ...inspectCommands(workflowId, ['status', 'sequences']),
    ...inspectCommands(promotionId),
    '# back again, to the old primary:',
    ...wayBackCommands(byHand(scene), stage.traffic),
  ];
  showCommands(scene, keep, commands, { 'the new primary': standbyUrl, 'the old primary': primaryUrl });
}

export function showResult({ screen }: Scene, { outcome, minimumHeadroom, verifiedAt }: RunResult): void {
  screen.success(`Completed: ${outcome}`);
  screen.prose(
    `Verified again after the approval, at ${verifiedAt ?? 'an unknown time'}`,
    ...(minimumHeadroom === null ? [] : [leastHeadroom(minimumHeadroom)]),
  );
}

export function showRejection({ screen }: Scene, { type, message }: { type: string; message: string }): void {
  screen.warn([`Failed: ${type}`, message]);
}

/** @param urls the databases, each by its role; shown if they can be used */
export function showCommands(
  scene: Scene,
  keep: boolean,
  commands: readonly string[],
  urls: Readonly<Record<string, string>>,
): void {
  const { screen, stage } = scene;
  screen.heading(
    keep
      ? 'By hand: paste the first lines into a terminal, and then whatever you like'
      : `By hand, with the servers that ${scene.command} --keep leaves running:`,
  );
  screen.verbatim([
    `# ${uiAddress(stage.temporal)}`,
    ...shellSetup(byHand(scene)),
    ...commands,
    ...(keep ? psqlCommands(urls) : []),
  ]);
}

function byHand({ stage: { temporal } }: Scene): ByHand {
  const { cli, address, namespace } = temporal;
  return { cli, address, namespace, workflowId, taskQueue: TASK_QUEUE };
}
