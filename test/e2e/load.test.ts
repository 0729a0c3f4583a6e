import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createDatabasePair,
  startPair,
  type DatabasePair,
  type PostgresPair,
} from '../../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';
import { query } from './faults/query.js';
import { json } from './stage/payloads.js';
import { TemporalCli } from './stage/temporal-cli.js';
import type { WorkerProcess } from '../../src/local/worker-process.js';
import { startWorker } from './stage/worker-process.js';
import { WorkflowRun } from './stage/workflow-run.js';

const SEQUENCES = 20_000;
/** As many as the application locks at a time: more than half of what the lock table holds besides. */
const TABLES = 2_000;
/** PostgreSQL's own defaults, which size the lock table, but for the connections. */
const settings = {
  max_connections: '20',
  max_locks_per_transaction: '64',
  max_prepared_transactions: '0',
  max_wal_senders: '10',
  max_replication_slots: '10',
  max_worker_processes: '8',
  max_logical_replication_workers: '4',
};

let servers: PostgresPair;
let temporal: TemporalServer;
let databases: DatabasePair;
let worker: WorkerProcess;

beforeAll(async () => {
  [servers, temporal] = await Promise.all([startPair({ both: { settings } }), startTemporal()]);
  databases = await createDatabasePair(servers, { name: 'load' });
  await Promise.all([databases.primaryUrl, databases.standbyUrl].map(fill));
  worker = await startWorker({
    TEMPORAL_ADDRESS: temporal.address,
    PRIMARY_URL: databases.primaryUrl,
    STANDBY_URL: databases.standbyUrl,
  });
});

afterAll(async () => {
  await worker.stop();
  await Promise.all([temporal.stop(), servers.stop()]);
});

it('20,000 sequences on servers with small lock tables leave an application its locks and connections', async () => {
  const stop = new AbortController();
  const applications = [databases.primaryUrl, databases.standbyUrl].map((url) =>
    application(url, stop.signal),
  );
  const cli = new TemporalCli(temporal.cli, temporal.address);
  const run = new WorkflowRun(cli, 'load');
  await cli.json(
    ...['workflow', 'start', '--type', 'sequenceFailover', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', run.workflowId, ...json({ mode: 'sync' })],
  );
  const ending = await run.ending();
  stop.abort();
  const seen = await Promise.all(applications);

  expect(ending).toMatchObject({
    status: 'COMPLETED',
    result: { outcome: 'synchronized', counts: { total: SEQUENCES, applied: SEQUENCES, failed: 0 } },
  });
  for (const { errors, transactions, sessions } of seen) {
    expect(errors).toEqual([]);
    expect(transactions).toBeGreaterThan(10);
    expect(sessions).toBeGreaterThan(0);
    expect(sessions).toBeLessThanOrEqual(4);
  }
  // Neither a lock of the worker's is left, nor may this look take one for each sequence, as pg_sequences does.
  const [left] = await query<{ count: number }>(
    databases.standbyUrl,
    `SELECT count(*)::int AS count FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype IN ('relation', 'advisory') AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
  );
  expect(left).toEqual({ count: 0 });
  const [set] = await query<{ count: number }>(
    databases.standbyUrl,
    `SELECT count(*)::int AS count
     FROM pg_class c CROSS JOIN LATERAL pg_get_sequence_data(c.oid) WHERE c.relkind = 'S' AND last_value = 10001`,
  );
  expect(set).toEqual({ count: SEQUENCES });
});

/** In parts: the locks of each have to fit in the lock table. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  for (let from = 1; from <= SEQUENCES; from += 500) {
    await client.query(`
      DO $$ BEGIN
        FOR i IN ${from}..${from + 499} LOOP
          EXECUTE format('CREATE SEQUENCE s%s', i);
          PERFORM nextval(format('s%s', i));
          IF i <= ${TABLES} THEN EXECUTE format('CREATE TABLE t%s ()', i); END IF;
        END LOOP;
      END $$`);
  }
  await client.end();
}

interface Seen {
  /** SQLSTATEs. */
  errors: string[];
  transactions: number;
  /** The most that the worker had at a time. */
  sessions: number;
}

/** Locks its tables again and again, all at once, and looks who else is connected. */
async function application(url: string, stop: AbortSignal): Promise<Seen> {
  const seen: Seen = { errors: [], transactions: 0, sessions: 0 };
  const client = new pg.Client({ connectionString: url, application_name: 'application' });
  await client.connect();
  const tables = Array.from({ length: TABLES }, (_, index) => `t${index + 1}`).join(', ');
  let before: number[] = [];
  while (!stop.aborted) {
    try {
      await client.query('BEGIN');
      await client.query(`LOCK TABLE ${tables} IN ROW EXCLUSIVE MODE`);
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      );
      // One sample may show a session that is ending beside the next one. Sessions of two samples were there together.
      const after = rows.map(({ pid }) => pid);
      seen.sessions = Math.max(seen.sessions, before.filter((pid) => after.includes(pid)).length);
      before = after;
      seen.transactions += 1;
    } catch (error) {
      seen.errors.push(error instanceof pg.DatabaseError ? (error.code ?? '') : String(error));
    }
    await client.query('ROLLBACK');
  }
  await client.end();
  return seen;
}
