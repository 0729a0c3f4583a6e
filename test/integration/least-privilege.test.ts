import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabasePair, startPair, type PostgresPair } from '../../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';
import { TemporalCli } from '../e2e/stage/temporal-cli.js';
import { json } from '../e2e/stage/payloads.js';
import type { WorkerProcess } from '../../src/local/worker-process.js';
import { startWorker } from '../e2e/stage/worker-process.js';
import { WorkflowRun } from '../e2e/stage/workflow-run.js';
import { oldestAndNewest } from './postgres/database.js';

const scripts = {
  primary: read('docs/how-to/least-privilege-primary.sql'),
  standby: read('docs/how-to/least-privilege-standby.sql'),
};
const promotionScript = read('docs/how-to/promotion-privileges.sql');

/** One of each way to number a column, and one in a schema whose name has to be quoted. */
const schema = `
  CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
  CREATE TABLE orders (id serial PRIMARY KEY, name text);
  CREATE SEQUENCE number INCREMENT -10;
  CREATE TABLE invoices (number bigint PRIMARY KEY DEFAULT nextval('number'), name text);
  CREATE SCHEMA "Odd schema";
  CREATE SEQUENCE "Odd schema"."Event's id";
  CREATE TABLE "Odd schema".events (id bigint DEFAULT nextval('"Odd schema"."Event''s id"') PRIMARY KEY)
    PARTITION BY RANGE (id);
  CREATE TABLE "Odd schema".early_events PARTITION OF "Odd schema".events FOR VALUES FROM (1) TO (1000);
  CREATE TABLE "Odd schema".late_events PARTITION OF "Odd schema".events FOR VALUES FROM (1000) TO (MAXVALUE);
`;

const data = `
  INSERT INTO customers (name) SELECT 'a' FROM generate_series(1, 10);
  INSERT INTO orders (name) SELECT 'b' FROM generate_series(1, 10);
  INSERT INTO invoices (name) SELECT 'c' FROM generate_series(1, 10);
  INSERT INTO "Odd schema".events SELECT FROM generate_series(1, 1010);
`;

const password = 'least';

describe.each(oldestAndNewest)(
  'the least-privilege scripts on PostgreSQL $version',
  ({ binaries, version }) => {
    let servers: PostgresPair;
    let temporal: TemporalServer;
    let worker: WorkerProcess | undefined;
    let urls: { primary: string; standby: string; primaryAdmin: string; standbyAdmin: string };

    beforeAll(async () => {
      [servers, temporal] = await Promise.all([startPair({ both: { binaries } }), startTemporal()]);
      const databases = await createDatabasePair(servers, { name: 'app' });
      for (const side of ['primary', 'standby'] as const) {
        const admin = databases[`${side}Url`];
        await sql(
          admin,
          `CREATE ROLE app_owner LOGIN CREATEROLE PASSWORD 'owner'; ALTER DATABASE app OWNER TO app_owner`,
        );
        // Not by a superuser, which a hosted database does not have.
        const owner = servers[side].url('app', 'app_owner', 'owner');
        await sql(owner, schema);
        await sql(owner, scripts[side]);
        await sql(owner, scripts[side]);
        await sql(admin, `ALTER ROLE sequence_failover PASSWORD '${password}'`);
      }
      await sql(databases.primaryUrl, data);
      await databases.subscribe();
      urls = {
        primary: servers.primary.url('app', 'sequence_failover', password),
        standby: servers.standby.url('app', 'sequence_failover', password),
        primaryAdmin: databases.primaryUrl,
        standbyAdmin: databases.standbyUrl,
      };
      worker = await startWorker({
        TEMPORAL_ADDRESS: temporal.address,
        PRIMARY_URL: urls.primary,
        STANDBY_URL: urls.standby,
      });
    });

    afterAll(async () => {
      await worker?.stop();
      await Promise.all([temporal.stop(), servers.stop()]);
    });

    it('suffice for a whole failover, including the ledger and the check of the rows', async () => {
      const cli = new TemporalCli(temporal.cli, temporal.address);
      onTestFinished(() => cli.close());
      const run = new WorkflowRun(cli, 'failover');
      await cli.json(
        ...['workflow', 'start', '--type', 'sequenceFailover', '--task-queue', 'sequence-failover'],
        ...['--workflow-id', 'failover', ...json({})],
      );
      const { gate, findings, counts } = await run.atGate();
      expect({ gate: gate?.state, findings, counts }).toEqual({
        gate: 'open',
        findings: [],
        counts: { total: 4, applied: 4, kept: 0, skipped: 0, failed: 0 },
      });
      await run.decide(...json({ decision: 'approve', by: 'alice' }));
      expect(await run.ending()).toMatchObject({
        status: 'COMPLETED',
        result: { outcome: 'handed-off', findings: [] },
      });

      const recorded = await sql(
        urls.standbyAdmin,
        `SELECT sequence, standby_after::text, state FROM sequence_failover.sequences JOIN sequence_failover.runs USING (run_id)
       ORDER BY sequence COLLATE "C"`,
      );
      expect(recorded).toEqual([
        { sequence: `"Odd schema"."Event's id"`, standby_after: '11011', state: 'completed' },
        { sequence: 'public.customers_id_seq', standby_after: '10011', state: 'completed' },
        { sequence: 'public.number', standby_after: '-100101', state: 'completed' },
        { sequence: 'public.orders_id_seq', standby_after: '10011', state: 'completed' },
      ]);
    });

    it.each([
      ['primary', `SELECT nextval('orders_id_seq')`],
      ['primary', `SELECT setval('orders_id_seq', 1)`],
      ['primary', `SELECT name FROM customers`],
      ['primary', `INSERT INTO orders (name) VALUES ('x')`],
      ['primary', `CREATE SCHEMA mine`],
      ['standby', `SELECT name FROM customers`],
      ['standby', `INSERT INTO orders (name) VALUES ('x')`],
      ['standby', `UPDATE invoices SET number = number`],
      ['standby', `TRUNCATE orders`],
      ['standby', `CREATE SCHEMA mine`],
    ] as const)('allow no more: on the %s, %s is refused', async (side, statement) => {
      await expect(sql(urls[side], statement)).rejects.toMatchObject({ code: '42501' });
    });

    const isOld = Number(version) < 16;

    it('are followed by the script for promotions, which warns of what is left to do', async () => {
      const ofSuperuser =
        /^the superuser postgres owns the subscription app: .*: GRANT postgres TO sequence_failover;$/u;
      const onlySuperusers = /^before PostgreSQL 16 only a superuser can create and own subscriptions/u;
      // The owner has granted the worker's role to itself and to others.
      await sql(
        urls.primaryAdmin,
        `CREATE ROLE app_reader; GRANT sequence_failover TO app_owner WITH ADMIN OPTION; SET ROLE app_owner;
       GRANT sequence_failover TO app_owner; GRANT sequence_failover TO app_reader`,
      );
      // The owner is a member through another role.
      await sql(
        urls.standbyAdmin,
        `CREATE ROLE "App team"; GRANT "App team" TO app_owner; GRANT sequence_failover TO "App team"`,
      );
      const through =
        /^app_owner owns replicated tables, the database, but the worker's role cannot become its member, .*: (REVOKE sequence_failover FROM "App team"[^;]*;)$/u;
      expect(await warningsOf(urls.primaryAdmin, promotionScript)).toEqual(
        isOld ? [expect.stringMatching(onlySuperusers)] : [],
      );
      const warnings = await warningsOf(urls.standbyAdmin, promotionScript);
      expect(warnings.sort()).toEqual([
        expect.stringMatching(through),
        ...(isOld ? [expect.stringMatching(onlySuperusers) as string] : []),
        expect.stringMatching(ofSuperuser),
      ]);
      await sql(urls.standbyAdmin, through.exec(warnings[0] ?? '')?.[1] ?? '');
    });

    it.skipIf(isOld)(
      'suffice for a promotion, with that script, where no superuser owns anything',
      async () => {
        await sql(urls.standbyAdmin, 'ALTER SUBSCRIPTION app OWNER TO app_owner');
        expect(await warningsOf(urls.standbyAdmin, promotionScript)).toEqual([]);
        const cli = new TemporalCli(temporal.cli, temporal.address);
        onTestFinished(() => cli.close());
        await cli.json(
          ...['workflow', 'start', '--type', 'promoteStandby', '--task-queue', 'sequence-failover'],
          ...['--workflow-id', 'rehearsal', ...json({ rehearse: true })],
        );
        expect(await new WorkflowRun(cli, 'rehearsal').ending()).toMatchObject({
          status: 'COMPLETED',
          result: { outcome: 'rehearsed', findings: [] },
        });
      },
    );
  },
);

/** Runs a script. @returns the messages of its warnings */
async function warningsOf(url: string, text: string): Promise<string[]> {
  const client = new pg.Client(url);
  const warnings: string[] = [];
  client.on('notice', ({ message, severity }) => {
    if (severity === 'WARNING') warnings.push(message ?? '');
  });
  await client.connect();
  try {
    await client.query(text);
    return warnings;
  } finally {
    await client.end();
  }
}

function read(file: string): string {
  return readFileSync(path.resolve(import.meta.dirname, '../..', file), 'utf8');
}

/** Rows of one statement, or of the last of several. */
async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const results = (await client.query(text)) as pg.QueryResult | pg.QueryResult[];
    const last = Array.isArray(results) ? results.at(-1) : results;
    return (last?.rows ?? []) as unknown[];
  } finally {
    await client.end();
  }
}
