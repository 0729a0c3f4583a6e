import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PromotionStatus } from '../../../src/contract/promotion.js';
import { until } from '../../../src/local/until.js';
import { paste } from '../../integration/postgres/paste.js';
import { connect, query } from '../faults/query.js';
import { json } from '../stage/payloads.js';
import type { Stage } from '../stage/stage.js';
import { WorkflowRun } from '../stage/workflow-run.js';
import { stageWithOperators } from './operators.js';
import {
  promotionsOn,
  promoted,
  undone,
  writes,
  fencedWriter,
  labels,
  settings,
  traces,
} from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote, heldBehindTheFence } = promotionsOn(() => stage);

it('names the transaction of the standby for whose end the slot of the way back waits', async () => {
  const pair = await replicatedPair();
  const holder = await connect(new URL('/postgres?application_name=nightly', pair.standbyUrl).href);
  await holder.query('BEGIN; SELECT txid_current()');
  const [{ pid } = { pid: 0 }] = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  const run = await promote({ pair: pair.name });
  await until(
    async () => {
      const pending = JSON.stringify(await run.describe());
      return pending.includes('the slot of the way back could not be created') && pending;
    },
    { what: 'the slot to wait in vain', timeout: 90_000 },
  ).then((pending) => {
    expect(pending).toContain(`process ${pid} of the role postgres (application `);
    expect(pending).toContain(`SELECT pg_terminate_backend(${pid});`);
  });
  await holder.query('ROLLBACK');
  await promoted(run);
});

it('touches nothing while a promotion of another pair has the same databases, and names it', async () => {
  const pair = await replicatedPair();
  const { run, lastWord } = await heldBehindTheFence(pair);
  const other = await undone(await promote({ pair: `${pair.name}-limited` }));
  expect(other).toMatchObject({
    type: 'NotReady',
    message: expect.stringContaining(run.workflowId) as string,
  });
  expect(other.message).toMatch(
    /^another promotion, of a pair that has this database .* too, is open: .*; wait for it, or end it with: temporal workflow cancel .*; nothing has to be undone$/su,
  );
  await run.signal('reject', ...json({ by: 'bob', reason: 'not tonight' }));
  await undone(run);
  await lastWord.cancel();

  // Its end has freed both databases.
  for (const url of [pair.primaryUrl, pair.standbyUrl]) {
    const [lock] = await query<{ id: string }>(
      url,
      `SELECT 'sequence-failover/promotion-lock/' || system_identifier || '/' || oid || '/' || datname
                || '/' || host(inet_server_addr()) || '%3A' || inet_server_port() AS id
       FROM pg_control_system(), pg_database WHERE datname = current_database()`,
    );
    expect((await new WorkflowRun(stage.cli, lock?.id ?? '').ending()).status).toBe('COMPLETED');
  }
  expect((await promoted(await promote({ pair: pair.name }))).outcome).toBe('promoted');
});

it('is refused while commits on the primary wait for the standby, and its remedy is enough', async () => {
  const pair = await replicatedPair();
  const primary = await connect(pair.primaryUrl);
  await primary.query(`ALTER SYSTEM SET synchronous_standby_names = '${pair.name}'`);
  await primary.query('SELECT pg_reload_conf()');
  onTestFinished(async () => {
    for (const one of ['ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()'])
      await query(pair.primaryUrl, one);
  });
  await until(
    async () =>
      (await primary.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")).rowCount === 1,
    { what: 'the subscription to be synchronous' },
  );
  const { type, details } = await undone(await promote({ pair: pair.name }));
  expect(type).toBe('NotReady');
  const found = details.findings.filter(({ code }) => code === 'STANDBY_SYNCHRONOUS');
  expect(found).toMatchObject([{ severity: 'block', message: expect.stringContaining(pair.name) as string }]);
  for (const statement of /ALTER SYSTEM [^;]*; SELECT [^;]*/u.exec(found[0]?.remedy ?? '')?.[0].split(';') ??
    [])
    await primary.query(statement);
  await until(
    async () =>
      (await primary.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")).rowCount === 0,
    { what: 'the subscription not to be synchronous' },
  );
  expect((await promoted(await promote({ pair: pair.name }))).outcome).toBe('promoted');
});

it('is refused while commits on the standby would wait for a server that is away, and its remedy is enough', async () => {
  const pair = await replicatedPair();
  const standby = await connect(pair.standbyUrl);
  const app = `app_${pair.name}`;
  await standby.query(`CREATE ROLE ${app} LOGIN`);
  // Only the worker does not wait for it.
  await standby.query('ALTER ROLE postgres SET synchronous_commit TO local');
  await standby.query("ALTER SYSTEM SET synchronous_standby_names = 'replica'");
  await standby.query('SELECT pg_reload_conf()');
  const configured = async (names: string) =>
    until(
      async () =>
        (
          await query(
            pair.standbyUrl,
            `SELECT WHERE current_setting('synchronous_standby_names') = '${names}'`,
          )
        ).length > 0,
      { what: 'the setting to hold' },
    );
  onTestFinished(async () => {
    for (const one of ['ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()'])
      await query(pair.standbyUrl, one);
    await query(pair.standbyUrl, 'ALTER ROLE postgres RESET synchronous_commit');
    await query(pair.standbyUrl, `DROP ROLE ${app}`);
  });
  await configured('replica');
  const { type, details } = await undone(await promote({ pair: pair.name }));
  expect(type).toBe('NotReady');
  const found = details.findings.filter(({ code }) => code === 'NO_SYNCHRONOUS_STANDBY');
  expect(found).toMatchObject([
    {
      severity: 'block',
      message: expect.stringMatching(
        new RegExp(`'replica'\\), and 0 are connected: .*, the COMMIT of each session of .*${app}`, 'u'),
      ) as string,
    },
  ]);
  expect(await traces(pair)).toEqual([[], []]);
  expect(await paste(found[0]?.remedy ?? '', { standby: (sql) => standby.query(sql) })).toBe(2);
  await configured('');
  expect((await promoted(await promote({ pair: pair.name }))).outcome).toBe('promoted');
});

it('is refused while a transaction of the standby’s server would hold up the slot of the way back, and its remedy is enough', async () => {
  const pair = await replicatedPair();
  const elsewhere = Object.assign(new URL(pair.standbyUrl), { pathname: '/postgres' });
  const nightly = new pg.Client({ connectionString: elsewhere.href, application_name: 'nightly' });
  // The remedy ends it.
  nightly.on('error', () => undefined);
  await nightly.connect();
  await nightly.query('BEGIN; SELECT txid_current()');
  await until(
    async () =>
      (
        await query(
          pair.standbyUrl,
          "SELECT FROM pg_stat_activity WHERE application_name = 'nightly' AND xact_start < clock_timestamp() - interval '31 seconds'",
        )
      ).length === 1,
    { what: 'the transaction to be old' },
  );
  const { type, details } = await undone(await promote({ pair: pair.name }));
  expect(type).toBe('NotReady');
  const found = details.findings.filter(({ code }) => code === 'STANDBY_TRANSACTION');
  expect(found).toMatchObject([
    {
      severity: 'block',
      message: expect.stringMatching(
        /^on the standby, process \d+ of the role postgres \(application "nightly"\) in the database postgres has written in a transaction that is \d+ seconds old/u,
      ) as string,
    },
  ]);
  expect(await traces(pair)).toEqual([[], []]);
  expect(await paste(found[0]?.remedy ?? '', { standby: (sql) => query(pair.standbyUrl, sql) })).toBe(1);
  expect((await promoted(await promote({ pair: pair.name }))).outcome).toBe('promoted');
});

it('changes nothing if a later step lacks a privilege, and names each missing privilege with its GRANT', async () => {
  const pair = await replicatedPair();
  const writer = await fencedWriter(pair);
  const before = await settings(pair.primaryUrl);
  for (const url of [pair.primaryUrl, pair.standbyUrl])
    await query(url, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "sequence runner"');
  // Those on sequences are named with the others, also what only the way back needs.
  await query(pair.primaryUrl, 'GRANT SELECT ON SEQUENCE orders_id_seq TO "sequence runner"');
  await query(pair.standbyUrl, 'GRANT SELECT ON SEQUENCE customers_id_seq TO "sequence runner"');
  // It is not set, so it needs no privilege.
  await query(pair.standbyUrl, 'CREATE SEQUENCE "only the Standby"');
  const { type, message, details } = await undone(await promote({ pair: `${pair.name}-limited` }));
  expect(type).toBe('NotReady');
  expect(details.phase).toBe('done');
  const remedies = details.findings
    .filter(({ code }) => code === 'PRIVILEGE_MISSING')
    .map(({ remedy }) => remedy);
  expect(remedies).toEqual(
    expect.arrayContaining([
      'as a superuser on the primary: GRANT pg_signal_backend TO "sequence runner";',
      'as a superuser on the primary: GRANT pg_read_all_stats TO "sequence runner";',
      'as a superuser on the standby: GRANT pg_signal_backend TO "sequence runner";',
      'as a superuser on the standby: GRANT pg_read_all_stats TO "sequence runner";',
      'as a superuser on the standby: ALTER ROLE "sequence runner" REPLICATION;',
    ]),
  );
  expect(remedies).toContain(
    'if no way back is needed, start again with "failback": false in the input of the promotion (of a run: in its handoff.input); otherwise, as a superuser on the primary: GRANT UPDATE ON SEQUENCE public.orders_id_seq TO "sequence runner";',
  );
  const ofSequences = details.findings.filter(({ sequence }) => sequence !== null);
  const grant = (side: string, what: string) =>
    `on the ${side}, as the owner or a superuser: GRANT ${what} TO "sequence runner";`;
  expect(ofSequences.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['NO_READ_PRIVILEGE', grant('primary', 'SELECT, UPDATE ON SEQUENCE public.customers_id_seq')],
    ['NO_READ_PRIVILEGE', grant('standby', 'SELECT, UPDATE ON SEQUENCE public.orders_id_seq')],
    ['NO_UPDATE_PRIVILEGE', grant('standby', 'UPDATE ON SEQUENCE public.customers_id_seq')],
  ]);
  // The message is cut before the last of them.
  for (const remedy of remedies.filter((one) => !one.includes('ON SEQUENCE')))
    expect(message).toContain(remedy);
  await writes(writer);
  expect(await settings(pair.primaryUrl)).toEqual(before);
  expect(await traces(pair)).toEqual([[], []]);
});

describe('after a fence that has revoked CONNECT on the present standby', () => {
  async function fencedBefore() {
    const pair = await replicatedPair();
    const before = await settings(pair.primaryUrl);
    await promoted(await promote({ pair: pair.name, fence: { kind: 'no-connections' } }));
    const rename = (from: string, to: string) =>
      query(pair.standbyUrl, `ALTER TABLE sequence_failover.promotions RENAME COLUMN ${from} TO ${to}`);
    const promoteBack = () => promote({ pair: `reversed:${pair.name}` });
    /** The standby still takes writes, and the next promotion succeeds once the fence can be read again. */
    async function expectNothingTouched(run: WorkflowRun): Promise<void> {
      const { type, message } = await undone(run);
      expect({ type, message }).toEqual(touchedNothing);
      await query(pair.standbyUrl, "INSERT INTO orders (label) VALUES ('still open')");
      await rename('moved', 'fence');
      await promoted(await promoteBack());
      expect(await settings(pair.primaryUrl)).toEqual(before);
    }
    return { pair, promoteBack, hideFence: () => rename('fence', 'moved'), expectNothingTouched };
  }

  const touchedNothing = {
    type: 'NotReady',
    message: expect.stringMatching(
      /^LEDGER_UNREADABLE: the ledger could not be read: .*"fence" does not exist .*; on the standby PUBLIC may not connect to the database pair_\d: .*; otherwise, in the ledger's database, \S+, undo what has changed the tables .*; nothing has to be undone$/u,
    ) as string,
  };

  it('touches nothing while it cannot read what was revoked', async () => {
    const { promoteBack, hideFence, expectNothingTouched } = await fencedBefore();
    await hideFence();
    await expectNothingTouched(await promoteBack());
  });

  it('touches nothing if that can no longer be read after the check', async () => {
    const { pair, promoteBack, hideFence, expectNothingTouched } = await fencedBefore();
    await query(pair.standbyUrl, "INSERT INTO orders (id, label) VALUES (1, 'first')");
    await until(async () => (await labels(pair.primaryUrl)).length === 1, { what: 'the row to arrive' });
    // The promotion waits until the standby has confirmed the update, which waits for the row.
    const holder = await connect(pair.primaryUrl);
    await holder.query('BEGIN READ WRITE; SELECT FROM orders FOR UPDATE');
    await query(pair.standbyUrl, "UPDATE orders SET label = 'second'");
    const run = await promoteBack();
    await until(
      async () => {
        const { steps } = await run.ask<PromotionStatus>('status');
        return steps.some(({ step, state }) => step === 'synchronize' && state === 'running');
      },
      { what: 'the check to be done' },
    );
    await hideFence();
    await holder.query('COMMIT');
    await holder.end();
    await expectNothingTouched(run);
  });
});

it('says who may connect to the old primary if no ledger keeps it', async () => {
  const pair = await replicatedPair();
  const before = await settings(pair.primaryUrl);
  await promoted(await promote({ pair: pair.name, rehearse: true }));
  await query(
    pair.standbyUrl,
    `BEGIN READ WRITE;
     CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$;
     CREATE TRIGGER refuse BEFORE INSERT ON sequence_failover.promotions FOR EACH ROW EXECUTE FUNCTION refuse();
     COMMIT`,
  );
  const { findings, leftovers } = await promoted(
    await promote({ pair: pair.name, fence: { kind: 'no-connections' } }),
  );
  expect(findings.map(({ code }) => code)).toContain('LEDGER_UNAVAILABLE');
  expect(leftovers).toEqual([
    `on the old primary: SET default_transaction_read_only TO off; SET transaction_read_only TO off; GRANT CONNECT ON DATABASE "${pair.name}" TO PUBLIC; GRANT CONNECT ON DATABASE "${pair.name}" TO "postgres"; -- before it takes over again: without a ledger, nothing else knows who could connect before the fence`,
  ]);
  await query(pair.standbyUrl, 'DROP TRIGGER refuse ON sequence_failover.promotions');
  // Nor does a later promotion guess: the databases show it.
  const back = await undone(await promote({ pair: `reversed:${pair.name}` }));
  expect(back.type).toBe('NotReady');
  expect(back.details.findings.find(({ code }) => code === 'LEDGER_UNREADABLE')?.remedy).toContain(
    `GRANT CONNECT ON DATABASE "${pair.name}" TO PUBLIC;`,
  );
  // As psql sends them: one statement after the other.
  const person = await connect(pair.primaryUrl);
  const [statements = ''] = leftovers[0]?.replace('on the old primary: ', '').split(' -- ') ?? [];
  for (const statement of statements.split('; ')) await person.query(statement);
  await person.end();
  await promoted(await promote({ pair: `reversed:${pair.name}` }));
  expect(await settings(pair.primaryUrl)).toEqual(before);
});

it('touches nothing if a workflow of an operator has no worker, and says which', async () => {
  const pair = await replicatedPair();
  const workflow = { workflowType: 'agree', taskQueue: 'nobody' };
  const { type, message } = await undone(
    await promote({ pair: pair.name, beforeSwitch: workflow, traffic: workflow }),
  );
  expect({ type, message }).toEqual({
    type: 'NotReady',
    message: expect.stringMatching(
      /^HANDOFF_NO_WORKER: no worker polls the task queue nobody, so the workflows of beforeSwitch, traffic would never start; start the worker of these workflows, check with: temporal task-queue describe --task-queue nobody, and start the promotion again/u,
    ) as string,
  });
  expect(await traces(pair)).toEqual([[], []]);
});
