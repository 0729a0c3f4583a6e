import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PromotionStatus } from '../../../src/contract/promotion.js';
import { until } from '../../../src/local/until.js';
import { connect, query } from '../faults/query.js';
import { json } from '../stage/payloads.js';
import type { Stage } from '../stage/stage.js';
import { failed } from '../stage/workflow-run.js';
import type { LiveWriter } from './live-writer.js';
import { stageWithOperators } from './operators.js';
import {
  promotionsOn,
  promoted,
  undone,
  writes,
  fencedWriter,
  labels,
  expectNothingLost,
  settings,
  traces,
  undoByHand,
  untilRunning,
} from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote, heldBehindTheFence, ownedPair } = promotionsOn(() => stage);

describe('everything is undone if the promotion ends before the standby is open, by', () => {
  /** On the primary some settings that a fence meets, and has to put back. */
  async function preparedPair() {
    const pair = await replicatedPair();
    await query(pair.primaryUrl, `ALTER DATABASE ${pair.name} SET default_transaction_read_only TO 'false'`);
    await query(pair.primaryUrl, `ALTER DATABASE ${pair.name} SET work_mem TO '5MB'`);
    await query(
      pair.primaryUrl,
      `ALTER ROLE postgres IN DATABASE ${pair.name} SET default_transaction_read_only TO off`,
    );
    await query(pair.primaryUrl, `REVOKE CONNECT ON DATABASE ${pair.name} FROM PUBLIC`);
    await query(
      pair.primaryUrl,
      `GRANT CONNECT ON DATABASE ${pair.name} TO "sequence runner" WITH GRANT OPTION`,
    );
    const before = await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings));
    const expectUndone = async (writer: LiveWriter) => {
      await writes(writer);
      await writer.stop();
      expect(await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings))).toEqual(before);
      expect(await traces(pair)).toEqual([[], []]);
      // Replication goes on where it was.
      await until(
        async () => (await labels(pair.standbyUrl)).length === (await labels(pair.primaryUrl)).length,
        {
          what: 'the standby to go on receiving',
        },
      );
      await expectNothingLost(writer, pair.primaryUrl);
    };
    return { pair, expectUndone };
  }

  it('a veto', async () => {
    const { pair, expectUndone } = await preparedPair();
    const writer = await fencedWriter(pair);
    const beforeSwitch = { workflowType: 'vetoSwitch', taskQueue: 'operators' };
    const { type, message, details } = await undone(await promote({ pair: pair.name, beforeSwitch }));
    expect({ type, message }).toEqual({
      type: 'Vetoed',
      message: `vetoSwitch (beforeSwitch) vetoed the switch: ${pair.name} has a backup that runs; undone: fence, wayBack`,
    });
    expect(details.steps.filter(({ state }) => state === 'undone').map(({ step }) => step)).toEqual([
      'wayBack',
      'fence',
    ]);
    await expectUndone(writer);
  });

  it('an exceeded outage budget', async () => {
    const { pair, expectUndone } = await preparedPair();
    const writer = await fencedWriter(pair);
    const run = await promote({
      ...{ pair: pair.name, outageBudget: '30 seconds', fence: { kind: 'no-connections' } },
      beforeSwitch: {
        ...{ workflowType: 'holdSwitch', taskQueue: 'operators', workflowId: `last-word-${pair.name}` },
      },
    });
    expect(await undone(run)).toMatchObject({
      type: 'BudgetExceeded',
      message: expect.stringContaining('the outage budget of 30 seconds') as string,
    });
    await expectUndone(writer);
  });

  it('a cancellation', async () => {
    const { pair, expectUndone } = await preparedPair();
    const writer = await fencedWriter(pair);
    const { run } = await heldBehindTheFence(pair);
    await run.cancel();
    expect(await undone(run)).toMatchObject({
      type: 'Cancelled',
      message: 'the promotion was cancelled; undone: fence, wayBack',
    });
    await expectUndone(writer);
  });

  it('a rejection', async () => {
    const { pair, expectUndone } = await preparedPair();
    const writer = await fencedWriter(pair);
    const { run } = await heldBehindTheFence(pair, { failback: false });
    // A connection pool has connected again behind the fence, and would keep this session.
    const pooled = await connect(pair.primaryUrl);
    const insert = "INSERT INTO orders (label) VALUES ('pooled')";
    await expect(pooled.query(insert)).rejects.toThrow('read-only transaction');
    expect(await run.decide(...json({ decision: 'approve', by: 'bob' }))).toMatchObject({ stands: false });
    await run.signal('reject', ...json({ by: 'bob', reason: 'the moon is full' }));
    expect(await undone(run)).toMatchObject({
      type: 'Rejected',
      message: 'bob rejected the promotion: the moon is full; undone: fence',
    });
    await expect(pooled.query(insert)).rejects.toThrow(/terminat|not queryable/u);
    await expectUndone(writer);
  });

  it('a check that finds the fence lifted by somebody', async () => {
    const { pair, expectUndone } = await preparedPair();
    const writer = await fencedWriter(pair);
    const { run, lastWord } = await heldBehindTheFence(pair, { failback: false });
    const admin = await connect(pair.primaryUrl);
    await admin.query('SET default_transaction_read_only TO off');
    await admin.query(`ALTER DATABASE ${pair.name} SET default_transaction_read_only TO off`);
    await lastWord.signal('finish');
    expect(await undone(run)).toMatchObject({
      type: 'StepFailed',
      message: expect.stringContaining(
        'somebody has changed the fence of the primary: its database is no longer read-only by default',
      ) as string,
    });
    await expectUndone(writer);
  });
});

it('gives the primary its writes back as soon as it lets the worker in again', async () => {
  const { pair, role } = await ownedPair();
  const { run } = await heldBehindTheFence(pair, {
    ...{ pair: `${pair.name}-limited`, failback: false, accept: ['PRIVILEGE_MISSING'] },
    fence: { kind: 'read-only', except: ['postgres'] },
  });
  const admin = await connect(pair.primaryUrl);
  await admin.query(
    `SET default_transaction_read_only TO off; SET transaction_read_only TO off; ALTER ROLE ${role} NOLOGIN`,
  );
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sequence runner'`,
  );
  await run.signal('reject', ...json({ by: 'bob', reason: 'not tonight' }));
  await until(async () => (await run.ask<PromotionStatus>('status')).phase === 'undoing', {
    what: 'the undo to begin',
  });
  const { currentDetails } = await run.ask<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain('**undoing**');
  expect(currentDetails).toContain('- Not undone on the primary: the fence');
  await delay(2_000);
  await admin.query(`ALTER ROLE ${role} LOGIN`);
  await admin.end();
  expect(await undone(run)).toMatchObject({ type: 'Rejected' });
  await query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('after')");
});

describe('what could not be undone is named, with the statements that undo it by hand,', () => {
  const insert = "INSERT INTO orders (label) VALUES ('late')";

  /** Runs them as a person does: one after the other, in the database of each side. */
  it('if the role has lost a privilege during the outage', async () => {
    const { pair, owner, role } = await ownedPair();
    const superuser = 'postgres';
    const before = await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings));
    const { run } = await heldBehindTheFence(pair, {
      ...{ pair: `${pair.name}-limited`, failback: false, accept: ['PRIVILEGE_MISSING'] },
      fence: { kind: 'no-connections', except: [superuser] },
    });
    const admin = await connect(pair.primaryUrl);
    await admin.query('SET default_transaction_read_only TO off');
    await admin.query(`REVOKE ${owner} FROM ${role}`);
    await admin.end();
    await run.signal('reject', ...json({ by: 'bob', reason: 'too late' }));
    const { type, message, details } = await undone(run);
    const statements = `SET default_transaction_read_only TO off; SET transaction_read_only TO off; ALTER DATABASE "${pair.name}" RESET default_transaction_read_only; GRANT CONNECT ON DATABASE "${pair.name}" TO PUBLIC;`;
    expect({ type, message }).toEqual({
      type: 'NotUndone',
      message: expect.stringContaining(statements) as string,
    });
    expect(message).toMatch(/^not undone: the fence on the primary \(primary: must be owner of database/u);
    expect(details.changes).toMatchObject([{ step: 'fence', where: 'primary', what: 'the fence' }]);
    // Another promotion would take the fence for the state before its own.
    const again = await undone(await promote({ pair: pair.name, failback: false }));
    expect(again.type).toBe('NotReady');
    expect(again.details.findings.filter(({ code }) => code === 'FENCE_LEFT')).toMatchObject([
      {
        message: `the primary is still fenced by the promotion ${run.workflowId}, which ended as NotUndone; a new promotion that fails would leave it fenced`,
        remedy: expect.stringContaining(statements) as string,
      },
    ]);
    await undoByHand(pair, details.changes);
    await query(pair.primaryUrl, insert);
    expect(await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings))).toEqual(before);
    const recorded = await query(
      pair.standbyUrl,
      'SELECT state FROM sequence_failover.promotions ORDER BY finished_at',
    );
    expect(recorded).toEqual([{ state: 'unfinished' }, { state: 'undone' }]);
    // Undone by hand, it stands in nobody's way.
    const rehearsal = { pair: pair.name, failback: false, rehearse: true };
    expect(await promoted(await promote(rehearsal))).toMatchObject({ outcome: 'rehearsed' });
    // An acceptance names one thing of a code.
    const fence = { kind: 'no-connections', except: ['nobody', 'no one'] };
    const accepting = (...accept: string[]) => promote({ ...rehearsal, fence, accept });
    const refused = await undone(await accepting('ROLE_UNKNOWN nobody'));
    expect(refused.message).toContain('"no one"');
    expect(refused.message).not.toContain('"nobody"');
    expect(await promoted(await accepting('ROLE_UNKNOWN nobody', 'ROLE_UNKNOWN no one'))).toMatchObject({
      outcome: 'rehearsed',
    });
  });

  it('while the primary is away, and after the promotion was terminated', async () => {
    const pair = await replicatedPair();
    const before = await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings));
    const { run } = await heldBehindTheFence(pair, { fence: { kind: 'no-connections' } });
    const start = await stage.losePrimary();
    await run.signal('reject', ...json({ by: 'bob', reason: 'the primary has died' }));
    const undoing = await until(
      async () => {
        const status = await run.ask<PromotionStatus>('status');
        return status.changes?.length === 2 && status;
      },
      { what: 'the standby to be as it was' },
    );
    const left = [
      { step: 'fence', where: 'primary', what: 'the fence', failure: null },
      { step: 'wayBack', where: 'primary', what: 'the subscription of the way back', failure: null },
    ];
    expect(undoing).toMatchObject({ phase: 'undoing', changes: left });
    // A cancellation would not end it.
    const refused = await undone(await stage.send(json({ pair: pair.name, primary: 'lost' })));
    expect(refused.message).toContain(
      `If a server is gone for good, end it with: temporal workflow terminate --workflow-id ${run.workflowId} `,
    );
    await run.terminate();
    await start();
    const { changes } = await run.ask<PromotionStatus>('status');
    expect(changes).toMatchObject(left);
    // Twice: they do no harm where there is nothing to undo.
    await undoByHand(pair, changes);
    await undoByHand(pair, changes);
    await query(pair.primaryUrl, insert);
    expect(await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings))).toEqual(before);
    expect(await traces(pair)).toEqual([[], []]);
  });
});

describe('after a promotion was terminated', () => {
  const fence = { kind: 'no-connections' };

  /** Runs what follows as a person does: one statement after the other, in one session. */
  async function paste(url: string, text: string) {
    const client = await connect(url);
    for (const statement of text.split(/(?<=;) /u)) await client.query(statement);
    await client.end();
  }

  it('behind its fence, the next one is refused until the remedy has lifted it', async () => {
    const pair = await replicatedPair();
    const before = await settings(pair.primaryUrl);
    const { run } = await heldBehindTheFence(pair, { fence });
    expect(await query(pair.standbyUrl, 'SELECT state, outcome FROM sequence_failover.promotions')).toEqual([
      { state: 'unfinished', outcome: expect.stringMatching(/^UnderWay: /u) as string },
    ]);
    const handoff = { workflowType: 'promoteStandby', taskQueue: 'sequence-failover', input: { fence } };
    // A check takes no lock, so it may run beside the promotion. Nobody is told to lift the fence.
    const checked = await failed(await stage.start({ pair: pair.name, mode: 'check', handoff }));
    expect(checked.details.findings.filter(({ code }) => code === 'FENCE_LEFT')).toMatchObject([
      {
        message: `the primary is fenced by the promotion ${run.workflowId}, which is running: the promotion would refuse it`,
        remedy: `wait until it has ended; this shows how far it is: sequence-failover status ${run.workflowId}; then start the run again`,
      },
    ]);
    await run.terminate();
    const gated = await stage.start({ pair: pair.name, handoff });
    const shown = (await gated.atGate()).findings.find(({ code }) => code === 'FENCE_LEFT');
    await gated.signal('reject', ...json({ by: 'alice', reason: 'the fence is up' }));
    await failed(gated);
    const { type, details } = await undone(await promote({ pair: pair.name, fence }));
    expect(type).toBe('NotReady');
    const [left, ...others] = details.findings.filter(({ severity }) => severity === 'block');
    expect(others).toEqual([]);
    expect(left).toMatchObject({
      code: 'FENCE_LEFT',
      message: `the primary is still fenced by the promotion ${run.workflowId}, which has not recorded its end: it was probably terminated; a new promotion that fails would leave it fenced`,
    });
    expect(shown).toMatchObject({
      severity: 'block',
      message: `${left?.message ?? ''}: the promotion would refuse it`,
      remedy: `${left?.remedy.replace(/;$/u, '') ?? ''}; then signal resynchronize`,
    });
    await paste(pair.primaryUrl, /session: (.*;)$/u.exec(left?.remedy ?? '')?.[1] ?? '');
    expect(await settings(pair.primaryUrl)).toEqual(before);
    await promoted(await promote({ pair: pair.name, fence }));
    await promoted(await promote({ pair: `reversed:${pair.name}` }));
    expect(await settings(pair.primaryUrl)).toEqual(before);
  });

  it('after the switch, names what is left to do, and the way back lets in the roles that its fence has shut out', async () => {
    const pair = await replicatedPair();
    const before = await settings(pair.primaryUrl);
    const run = await promote({
      ...{ pair: pair.name, fence },
      traffic: { workflowType: 'holdSwitch', taskQueue: 'operators', workflowId: `move-${pair.name}` },
    });
    await untilRunning(run, 'traffic');
    await run.terminate();
    const { toFinish = [], subscriptions } = {
      ...(await run.ask<PromotionStatus>('status')),
      subscriptions: await query<{ subname: string }>(
        pair.standbyUrl,
        'SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()',
      ),
    };
    expect(subscriptions).toHaveLength(1);
    expect(toFinish).toEqual([
      'move the clients to the new primary; it takes writes',
      expect.stringMatching(/^on the old primary: SET .* ALTER SUBSCRIPTION .* ENABLE;$/u),
      expect.stringMatching(/^if the slot .* is lost or missing .* check --pair reversed:/u),
      expect.stringMatching(/^if the old primary is gone for good, .*pg_drop_replication_slot/u),
      expect.stringContaining(`"pair":"reversed:${pair.name}","mode":"sync"`),
      expect.stringMatching(/^on the new primary: ALTER SUBSCRIPTION .* DROP SUBSCRIPTION .*;$/u),
      expect.stringMatching(/^on the old primary: SELECT pg_drop_replication_slot\(.*\);$/u),
      expect.stringMatching(
        /^only if the worker keeps no ledger, .* GRANT CONNECT ON DATABASE .* TO PUBLIC;/u,
      ),
    ]);
    // Fenced, and with an open standby: nobody is told to lift the fence.
    const again = await undone(await promote({ pair: pair.name, fence }));
    expect(again.details.findings.find(({ code }) => code === 'FENCE_LEFT')?.remedy).toMatch(
      /^if applications write to the standby, it is the new primary: do not lift the fence/u,
    );
    for (const command of toFinish) {
      const [, side, statements = ''] = /^on the (old|new) primary: (.*)$/u.exec(command) ?? [];
      if (side !== undefined) await paste(side === 'old' ? pair.primaryUrl : pair.standbyUrl, statements);
    }
    await query(pair.standbyUrl, "INSERT INTO orders (label) VALUES ('travels back')");
    await until(async () => (await labels(pair.primaryUrl)).includes('travels back'), {
      what: 'the row to travel back',
    });
    await promoted(await promote({ pair: `reversed:${pair.name}` }));
    expect(await settings(pair.primaryUrl)).toEqual(before);
  });
});
