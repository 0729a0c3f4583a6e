import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  createDatabasePair,
  startPair,
  type DatabasePair,
  type PostgresPair,
} from '../../../src/local/postgres-pair.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { readSequencePublications } from '../../../src/postgres/replication/read-publications.js';
import { readSequenceSynchronization } from '../../../src/postgres/replication/read-sequence-synchronization.js';
import { readSubscriptions } from '../../../src/postgres/replication/read-subscriptions.js';
import { versions } from './versions.js';

/** Those whose subscriptions can carry sequences. */
const able = versions.filter(({ version }) => Number(version) >= 19);

it.skipIf(able.length > 0)('needs PostgreSQL 19: name its binaries in POSTGRES_BIN', ({ skip }) => {
  skip();
});

describe.each(able)('PostgreSQL $version', ({ binaries }) => {
  let pair: PostgresPair;
  beforeAll(async () => {
    pair = await startPair({ both: { binaries } });
  });
  afterAll(() => pair.stop());

  async function sql(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements)
        rows = (await client.query<Record<string, unknown>>(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Subscribed to every table and sequence of the primary. */
  async function subscribed(schema: string): Promise<DatabasePair> {
    const databases = await createDatabasePair(pair, { schema });
    onTestFinished(() => databases.drop());
    await sql(databases.primaryUrl, 'CREATE PUBLICATION everything FOR ALL TABLES, ALL SEQUENCES');
    await sql(
      databases.standbyUrl,
      `CREATE SUBSCRIPTION ${databases.name} CONNECTION '${databases.primaryUrl}' PUBLICATION everything`,
    );
    return databases;
  }

  function standbyOf({ standbyUrl }: DatabasePair) {
    const standby = openEndpoint('standby', standbyUrl, { env: {} });
    onTestFinished(() => standby.close());
    return standby;
  }

  it('tells sequences from tables, and the worker that copies them from the one that applies changes', async () => {
    const databases = await subscribed(
      `CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
       CREATE SEQUENCE "Odd.Name"; CREATE SEQUENCE capped`,
    );
    const standby = standbyOf(databases);
    const read = async () => {
      const [subscription] = await readSubscriptions(standby, null);
      return subscription;
    };
    await expect.poll(read).toMatchObject({
      tables: 1,
      notReady: { count: 0, tables: [] },
      sequences: { count: 3, pending: { count: 0, names: [] } },
      worker: { pid: expect.any(Number) as unknown },
    });
    const pid = (await read())?.worker?.pid;

    // Has to wait for one of them, and is there to be seen.
    const holder = new pg.Client(databases.standbyUrl);
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query('ALTER SEQUENCE capped MAXVALUE 500');
    await holder.query('BEGIN; ALTER SEQUENCE "Odd.Name" RESTART WITH 7');
    await sql(databases.standbyUrl, `ALTER SUBSCRIPTION ${databases.name} REFRESH SEQUENCES`);
    const workers = async () => {
      const rows = await sql(
        databases.standbyUrl,
        'SELECT worker_type AS type, relid FROM pg_stat_subscription WHERE pid IS NOT NULL ORDER BY 1',
      );
      return rows;
    };
    await expect.poll(workers).toEqual([
      { type: 'apply', relid: null },
      { type: 'sequence synchronization', relid: null },
    ]);
    expect(await readSubscriptions(standby, null)).toMatchObject([
      {
        tables: 1,
        notReady: { count: 0, tables: [] },
        sequences: {
          count: 3,
          pending: { count: 3, names: ['public."Odd.Name"', 'public.capped', 'public.orders_id_seq'] },
        },
        worker: { pid },
      },
    ]);
    await holder.query('ROLLBACK');
    await expect.poll(read).toMatchObject({
      tables: 1,
      notReady: { count: 0, tables: [] },
      sequences: { count: 3, pending: { count: 1, names: ['public.capped'] } },
      worker: { pid },
    });
  });

  it('are read as they are set, told to be set anew, and cannot be set', async () => {
    const databases = await subscribed('CREATE SEQUENCE "Odd.Name"; CREATE SEQUENCE capped');
    const standby = standbyOf(databases);
    const look = async () => {
      const [state] = await readSequenceSynchronization(standby, null);
      if (state === undefined) throw new Error('no subscription carries sequences');
      return state;
    };
    const allSet = { name: databases.name, enabled: true, pendingCount: 0, pendingNames: [], working: false };
    await expect.poll(look).toMatchObject({ ...allSet, failures: 0n });
    const first = await look();
    expect(await look()).toEqual(first);

    await sql(databases.standbyUrl, `ALTER SUBSCRIPTION ${databases.name} REFRESH SEQUENCES`);
    expect((await look()).fingerprint).not.toBe(first.fingerprint);
    await expect.poll(look).toMatchObject(allSet);
    // The states are as before, and yet it shows.
    expect((await look()).fingerprint).not.toBe(first.fingerprint);

    await sql(databases.standbyUrl, 'ALTER SEQUENCE capped MAXVALUE 500');
    await sql(databases.standbyUrl, `ALTER SUBSCRIPTION ${databases.name} REFRESH SEQUENCES`);
    await expect.poll(async () => (await look()).failures).toBeGreaterThan(1n);
    const stuck = { pendingCount: 1, pendingNames: ['public.capped'] };
    await expect.poll(look).toMatchObject({ ...stuck, working: false });
    const { fingerprint, failures } = await look();
    await expect.poll(async () => (await look()).failures).toBeGreaterThan(failures ?? 0n);
    expect(await look()).toMatchObject({ ...stuck, fingerprint });
  });

  it('are published by publications that the primary names', async () => {
    const databases = await subscribed(
      'CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE "B" (id integer)',
    );
    const primary = openEndpoint('primary', databases.primaryUrl, { env: {} });
    onTestFinished(() => primary.close());
    await sql(
      databases.primaryUrl,
      'CREATE PUBLICATION tables FOR ALL TABLES',
      'CREATE PUBLICATION sequences FOR ALL SEQUENCES',
      'CREATE PUBLICATION most FOR ALL TABLES EXCEPT (TABLE a, "B"), ALL SEQUENCES',
      'CREATE PUBLICATION unasked FOR ALL SEQUENCES',
    );
    const names = ['tables', 'sequences', 'most', 'everything', 'none'];
    expect(await readSequencePublications(primary, null, names)).toEqual([
      { name: 'everything', allTables: true, except: [] },
      { name: 'most', allTables: true, except: ['public."B"', 'public.a'] },
      { name: 'sequences', allTables: false, except: [] },
    ]);
  });
});

describe.each(versions)('PostgreSQL $version', ({ binaries }) => {
  it('of a subscription without any are none', async () => {
    const pair = await startPair({ both: { binaries } });
    onTestFinished(() => pair.stop());
    const databases = await createDatabasePair(pair, {
      schema: 'CREATE TABLE orders (id serial PRIMARY KEY)',
    });
    await databases.subscribe();
    const [primary, standby] = (['primary', 'standby'] as const).map((side) => {
      const endpoint = openEndpoint(side, databases[`${side}Url`], { env: {} });
      onTestFinished(() => endpoint.close());
      return endpoint;
    });
    if (primary === undefined || standby === undefined) throw new Error('no endpoints');
    expect(await readSequenceSynchronization(standby, null)).toEqual([]);
    expect(await readSequencePublications(primary, null, [databases.name])).toEqual([]);
    expect(await readSubscriptions(standby, null)).toMatchObject([
      { tables: 1, sequences: { count: 0, pending: { count: 0, names: [] } } },
    ]);
  });
});
