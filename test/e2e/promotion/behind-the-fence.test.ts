import { setTimeout as delay } from 'node:timers/promises';
import { EventEmitter, once } from 'node:events';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { paste } from '../../integration/postgres/paste.js';
import { connect, query } from '../faults/query.js';
import { json } from '../stage/payloads.js';
import type { Stage } from '../stage/stage.js';
import type { StagedPair } from '../stage/staged-pair.js';
import { WorkflowRun } from '../stage/workflow-run.js';
import { stageWithOperators } from './operators.js';
import { promotionsOn, promoted, undone, labels, settings, untilRunning } from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote, heldBehindTheFence, ownedPair } = promotionsOn(() => stage);

it('sets a sequence that fell behind while the last word was awaited', async () => {
  const pair = await replicatedPair();
  await query(pair.primaryUrl, "INSERT INTO orders (label) SELECT 'before' FROM generate_series(1, 20)");
  const { run, lastWord } = await heldBehindTheFence(pair, { failback: false });
  // Somebody gets around the fence.
  const session = await connect(pair.primaryUrl);
  await session.query(
    "BEGIN READ WRITE; TRUNCATE orders RESTART IDENTITY; INSERT INTO orders (label) SELECT 'after' FROM generate_series(1, 5); COMMIT",
  );
  await session.end();
  await lastWord.signal('finish');
  await promoted(run);
  expect(await labels(pair.standbyUrl)).toEqual(Array.from({ length: 5 }, () => 'after'));
  await query(pair.standbyUrl, "INSERT INTO orders (label) VALUES ('new')");
});

it('says what it waits for, and what it has waited for in vain, if the standby stops to receive', async () => {
  const pair = await replicatedPair();
  const { run, lastWord } = await heldBehindTheFence(pair, { failback: false, outageBudget: '45 seconds' });
  const admin = await connect(pair.standbyUrl);
  await admin.query('SET default_transaction_read_only TO off');
  await admin.query(`ALTER SUBSCRIPTION ${pair.name} DISABLE`);
  await admin.end();
  // Until it has ended, the subscription may confirm what follows.
  const active = `SELECT FROM pg_replication_slots WHERE active AND slot_name = '${pair.name}'`;
  await until(async () => (await query(pair.primaryUrl, active)).length === 0, {
    what: 'the walsender to end',
  });
  // The position moves on, although nobody writes.
  await query(pair.primaryUrl, 'CHECKPOINT');
  await lastWord.signal('finish');
  await untilRunning(run, 'verify');
  const { type, message, details } = await undone(run);
  expect({ type, message }).toEqual({
    type: 'StepFailed',
    message: expect.stringMatching(
      /^the slot .* but not the present position of the primary, .* if this shows none, the server log of the standby says why/u,
    ) as string,
  });
  expect(details.steps.find(({ step }) => step === 'verify')?.state).toBe('failed');
});

describe('a table that the standby does not receive, and that was created after the check,', () => {
  const message =
    /^the tables have changed since the check, and the standby may lack rows: NOT_SUBSCRIBED: .*public\.audit will lack all rows; .*; undone: fence$/su;
  const finding = expect.objectContaining({ code: 'NOT_SUBSCRIBED', severity: 'block', count: 1 }) as object;

  /** Creates the table while the promotion waits between its check and its fence, because the subscription can write nothing. */
  async function createdLate(pair: StagedPair, input: object): Promise<WorkflowRun> {
    const onStandby = await connect(pair.standbyUrl);
    await onStandby.query('BEGIN; LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE');
    await query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('late')");
    const run = await promote({ pair: pair.name, ...input });
    await untilRunning(run, 'synchronize');
    const table = 'CREATE TABLE audit (entry integer PRIMARY KEY)';
    await Promise.all([query(pair.primaryUrl, table), onStandby.query(table)]);
    await query(pair.primaryUrl, 'INSERT INTO audit VALUES (1)');
    await onStandby.query('COMMIT');
    return run;
  }

  it('ends the promotion, which names it', async () => {
    const pair = await replicatedPair();
    const { type, details, ...ending } = await undone(await createdLate(pair, { failback: false }));
    expect(type).toBe('StepFailed');
    expect(ending.message).toMatch(message);
    expect(details.findings).toEqual([finding]);
    await query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('after')");
  });

  it('is on record if somebody has accepted such tables, and the wait for all other rows goes on', async () => {
    const pair = await replicatedPair();
    const { certificate, findings } = await promoted(
      await createdLate(pair, { failback: false, accept: ['NOT_SUBSCRIBED'] }),
    );
    expect(findings).toContainEqual(finding);
    expect(certificate.confirmedLsn).not.toBeNull();
    expect(await labels(pair.standbyUrl)).toEqual(['late']);
  });

  it('ends the promotion, too, if a session has created it behind the fence', async () => {
    const pair = await replicatedPair();
    const { run, lastWord } = await heldBehindTheFence(pair, { failback: false });
    const table = 'CREATE TABLE audit (entry integer PRIMARY KEY)';
    await query(pair.primaryUrl, `BEGIN READ WRITE; ${table}; INSERT INTO audit VALUES (1); COMMIT`);
    await query(pair.standbyUrl, `BEGIN READ WRITE; ${table}; COMMIT`);
    await lastWord.signal('finish');
    const { type, message: text } = await undone(run);
    expect(type).toBe('StepFailed');
    expect(text).toMatch(message);
  });
});

it('names a superuser that stays although its session was accepted, since it could write', async () => {
  const { pair } = await ownedPair();
  const { type, message } = await undone(
    await promote({
      ...{ pair: `${pair.name}-limited`, failback: false, outageBudget: '12 seconds' },
      accept: ['SESSION_CANNOT_BE_ENDED', 'PRIVILEGE_MISSING'],
    }),
  );
  expect({ type, message }).toEqual({
    type: 'StepFailed',
    message: expect.stringMatching(
      /^sessions that could write to the primary were still open when the time for ending them was over: process \d+ \(postgres.*"except" if it never writes; then start again; undone: fence$/u,
    ) as string,
  });
});

describe('behind the fence', () => {
  /** A session of the maintenance database, which a change of the pair's database does not touch. */
  const besides = (url: string) => url.replace(/\/[^/?]+(\?|$)/u, '/postgres$1');

  it('goes forward if the standby was opened although the step failed: applications may have written there', async () => {
    const pair = await replicatedPair();
    const { run, lastWord } = await heldBehindTheFence(pair, { failback: false });
    const client = await connect(besides(pair.standbyUrl));
    const connections = (allowed: boolean) =>
      `UPDATE pg_database SET datallowconn = ${allowed} WHERE datname = '${pair.name}'`;
    const onStandby = await connect(pair.standbyUrl);
    await onStandby.query('SET default_transaction_read_only TO off');
    // From the moment when the opening is committed nobody can connect, so the step fails when it looks at a new session.
    await onStandby.query(`CREATE FUNCTION close_door() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
      AS $$ BEGIN ${connections(false)}; END $$`);
    await onStandby.query(`CREATE EVENT TRIGGER close_door ON ddl_command_end WHEN TAG IN ('ALTER SUBSCRIPTION')
      EXECUTE PROCEDURE close_door()`);
    await lastWord.signal('finish');
    const { outcome, leftovers } = await promoted(run);
    await client.query(connections(true));
    await onStandby.query('DROP EVENT TRIGGER close_door');
    expect(outcome).toBe('promoted');
    const [finish] = leftovers.filter((one) => one.includes('still find it read-only'));
    expect(finish).toContain(`ALTER DATABASE "${pair.name}" SET default_transaction_read_only TO 'off';`);
    await paste(
      (finish ?? '').replace('on the new primary, if applications still find it read-only', 'on the standby'),
      {
        standby: (statement) => query(pair.standbyUrl, statement),
      },
    );
    await query(pair.standbyUrl, "INSERT INTO orders (label) VALUES ('opened')");
    await expect(query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('late')")).rejects.toThrow(
      'read-only transaction',
    );
  });

  it('ends a session that has logged in while the fence was raised, and goes on', async () => {
    const pair = await replicatedPair();
    const logIn = new EventEmitter();
    const { hostname: host, port, username: user, password, pathname } = new URL(pair.primaryUrl);
    const client = new pg.Client({
      ...{ host, port: Number(port), user, database: pathname.slice(1) },
      password: async () => {
        logIn.emit('asked');
        await once(logIn, 'allowed');
        return decodeURIComponent(password);
      },
    });
    client.on('error', () => undefined);
    const asked = once(logIn, 'asked');
    const connected = client.connect();
    await asked;
    const { run, lastWord } = await heldBehindTheFence(pair, { failback: false });
    logIn.emit('allowed');
    await connected;
    await expect(client.query("INSERT INTO orders (label) VALUES ('late')")).rejects.toThrow(
      'read-only transaction',
    );
    await lastWord.signal('finish');
    expect((await promoted(run)).outcome).toBe('promoted');
    await expect(client.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/u);
  });

  it('is undone if the standby receives from the primary by a subscription that nobody has waited for', async () => {
    const pair = await replicatedPair();
    const before = await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings));
    const { run, lastWord } = await heldBehindTheFence(pair, { failback: false });
    const onPrimary = await connect(pair.primaryUrl);
    await onPrimary.query('SET default_transaction_read_only TO off');
    await onPrimary.query('CREATE PUBLICATION late FOR TABLE customers');
    await onPrimary.query(`SELECT pg_create_logical_replication_slot('late_${pair.name}', 'pgoutput')`);
    const onStandby = await connect(pair.standbyUrl);
    await onStandby.query('SET default_transaction_read_only TO off');
    await onStandby.query(
      `DO $$ BEGIN EXECUTE format('CREATE SUBSCRIPTION late CONNECTION %L PUBLICATION late
         WITH (create_slot = false, copy_data = false, slot_name = late_${pair.name})',
         (SELECT subconninfo FROM pg_subscription WHERE subname = '${pair.name}')); END $$`,
    );
    await lastWord.signal('finish');
    expect(await undone(run)).toMatchObject({
      type: 'StepFailed',
      message: expect.stringMatching(
        /^the standby receives from the primary by late, which did not do so at the check of the promotion; start again/u,
      ) as string,
    });
    expect(await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings))).toEqual(before);
    // Now the promotion waits for it, too.
    expect((await promoted(await promote({ pair: pair.name, failback: false }))).outcome).toBe('promoted');
    for (const { name } of await query<{ name: string }>(
      pair.standbyUrl,
      `SELECT subname AS name FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    ))
      await query(
        pair.standbyUrl,
        `ALTER SUBSCRIPTION ${name} SET (slot_name = NONE); DROP SUBSCRIPTION ${name}`,
      );
  });

  it('takes back no more than it has done: a subscription that somebody disabled stays so', async () => {
    const pair = await replicatedPair();
    const { run } = await heldBehindTheFence(pair, { failback: false });
    const onStandby = await connect(pair.standbyUrl);
    await onStandby.query('SET default_transaction_read_only TO off');
    await onStandby.query(`ALTER SUBSCRIPTION ${pair.name} DISABLE`);
    await run.signal('reject', ...json({ by: 'bob', reason: 'not tonight' }));
    expect((await undone(run)).type).toBe('Rejected');
    expect(
      await query(pair.standbyUrl, `SELECT subenabled FROM pg_subscription WHERE subname = '${pair.name}'`),
    ).toEqual([{ subenabled: false }]);
    await query(pair.standbyUrl, `ALTER SUBSCRIPTION ${pair.name} ENABLE`);
    await query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('back')");
  });

  it('waits behind the fence for a sequence of the standby that somebody locks for a moment', async () => {
    const pair = await replicatedPair();
    const fenceId = `fence-locked-${pair.name}`;
    const run = await promote({
      ...{ pair: pair.name, failback: false },
      fence: {
        ...{ kind: 'workflow', except: ['postgres'] },
        workflow: { workflowType: 'holdSwitch', taskQueue: 'operators', workflowId: fenceId },
      },
    });
    await untilRunning(run, 'fence');
    const altering = await connect(pair.standbyUrl);
    await altering.query('BEGIN READ WRITE; ALTER SEQUENCE orders_id_seq CACHE 1');
    await (await new WorkflowRun(stage.cli, fenceId).begun()).signal('finish');
    await untilRunning(run, 'verify');
    await delay(1_500);
    await altering.query('COMMIT');
    expect((await promoted(run)).findings).toEqual([]);
  });

  it('sets more sequences than one pass does', async () => {
    const pair = await replicatedPair();
    for (const url of [pair.primaryUrl, pair.standbyUrl])
      await query(
        url,
        "DO $$ BEGIN FOR i IN 1..2600 LOOP EXECUTE format('CREATE SEQUENCE many_%s', i); END LOOP; END $$",
      );
    const fenceId = `fence-${pair.name}`;
    const run = await promote({
      ...{ pair: pair.name, failback: false, buffer: { calls: '100' } },
      fence: {
        ...{ kind: 'workflow', except: ['postgres'] },
        workflow: { workflowType: 'holdSwitch', taskQueue: 'operators', workflowId: fenceId },
      },
    });
    await untilRunning(run, 'fence');
    const raising = await new WorkflowRun(stage.cli, fenceId).begun();
    await query(
      pair.primaryUrl,
      "SELECT setval(oid::regclass, 81) FROM pg_class WHERE relkind = 'S' AND relname LIKE 'many%'",
    );
    await raising.signal('finish');
    const { outcome, certificate } = await promoted(run);
    expect(outcome).toBe('promoted');
    expect(Number(certificate.minimumHeadroom?.calls)).toBeGreaterThanOrEqual(50);
  });
});
