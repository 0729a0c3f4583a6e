import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hold } from './faults/hold.js';
import { paste } from '../integration/postgres/paste.js';
import { until } from '../../src/local/until.js';
import { Stage } from './stage/stage.js';
import { completed, failed } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

it('completes if nothing but sequences that are behind is found, and writes nothing, also beside an open failover', async () => {
  const pair = await stage.pair('CREATE TABLE orders (id serial PRIMARY KEY)');
  await pair.primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 100)');
  const result = await completed(await stage.start({ pair: pair.name, mode: 'check' }));
  expect(result).toMatchObject({ outcome: 'ready', mode: 'check', counts: { total: 1, applied: 1 } });
  expect(await pair.standby.sql('SELECT last_value, is_called FROM orders_id_seq')).toEqual([
    { last_value: '1', is_called: false },
  ]);
  expect(await pair.standby.sql("SELECT FROM pg_namespace WHERE nspname = 'sequence_failover'")).toEqual([]);

  const failover = await stage.start({ pair: pair.name });
  await failover.atGate();
  const again = await completed(await stage.start({ pair: pair.name, mode: 'check' }));
  expect(again).toMatchObject({ outcome: 'ready', counts: { total: 1, kept: 1 } });
});

it('fails with everything that would block a failover, its promotion included', async () => {
  const pair = await stage.pair('CREATE SEQUENCE orders_no; CREATE SEQUENCE held');
  await pair.primary.sql('CREATE SEQUENCE missing; ALTER SEQUENCE orders_no INCREMENT 7');
  for (const url of [pair.primaryUrl, pair.standbyUrl]) await hold(url, 'ALTER SEQUENCE held RESTART');
  const handoff = { workflowType: 'promoteStandby', taskQueue: 'nobody-listens' };
  const run = await stage.start({ pair: pair.name, mode: 'check', handoff });
  const { type, message, details } = await failed(run);
  expect(type).toBe('NotReady');
  for (const code of ['MISSING_ON_STANDBY', 'DEFINITION_DIFFERS', 'HANDOFF_NO_WORKER']) {
    expect(`\n${message}`).toContain(`\n${code}: `);
    expect(details.findings.filter((finding) => finding.code === code)).toHaveLength(1);
  }
  for (const side of ['primary', 'standby'])
    expect(message).toMatch(
      new RegExp(String.raw`\nREAD_FAILED: public\.held is locked by process \d+ .* on the ${side}: `, 'u'),
    );
  expect(message.split('\n')).toHaveLength(5);
});

it('names who holds a table for itself, although the tables cannot be read for that', async () => {
  const pair = await stage.pair('CREATE TABLE orders (id int PRIMARY KEY)');
  await pair.subscribe();
  const holder = new pg.Client(pair.primaryUrl);
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
  await until(
    async () =>
      (await holder.query("SELECT WHERE clock_timestamp() > now() + interval '10 seconds'")).rowCount === 1,
    { interval: 500, what: 'the transaction to be 10 seconds old' },
  );
  const { findings } = await completed(await stage.start({ pair: pair.name, mode: 'check' }));
  expect(findings).toMatchObject([
    {
      code: 'GUARDRAILS_UNREAD',
      message: expect.stringMatching(
        /^tables that are not replicated, .* could not be checked: on the primary: .*lock timeout/u,
      ) as string,
    },
    { code: 'LONG_TRANSACTION', message: expect.stringContaining('it holds a table for itself') as string },
  ]);
  const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const shown: unknown[] = [];
  const statements = await paste(findings[0]?.remedy ?? '', {
    primary: async (statement) => shown.push(...(await pair.primary.sql(statement))),
  });
  expect(statements).toBe(1);
  expect(shown).toContainEqual(expect.objectContaining({ pid: rows[0]?.pid, relation: 'orders' }));
  await holder.end();
  const after = await completed(await stage.start({ pair: pair.name, mode: 'check' }));
  expect(after.findings).toEqual([]);
});
