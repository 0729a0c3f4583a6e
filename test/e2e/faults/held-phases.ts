import type { Phase } from '../../../src/contract/status.js';
import { json } from '../stage/payloads.js';
import { completed, type WorkflowRun } from '../stage/workflow-run.js';
import type { FaultStage, FaultyPair } from './fault-stage.js';
import { hold } from './hold.js';
import { buffer, sequences, used } from './invariants.js';

export const SEQUENCES = 4;

/** A run that is held in a phase, and what lets it go on. */
export interface Held {
  pair: FaultyPair;
  run: WorkflowRun;
  release: () => void | Promise<void>;
  approved: boolean;
}

const table = 'CREATE TABLE orders (id bigint PRIMARY KEY)';

export async function usedPair(stage: FaultStage): Promise<FaultyPair> {
  const pair = await stage.pair(`${table}; ${sequences(SEQUENCES)}`);
  await pair.databases.primary.sql(used(SEQUENCES));
  return pair;
}

/** Waits until a worker is running this step, in this phase. */
async function untilRunning(
  stage: FaultStage,
  run: WorkflowRun,
  phase: Phase,
  activity: string,
): Promise<void> {
  await run.until(`${activity} runs`, async (status) => {
    return status.phase === phase && (await stage.running(run)).includes(activity);
  });
}

/** A run whose setval waits for another session's ALTER SEQUENCE. */
async function heldAtApply(stage: FaultStage) {
  const pair = await usedPair(stage);
  const alter = await hold(pair.databases.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
  const run = await stage.start({ pair: pair.name, buffer });
  await untilRunning(stage, run, 'synchronizing', 'applyTargets');
  return { pair, run, alter };
}

/** A run held in each phase. */
export const heldPhases: Record<string, (stage: FaultStage) => Promise<Held>> = {
  async checking(stage) {
    const pair = await usedPair(stage);
    pair.toPrimary.hold();
    const run = await stage.start({ pair: pair.name, buffer });
    await untilRunning(stage, run, 'checking', 'checkReadiness');
    return {
      pair,
      run,
      approved: false,
      release: () => {
        pair.toPrimary.release();
      },
    };
  },

  async synchronizing(stage) {
    const { pair, run, alter } = await heldAtApply(stage);
    return { pair, run, approved: false, release: () => alter.commit() };
  },

  async verifying(stage) {
    const { pair, run, alter } = await heldAtApply(stage);
    // The primary is not asked again before the verification.
    pair.toPrimary.hold();
    await alter.commit();
    await untilRunning(stage, run, 'verifying', 'verifyStandby');
    return {
      pair,
      run,
      approved: false,
      release: () => {
        pair.toPrimary.release();
      },
    };
  },

  async recording(stage) {
    const pair = await usedPair(stage);
    await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
    const lock = await hold(
      pair.databases.standbyUrl,
      'LOCK TABLE sequence_failover.sequences IN ACCESS EXCLUSIVE MODE',
    );
    const run = await stage.start({ pair: pair.name, buffer });
    await untilRunning(stage, run, 'recording', 'recordBuffer');
    return { pair, run, approved: false, release: () => lock.commit() };
  },

  async 'awaiting-approval'(stage) {
    const pair = await usedPair(stage);
    const run = await stage.start({ pair: pair.name, buffer });
    await run.atGate();
    return { pair, run, approved: false, release: () => undefined };
  },

  async 'verifying after the approval'(stage) {
    const pair = await usedPair(stage);
    await pair.databases.subscribe();
    const approval = { replicationTimeout: '10 minutes' };
    const run = await stage.start({ pair: pair.name, buffer, approval });
    await run.atGate();
    const lock = await hold(pair.databases.standbyUrl, 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    await pair.databases.primary.sql('INSERT INTO orders VALUES (1)');
    await run.signal('approve', ...json({ by: 'alice' }));
    await untilRunning(stage, run, 'verifying', 'awaitReplication');
    return { pair, run, approved: true, release: () => lock.commit() };
  },
};
