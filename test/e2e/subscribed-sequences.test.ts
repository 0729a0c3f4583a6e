import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../src/local/until.js';
import { paste } from '../integration/postgres/paste.js';
import { versions } from '../integration/postgres/versions.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { StagedDatabase, type StagedPair } from './stage/staged-pair.js';
import { completed } from './stage/workflow-run.js';

/** Those whose subscriptions can carry sequences. */
const able = versions.filter(({ version }) => Number(version) >= 19);

it.skipIf(able.length > 0)('needs PostgreSQL 19: name its binaries in POSTGRES_BIN', ({ skip }) => {
  skip();
});

describe.each(able)('a subscription of PostgreSQL $version that carries sequences', ({ binaries }) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start({ primary: { binaries }, standby: { binaries } });
  });
  afterAll(() => stage.stop());

  const schema = `
    CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    CREATE SEQUENCE capped; CREATE SEQUENCE held`;

  /** Subscribed to all tables and sequences, each of which is set but `capped`, whose limits differ. */
  async function subscribed(): Promise<StagedPair> {
    const pair = await stage.pair(schema);
    await pair.primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 100)');
    await pair.subscribe();
    await pair.standby.sql('ALTER SEQUENCE capped MAXVALUE 500000');
    await pair.primary.sql(`ALTER PUBLICATION ${pair.name} SET ALL TABLES, ALL SEQUENCES`);
    await pair.standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH PUBLICATION`);
    await refreshed(pair);
    return pair;
  }

  async function refreshed(pair: StagedPair): Promise<void> {
    const pending = async () => {
      const rows = await pair.standby.sql<{ name: string }>(
        "SELECT srrelid::regclass::text AS name FROM pg_subscription_rel WHERE srsubstate <> 'r' ORDER BY 1",
      );
      return rows.map(({ name }) => name);
    };
    await expect.poll(pending).toEqual(['capped']);
  }

  it('is a warning whose remedy solves it, and sequences that it lowers are topped up', async () => {
    const pair = await subscribed();
    const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
    const { gate, findings } = await run.atGate();
    expect([gate?.state, gate?.blockedBy]).toEqual(['open', []]);
    const [finding, ...others] = findings.filter(({ code }) => code !== 'CONSUMPTION');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      ...{ severity: 'warn', code: 'SEQUENCES_SUBSCRIBED', count: 3 },
      message: expect.stringMatching(/as soon as it can: public\.capped$/u) as string,
    });

    await pair.standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH SEQUENCES`);
    await run.until('the top-up', ({ round, checklist }) => round > 1 && checklist[1]?.done === true);
    await refreshed(pair);
    const ahead = async () => (await pair.standby.positions())['public.orders_id_seq'];
    await expect.poll(ahead).toEqual(['10100', true]);

    const [, onPrimary = '', onStandby = ''] =
      /on the primary: (.*;) then on the standby: (.*?;) A statement that hangs /u.exec(
        finding?.remedy ?? '',
      ) ?? [];
    await pair.primary.sql(onPrimary);
    await pair.standby.sql(onStandby);
    await run.signal('resynchronize', ...json({ by: 'alice' }));
    await run.until(
      'no warning',
      ({ gate, findings }) => gate?.state === 'open' && findings.every(({ severity }) => severity === 'info'),
    );
    await pair.primary.sql('INSERT INTO orders DEFAULT VALUES');
    await run.signal('approve', ...json({ by: 'alice' }));
    const result = await completed(run);
    expect(result.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(await pair.standby.sql('SELECT count(*)::integer AS rows FROM orders')).toEqual([{ rows: 101 }]);
  });

  it('that is setting sequences at the time of the approval is awaited, and these sequences are topped up', async () => {
    const pair = await subscribed();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    // Its worker has read the primary's values, and cannot set them yet.
    const holder = await StagedDatabase.connect(pair.standbyUrl);
    onTestFinished(() => holder.close());
    await holder.sql('BEGIN');
    await holder.sql('ALTER SEQUENCE held RESTART WITH 77');
    await pair.standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH SEQUENCES`);
    const waiting = `SELECT FROM pg_locks WHERE relation = 'held'::regclass AND NOT granted`;
    await until(async () => (await pair.standby.sql(waiting)).length > 0, {
      what: 'the worker that sets sequences to wait',
    });

    await run.signal('approve', ...json({ by: 'alice' }));
    const described = () =>
      run.describe<{ pendingActivities?: { activityType: { name: string }; activityId: string }[] }>();
    const seen: string[] = [];
    // It is waiting where it is still the same look after several of ours.
    await until(
      async () => {
        const { pendingActivities = [] } = await described();
        const [look] = pendingActivities.filter(
          ({ activityType }) => activityType.name === 'recheckHeadroom',
        );
        if (look !== undefined) seen.push(look.activityId);
        return seen.filter((id) => id === seen.at(-1)).length >= 4;
      },
      { interval: 100, what: 'the verification to wait for the subscription' },
    );
    await holder.sql('ROLLBACK');
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      findings: [{ code: 'SEQUENCES_SUBSCRIBED' }],
    });
    await refreshed(pair);
    expect(await pair.standby.positions()).toEqual({
      'public.capped': ['10000', true],
      'public.held': ['10000', true],
      'public.orders_id_seq': ['10100', true],
    });
  });

  it('that does not stop is a block, whose remedy solves it in one round', async () => {
    const pair = await subscribed();
    const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
    await run.atGate();
    const holder = new Client(pair.standbyUrl);
    // Its session is ended by the remedy.
    holder.on('error', () => undefined);
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query('BEGIN; ALTER SEQUENCE held RESTART WITH 77');
    await pair.standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH SEQUENCES`);
    await run.signal('approve', ...json({ by: 'alice' }));
    const { findings } = await run.until('the block', ({ gate }) =>
      Boolean(gate?.blockedBy.some(({ code }) => code === 'SEQUENCES_REFRESHING')),
    );
    const remedy = findings.find(({ code }) => code === 'SEQUENCES_REFRESHING')?.remedy ?? '';
    expect(await paste(remedy, { standby: (statement) => pair.standby.sql(statement) })).toBe(1);
    await refreshed(pair);
    await run.until('a recheck', ({ gate }) => gate?.state === 'open');
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    expect(await pair.standby.positions()).toEqual({
      'public.capped': ['10000', true],
      'public.held': ['10000', true],
      'public.orders_id_seq': ['10100', true],
    });
  });
});
