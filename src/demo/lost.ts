import { FailoverRun } from '../client/failover-run.js';
import type { SequenceRow } from '../contract/status.js';
import { inspectCommands } from './by-hand.js';
import { passGate } from './gate.js';
import { showCommands, showRejection, showResult } from './play.js';
import { showProblem } from './problem.js';
import { query } from './query.js';
import { readCustomers } from './rows.js';
import { showIds } from './show-ids.js';
import type { Scene } from './scene.js';
import { PRIMARY, type Servers } from './servers.js';
import { showCounts, startRun, workflowId } from './synchronization.js';
import { textTable } from '../terminal/text-table.js';

/** The number of visits between two rounds of the watch, and on the new primary at the end. */
const VISITS = 10;

const buffer = { preset: 'low' };

/**
 * Plays the failover without a primary: the watch that keeps the standby ahead, the death of the primary, and the run that takes its
 * targets from evidence.
 *
 * @throws CancelledError, or the error of a step
 */
export async function playWithoutPrimary(scene: Scene, servers: Servers, keep: boolean): Promise<void> {
  const { stage } = scene;
  await showProblem(scene);
  await showWatch(scene);
  await killPrimary(scene, servers);
  const run = await showEvidence(scene);
  const ending = await passGate(scene, run, ['PRIMARY_LOST']);
  if (ending.state === 'failed') showRejection(scene, ending);
  else {
    showResult(scene, ending.result);
    await openStandby(scene);
  }
  showCommands(scene, keep, inspectCommands(workflowId, ['status', 'sequences']), {
    [ending.state === 'failed' ? 'the standby' : 'the new primary']: stage.shop.standbyUrl,
  });
}

/** Keeps the standby ahead, and records the positions of the primary. */
async function showWatch({ screen, stage: { client, writer } }: Scene): Promise<void> {
  screen.heading('The standing watch: what a Schedule does, every few minutes');
  for (const round of [1, 2]) {
    const id = `watch-${round}`;
    const run = await FailoverRun.start(client, id, { mode: 'sync', buffer, ifLocked: 'skip' });
    const ending = await screen.step(
      `Round ${round}`,
      () => run.ending(),
      () => [`Round ${round}, ${id}: the sequences are set, and recorded in the ledger`],
    );
    if (ending.state !== 'completed') throw new Error(`${id} did not complete.`);
    await writer.writes(VISITS);
  }
}

async function killPrimary({ screen, stage: { primary, writer } }: Scene, servers: Servers): Promise<void> {
  screen.heading('The primary is gone');
  servers.expectEnd(PRIMARY);
  await primary.kill();
  screen.warn([
    `The server on port ${primary.port} was killed with SIGKILL, in the middle of the work.`,
    `${writer.confirmed.length} visits had been confirmed to the application; now nobody answers it.`,
  ]);
}

async function showEvidence(scene: Scene): Promise<FailoverRun> {
  const { screen, by } = scene;
  screen.heading('The runbook without a primary: sequenceFailover with "primary": "lost"');
  const run = await startRun(scene, { primary: 'lost', buffer, requestedBy: by });
  const [status, rows] = [await run.status(), await run.rows()];
  const known = (value: string | null | undefined) => value ?? '?';
  screen.lines(
    textTable<SequenceRow>(
      [
        { title: ['', 'sequence'], align: 'left', cell: (row) => row.sequence },
        { title: ['presumed', 'next'], align: 'right', cell: (row) => known(row.primaryNext) },
        { title: ['by the', 'evidence of'], align: 'left', cell: (row) => known(row.evidence) },
        { title: ['standby', 'before'], align: 'right', cell: (row) => known(row.standbyBefore) },
        { title: ['standby', 'next'], align: 'right', cell: (row) => known(row.standbyNext) },
        { title: ['', 'outcome'], align: 'left', cell: (row) => row.outcome },
      ],
      rows,
    ),
  );
  showCounts(scene, status);
  return run;
}

/** The application continues with the rows that have arrived. */
async function openStandby(scene: Scene): Promise<void> {
  const { screen, stage } = scene;
  const { shop, writer, traffic } = stage;
  const { dim } = screen.colors;
  screen.heading('The standby becomes the primary');
  const disable = 'ALTER SUBSCRIPTION shop DISABLE';
  await query(shop.standbyUrl, disable);
  screen.lines([`${dim('standby>')} ${disable};`]);
  await traffic.move(Number(new URL(shop.standbyUrl).port));
  await writer.writes(VISITS);
  await writer.stop();
  await showIds(scene);
  const there = await readCustomers(shop.standbyUrl);
  const lost = writer.confirmed.filter((customer) => !there.has(customer)).length;
  const arrived =
    lost === 0
      ? 'all of them had reached the standby when the primary died, this time'
      : `${lost} of them had not reached the standby when the primary died: those rows are lost, and their ids are not used again`;
  screen.prose(
    `${writer.confirmed.length} visits were confirmed to the application; ${arrived}. Logical replication is asynchronous.`,
  );
}
