import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult, SequencesAnswer, Status } from '../../src/contract/status.js';
import {
  createDatabasePair,
  startPair,
  type DatabasePair,
  type PostgresPair,
} from '../../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';
import { until } from '../../src/local/until.js';
import { WorkerProcess } from '../../src/local/worker-process.js';
import { pageLimits } from '../../activities/page-limits.js';
import { advisoryLocksSql } from '../../src/postgres/session/advisory-locks.js';
import { hold } from './faults/hold.js';
import { StagedDatabase } from './stage/staged-pair.js';
import { main } from './stage/worker-process.js';

/** By hand also with 100000. */
const sequences = Number(process.env['SEVERAL_WORKERS_SEQUENCES'] ?? 16_000);
const timeout = Math.max(240_000, sequences * 15);

let servers: PostgresPair;
let temporal: TemporalServer;
let databases: DatabasePair;
let connection: Connection;

beforeAll(async () => {
  [servers, temporal] = await Promise.all([startPair(), startTemporal()]);
  databases = await createDatabasePair(servers, { name: 'app' });
  connection = await Connection.connect({ address: temporal.address });
});

afterAll(async () => {
  await connection.close();
  await temporal.stop();
  await servers.stop();
});

async function startWorker(): Promise<WorkerProcess> {
  const env = { TEMPORAL_ADDRESS: temporal.address };
  const worker = await WorkerProcess.start({ env, pairs: [databases], program: main });
  return worker.untilRunning();
}

it(
  'share a run, and the one that is left ends what the other has begun',
  async () => {
    const create = `DO $$ BEGIN FOR n IN 1..${sequences} LOOP
      EXECUTE format('CREATE SEQUENCE s_%s', lpad(n::text, 6, '0')); IF n % 2000 = 0 THEN COMMIT; END IF; END LOOP; END $$`;
    const [primary, standby] = await Promise.all(
      [databases.primaryUrl, databases.standbyUrl].map((url) => StagedDatabase.connect(url)),
    );
    if (primary === undefined || standby === undefined) throw new Error('no databases');
    await Promise.all([primary.sql(create), standby.sql(create)]);
    // Few at a time: each holds a lock until its transaction ends.
    for (let from = 1; from <= sequences; from += 2_000) {
      await primary.sql(
        `SELECT count(setval(format('s_%s', lpad(n::text, 6, '0')), 1000 + n)) FROM generate_series(${from}, least(${from + 1_999}, ${sequences})) n`,
      );
    }
    const [doomed, other] = await Promise.all([startWorker(), startWorker()]);
    // No page can be the last one, so the gate stays closed until the worker is dead.
    const last = "SELECT oid::int8 FROM pg_class WHERE relkind = 'S' ORDER BY relname DESC LIMIT 1";
    const oids = (await standby.sql<{ oid: string }>(last)).map(({ oid }) => Number(oid));
    const turn = await hold(databases.standbyUrl, advisoryLocksSql(oids));
    const client = new Client({ connection });
    const run = await client.workflow.start('sequenceFailover', {
      taskQueue: 'sequence-failover',
      workflowId: 'shared',
      args: [{ pair: 'app' }],
    });
    const begun = performance.now();
    const pages = Math.ceil(sequences / pageLimits.sequences);
    // A page that was started may not be done yet, so that the worker dies with work in its hands.
    await until(async () => (await run.query<SequencesAnswer>('sequences')).pages.length > pages / 2, {
      timeout,
      interval: 20,
      constant: true,
      what: 'half of the pages to be begun',
    });
    expect((await run.query<Status>('status')).gate?.state).toBe('closed');
    const killed = performance.now();
    expect(await doomed.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    await turn.commit();
    // A query that was sent to the worker that is gone fails, and says nothing of the run.
    const isOpen = () =>
      run.query<Status>('status').then(
        ({ gate }) => gate?.state === 'open',
        () => false,
      );
    await until(isOpen, {
      timeout,
      interval: 100,
      what: 'the gate to open',
    });
    const opened = performance.now();
    await run.signal('approve', { by: 'alice' });
    const result = (await run.result()) as RunResult;
    const done = performance.now();
    expect(result).toMatchObject({
      outcome: 'handed-off',
      counts: { total: sequences, applied: sequences, kept: 0, skipped: 0, failed: 0 },
      findings: expect.not.arrayContaining([expect.objectContaining({ severity: 'block' })]) as unknown,
    });
    let behind = 0;
    for (let from = 0; from < sequences; from += 2_000) {
      const rows = await standby.sql<{ behind: string }>(
        `SELECT count(*) FILTER (WHERE last_value IS DISTINCT FROM 11000 + substr(sequencename, 3)::bigint)::text AS behind
         FROM pg_sequences WHERE schemaname = 'public'
           AND sequencename > 's_${String(from).padStart(6, '0')}' AND sequencename <= 's_${String(from + 2_000).padStart(6, '0')}'`,
      );
      behind += Number(rows[0]?.behind);
    }
    expect(behind).toBe(0);
    await Promise.all([primary.close(), standby.close()]);
    await other.stop();
    const at = (time: number) => `${((time - begun) / 1000).toFixed(1)} s`;
    process.stdout.write(
      `${sequences} sequences: one of two workers killed at ${at(killed)}, gate open at ${at(opened)}, done at ${at(done)}\n`,
    );
  },
  timeout * 2 + 120_000,
);
