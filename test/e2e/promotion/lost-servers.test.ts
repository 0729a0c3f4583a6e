import { expect, it, onTestFinished } from 'vitest';
import type { PromotionStatus } from '../../../src/contract/promotion.js';
import { until } from '../../../src/local/until.js';
import { connect, query } from '../faults/query.js';
import { json } from '../stage/payloads.js';
import type { Stage } from '../stage/stage.js';
import { WorkflowRun } from '../stage/workflow-run.js';
import { stageWithOperators } from './operators.js';
import { promotionsOn, promoted, undone, traces, undoByHand, untilRunning } from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote } = promotionsOn(() => stage);

it('outlives a short absence of the primary before the fence, and ends soon after it has died', async () => {
  const pair = await replicatedPair();
  // The standby cannot catch up.
  const holder = await connect(pair.standbyUrl);
  await holder.query('BEGIN; LOCK TABLE orders IN EXCLUSIVE MODE');
  await query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('held')");
  const run = await promote({ pair: pair.name, ticket: 'CHG-1' });
  await untilRunning(run, 'synchronize');
  const probes = async (type: string) => {
    const { events } = await run.history();
    const ids = events
      .filter((event) => JSON.stringify(event).includes('"awaitPrimary"'))
      .map(({ eventId }) => eventId);
    return events.filter(
      (event) =>
        event.eventType === `EVENT_TYPE_ACTIVITY_TASK_${type}` &&
        ids.some(
          (id) => event.eventId === id || JSON.stringify(event).includes(`"scheduledEventId":"${id}"`),
        ),
    ).length;
  };
  const start = await stage.losePrimary();
  await until(async () => (await probes('SCHEDULED')) > 0, { what: 'the primary to be missed' });
  await start();
  await until(async () => (await probes('COMPLETED')) > 0, { what: 'the primary to be found' });
  await stage.losePrimary();
  const { type, message, details } = await undone(run);
  expect({ type, message }).toEqual({
    type: 'NotReady',
    message: expect.stringMatching(
      /\(no answer for 20 s\); .*nothing has to be undone; if the primary is gone for good, start a run without it, .*"primary":"lost","ticket":"CHG-1"/u,
    ) as string,
  });
  expect(details.steps.filter(({ state }) => state === 'undone')).toEqual([]);
  await holder.query('ROLLBACK');
});

it('ends soon also if the primary has died while the way back was prepared, and says what is left on it', async () => {
  const pair = await replicatedPair();
  // The slot of the way back waits for it.
  const holder = await connect(pair.standbyUrl);
  await holder.query('BEGIN; SELECT txid_current()');
  const run = await promote({ pair: pair.name });
  await untilRunning(run, 'wayBack');
  const start = await stage.losePrimary();
  onTestFinished(async () => {
    await start();
  });
  const { type, message, details } = await undone(run);
  expect({ type, message }).toEqual({
    type: 'NotUndone',
    message: expect.stringMatching(
      /^not undone: the subscription of the way back on the primary \(.*\(no answer for 60 s\)\)\. Undo it by hand, .*; no step was undone completely$/u,
    ) as string,
  });
  expect(details.changes).toMatchObject([{ step: 'wayBack', where: 'primary' }]);
  expect(details.findings).toMatchObject([{ code: 'PRIMARY_UNREACHABLE' }]);
  await holder.query('ROLLBACK');
  expect(
    await query(
      pair.standbyUrl,
      `SELECT slot_name FROM pg_replication_slots WHERE database = current_database() UNION ALL SELECT pubname FROM pg_publication`,
    ),
  ).toEqual([]);
  // Nothing holds the pair's lock any more.
  const lost = await stage.send(json({ pair: pair.name, primary: 'lost' }));
  expect((await lost.atGate()).gate?.blockedBy).toContainEqual(
    expect.objectContaining({ code: 'PRIMARY_LOST' }),
  );
  await lost.signal('reject', ...json({ by: 'alice', reason: 'it is back' }));
  expect((await undone(lost)).type).toBe('Rejected');
  await start();
  await undoByHand(pair, details.changes);
  expect(await traces(pair)).toEqual([[], []]);
});

it('gives the primary its writes back at once, and ends soon, if the standby has died before it was opened', async () => {
  const pair = await replicatedPair();
  const workflowId = `veto-${pair.name}`;
  const run = await promote({
    pair: pair.name,
    beforeSwitch: { workflowType: 'holdSwitch', taskQueue: 'operators', workflowId },
  });
  await untilRunning(run, 'beforeSwitch');
  const start = await stage.loseStandby();
  onTestFinished(async () => {
    await start();
  });
  await run.signal('reject', ...json({ by: 'alice', reason: 'the standby is down' }));
  await until(
    () =>
      query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('after')").then(
        () => true,
        () => false,
      ),
    { what: 'the primary to take writes' },
  );
  expect((await run.ask<PromotionStatus>('status')).phase).toBe('undoing');
  const { type, message, details } = await undone(run);
  expect({ type, message }).toEqual({
    type: 'NotUndone',
    message: expect.stringMatching(
      /^not undone: the setting that keeps it read-only on the standby, the slot and the publication of the way back on the standby \(.*\(no answer for 60 s\)\)\. Undo it by hand, .*on the standby, in its database /u,
    ) as string,
  });
  expect(details.changes?.map(({ where }) => where)).toEqual(['standby', 'standby']);
  await start();
  await undoByHand(pair, details.changes);
  expect(await traces(pair)).toEqual([[], []]);
  await query(pair.standbyUrl, 'CREATE TABLE writable ()');
  await promoted(await promote({ pair: pair.name, rehearse: true }));
});

it('says what it sees at the end, if the new primary has died after the opening', async () => {
  const pair = await replicatedPair();
  const workflowId = `move-${pair.name}`;
  const run = await promote({
    ...{ pair: pair.name, failback: false },
    traffic: { workflowType: 'holdSwitch', taskQueue: 'operators', workflowId },
  });
  await untilRunning(run, 'traffic');
  const mover = await new WorkflowRun(stage.cli, workflowId).begun();
  const start = await stage.loseStandby();
  await mover.signal('finish');
  const { type, message, details } = await undone(run);
  await start();
  expect({ type, message }).toEqual({
    type: 'Unfinished',
    message: expect.stringMatching(/^the standby was opened at .*, but did not answer at the end/u) as string,
  });
  expect(details.findings.find(({ code }) => code === 'NEW_PRIMARY_NOT_OPEN')?.remedy).toContain(
    `"pair":"reversed:${pair.name}","primary":"lost"`,
  );
  // It takes writes as soon as it runs.
  await query(pair.standbyUrl, "INSERT INTO orders (label) VALUES ('back')");
});
