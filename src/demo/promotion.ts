import { Promotion, type PromotionEnding } from '../client/promotion.js';
import { plural } from '../contract/plural.js';
import type { PromotionStatus } from '../contract/promotion.js';
import { until } from '../local/until.js';
import { readCustomers } from './rows.js';
import { showIds } from './show-ids.js';
import type { Scene } from './scene.js';
import { promotionId } from './synchronization.js';
import { PROMOTION_STEPS } from '../terminal/promotion-steps.js';

/** The number of visits on the new primary before the demo continues. */
export const VISITS_AFTERWARDS = 10;

/** Shows the promotion that the run has handed off to, while the application writes and is moved. */
export async function showPromotion(scene: Scene): Promise<void> {
  const { screen, stage } = scene;
  const { client, writer, shop } = stage;
  const { dim, bold } = screen.colors;
  screen.heading(`The promotion: the workflow promoteStandby, started as ${promotionId}`);
  const ending = await screen.step(
    'Promoting',
    (update) =>
      new Promotion(client, promotionId).ended((status) => {
        update(running(status));
      }),
    () => ['The promotion has ended, and the application writes to the standby'],
  );
  const { certificate } = promoted(ending);
  const { fenceLsn, confirmedLsn, sequences, outageMs, steps } = certificate;
  screen.lines(
    steps.map(
      ({ step, ms }) => `${step.padEnd(13)} ${String(ms).padStart(5)} ms  ${dim(PROMOTION_STEPS[step])}`,
    ),
  );
  screen.success(bold(`Outage: ${outageMs} ms, from the fence until the standby was open`));
  await writer.writes(VISITS_AFTERWARDS);
  await writer.stop();
  screen.prose(
    `The application waited ${writer.longestPause()} ms at the longest for a write to be confirmed`,
    `The last WAL position of the old primary: ${fenceLsn}; the standby had confirmed: ${confirmedLsn ?? 'nothing'}`,
    `${plural(sequences, 'sequence was', 'sequences were')} verified in between`,
  );
  await showIds(scene);
  const there = await readCustomers(shop.standbyUrl);
  const lost = writer.confirmed.filter((customer) => !there.has(customer));
  if (lost.length > 0) throw new Error(`${lost.length} visits that were confirmed are lost.`);
  screen.success(
    `${writer.confirmed.length} visits were confirmed to the application, and all of them are there.`,
  );
  await showWayBack(scene, there.size);
}

/** The promotion has reversed the replication: the rows of the new primary come to the old one. */
async function showWayBack({ screen, stage: { shop } }: Scene, visits: number): Promise<void> {
  screen.heading('The way back: the old primary receives every row of the new one');
  await screen.step(
    'Waiting for the rows',
    () =>
      until(async () => (await readCustomers(shop.primaryUrl)).size === visits, {
        timeout: 20_000,
        interval: 50,
        what: 'the rows of the new primary to come to the old one',
      }),
    () => [`${visits} visits are on the new primary, and ${visits} on the old one`],
  );
  screen.prose(
    'It is still fenced, and its sequences are ahead. To go back, promote "reversed:default" with the command below.',
  );
}

function running({ steps }: PromotionStatus): string {
  const now = steps.find(({ state }) => state === 'running');
  return now === undefined ? 'Promoting' : `Promoting: ${PROMOTION_STEPS[now.step]}`;
}

function promoted(ending: PromotionEnding) {
  if (ending.state === 'completed') return ending.result;
  throw new Error(
    ending.state === 'failed'
      ? `The promotion failed as ${ending.type}: ${ending.message}`
      : `The promotion was ${ending.state}.`,
  );
}
