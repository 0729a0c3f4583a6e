import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  createDatabasePair,
  startPair,
  type DatabasePair,
  type PostgresPair,
} from '../../../src/local/postgres-pair.js';
import { startPostgres } from '../../../src/local/postgres-server.js';
import { awaitConfirmedFlush } from '../../../src/postgres/replication/await-confirmed-flush.js';
import type { Endpoint, Side } from '../../../src/postgres/endpoint.js';
import { WrongServerError } from '../../../src/postgres/failures/errors.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { readReplicationLag } from '../../../src/postgres/replication/read-replication-lag.js';
import { readSubscriptions } from '../../../src/postgres/replication/read-subscriptions.js';
import { readWalPosition } from '../../../src/postgres/replication/read-wal-position.js';
import { isSameDatabase } from '../../../src/postgres/server/same-database.js';
import { readSubscribedTables } from '../../../src/postgres/replication/subscribed-tables.js';
import { readSide } from '../../../src/postgres/server/read-side.js';
import { subscriptionsOfPrimary } from '../../../src/postgres/server/swapped-roles.js';
import { oldestAndNewest } from './database.js';

const unknown = { primary: null, standby: null };
const factsOf = async (endpoint: Endpoint) => (await readSide(endpoint, null)).facts;
const swapped = async (primary: Endpoint, standby: Endpoint) =>
  subscriptionsOfPrimary(await readSide(primary, null), await readSide(standby, null));
const schema = `CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
  CREATE TABLE "Odd.Name" (id integer PRIMARY KEY);
  CREATE TABLE answers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)`;

interface Databases extends Omit<DatabasePair, 'subscribe'> {
  subscribe: () => Promise<void>;
  primary: Endpoint;
  standby: Endpoint;
}

describe.each(oldestAndNewest)('PostgreSQL $version', ({ binaries }) => {
  let pair: PostgresPair;
  beforeAll(async () => {
    pair = await startPair({ both: { binaries } });
  });
  afterAll(() => pair.stop());

  function open(url: string, side: Side = 'standby'): Endpoint {
    const endpoint = openEndpoint(side, url, { env: {} });
    onTestFinished(() => endpoint.close());
    return endpoint;
  }

  async function databases(): Promise<Databases> {
    const pairOfDatabases = await createDatabasePair(pair, { schema });
    onTestFinished(() => pairOfDatabases.drop());
    return {
      ...pairOfDatabases,
      subscribe: () => pairOfDatabases.subscribe(),
      primary: open(pairOfDatabases.primaryUrl, 'primary'),
      standby: open(pairOfDatabases.standbyUrl),
    };
  }

  async function run(url: string, ...statements: string[]): Promise<unknown[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      let rows: unknown[] = [];
      for (const statement of statements)
        rows = (await client.query<Record<string, unknown>>(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  }

  /** A server made from a copy of the standby's files. */
  async function copyOfStandby({ recovering }: { recovering: boolean }): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'copy-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    // As root the server runs as another user.
    chmodSync(folder, 0o755);
    const dataDirectory = join(folder, 'data');
    await pair.standby.halt();
    cpSync(pair.standby.dataDirectory, dataDirectory, { recursive: true });
    await pair.standby.start();
    if (recovering) writeFileSync(join(dataDirectory, 'standby.signal'), '');
    const copy = await startPostgres({
      name: 'copy',
      dataDirectory,
      password: pair.standby.password,
      binaries,
    });
    onTestFinished(() => copy.stop());
    return copy.url();
  }

  /** A role without any privilege of its own. */
  async function tablesOf(url: string): Promise<number[]> {
    const rows = await run(
      url,
      "SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
    );
    return rows.map((row) => (row as { oid: number }).oid);
  }

  async function bareRole(): Promise<string> {
    for (const server of [pair.primary, pair.standby]) {
      await run(server.url(), "CREATE ROLE bare LOGIN PASSWORD 'bare'");
    }
    onTestFinished(async () => {
      for (const server of [pair.primary, pair.standby]) await run(server.url(), 'DROP ROLE bare');
    });
    return 'bare';
  }

  describe('the facts of a server', () => {
    it('are read without any privilege', async () => {
      const role = await bareRole();
      const facts = await factsOf(open(pair.standby.url('postgres', role, role)));
      expect(facts).toEqual({
        identity: {
          systemIdentifier: expect.stringMatching(/^\d+$/) as unknown,
          databaseOid: expect.stringMatching(/^\d+$/) as unknown,
          database: 'postgres',
        },
        version: {
          text: expect.stringMatching(/^\d+(\.\d+|\w+)/) as unknown,
          number: expect.any(Number) as unknown,
        },
        unsupported: null,
        inRecovery: false,
        writesRefused: null,
        readOnlyByDefault: false,
        readOnlySource: 'default',
        publicMayConnect: true,
        readOnlyRoles: [],
        startedAt: expect.stringMatching(/^\d{8}T\d{6}\.\d{6}Z$/) as unknown,
        acceptedAt: expect.stringMatching(/^127\.0\.0\.1 \d+$/) as unknown,
        maxConnections: 100,
        // 64, and 128 from PostgreSQL 19 on.
        maxLocksPerTransaction: expect.any(Number) as unknown,
        maxPreparedTransactions: 0,
        user: role,
        isSuperuser: false,
      });
    });

    it('tell a read-only default from a server that refuses to write', async () => {
      const url = `${pair.standby.url()}?options=-c%20default_transaction_read_only%3Don`;
      expect(await factsOf(open(url))).toMatchObject({
        inRecovery: false,
        writesRefused: null,
        readOnlyByDefault: true,
        isSuperuser: true,
      });
    });

    it('tell a physical standby', async () => {
      expect(await factsOf(open(await copyOfStandby({ recovering: true })))).toMatchObject({
        inRecovery: true,
        writesRefused: 'cannot set transaction read-write mode during recovery (SQLSTATE 0A000)',
      });
    });

    it('are read of the expected server only', async () => {
      const { identity } = await factsOf(open(pair.primary.url()));
      await expect(readSide(open(pair.standby.url()), identity)).rejects.toBeInstanceOf(WrongServerError);
    });
  });

  describe('the same database', () => {
    it('is found out though its addresses differ', async () => {
      const other = open(pair.standby.url().replace('127.0.0.1', 'localhost'), 'primary');
      expect(await isSameDatabase(other, open(pair.standby.url()), unknown)).toBe(true);
    });

    it('is neither another server nor another database of the server', async () => {
      const { primary, standby } = await databases();
      expect(await isSameDatabase(primary, standby, unknown)).toBe(false);
      expect(await isSameDatabase(open(pair.standby.url()), standby, unknown)).toBe(false);
    });

    it('is not a copy with an equal system identifier', async () => {
      const copy = open(await copyOfStandby({ recovering: false }));
      const original = open(pair.standby.url(), 'primary');
      const [one, other] = await Promise.all([original, copy].map((endpoint) => factsOf(endpoint)));
      expect(one?.identity).toEqual(other?.identity);
      expect(await isSameDatabase(original, copy, unknown)).toBe(false);
    });

    it('is not a physical standby', async () => {
      const copy = open(await copyOfStandby({ recovering: true }));
      expect(await isSameDatabase(open(pair.standby.url(), 'primary'), copy, unknown)).toBe(false);
      expect(await isSameDatabase(copy, open(pair.standby.url()), unknown)).toBe(false);
    });
  });

  describe('subscriptions', () => {
    it('are none where there are none, or only those of another database', async () => {
      const subscribed = await databases();
      await subscribed.subscribe();
      const { standbyUrl, standby } = await databases();
      expect(await readSubscriptions(standby, null)).toEqual([]);
      expect(await readSubscribedTables(standby, null, await tablesOf(standbyUrl))).toEqual(new Set());
    });

    it('are read with their tables and their worker, without any privilege', async () => {
      const { name, standbyUrl, subscribe } = await databases();
      await subscribe();
      const role = await bareRole();
      const standby = open(pair.standby.url(name, role, role));
      expect(await readSubscriptions(standby, null)).toEqual([
        {
          name,
          enabled: true,
          slot: name,
          publications: [name],
          oid: expect.any(String) as string,
          notCopied: 0,
          tables: 3,
          notReady: { count: 0, tables: [] },
          sequences: { count: 0, pending: { count: 0, names: [] } },
          worker: {
            pid: expect.any(Number) as unknown,
            receivedLsn: expect.stringContaining('/') as unknown,
          },
        },
      ]);
      const tables = await tablesOf(standbyUrl);
      expect(await readSubscribedTables(standby, null, tables)).toEqual(new Set(tables));
      expect(await readSubscribedTables(standby, null, tables.slice(1))).toEqual(new Set(tables.slice(1)));
    });

    it('of one name in two databases are told apart', async () => {
      const role = await bareRole();
      const states = [true, false].map(async (enabled) => {
        const { name, primaryUrl, standbyUrl } = await databases();
        await run(primaryUrl, 'CREATE PUBLICATION everything FOR ALL TABLES');
        await run(primaryUrl, `SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
        await run(
          standbyUrl,
          ...(enabled ? [] : ['DROP TABLE answers']),
          `CREATE SUBSCRIPTION alike CONNECTION '${primaryUrl}' PUBLICATION everything
           WITH (connect = false, slot_name = '${name}')`,
          ...(enabled
            ? ['ALTER SUBSCRIPTION alike ENABLE', 'ALTER SUBSCRIPTION alike REFRESH PUBLICATION']
            : []),
        );
        return { name, enabled, standby: open(pair.standby.url(name, role, role)) };
      });
      for (const { name, enabled, standby } of await Promise.all(states)) {
        const worker = enabled ? { pid: expect.any(Number) as unknown } : null;
        await expect
          .poll(() => readSubscriptions(standby, null))
          .toMatchObject([
            { name: 'alike', slot: name, enabled, tables: enabled ? 3 : 0, notReady: { count: 0 }, worker },
          ]);
      }
    });

    it('of a partitioned table or of its partitions count for both', async () => {
      const { standbyUrl, standby, subscribe } = await databases();
      const [{ name }] = (await run(standbyUrl, 'SELECT current_database() AS name')) as [{ name: string }];
      const partitioned = [
        'CREATE TABLE whole (id integer PRIMARY KEY) PARTITION BY RANGE (id)',
        'CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10)',
      ];
      for (const url of [pair.primary.url(name), standbyUrl]) await run(url, ...partitioned);
      await subscribe();
      const tables = await tablesOf(standbyUrl);
      expect(await readSubscribedTables(standby, null, tables)).toEqual(new Set(tables));
    });

    it('name the tables that are not ready', async () => {
      const { name, primaryUrl, standbyUrl, standby } = await databases();
      const tables = Array.from(
        { length: 20 },
        (_, index) => `CREATE TABLE t${index + 10} (id integer PRIMARY KEY)`,
      );
      await run(primaryUrl, ...tables, 'CREATE PUBLICATION waiting FOR ALL TABLES');
      await run(
        standbyUrl,
        ...tables,
        `CREATE SUBSCRIPTION "Waiting" CONNECTION '${primaryUrl}' PUBLICATION waiting
         WITH (enabled = false, slot_name = '${name}')`,
      );
      expect(await readSubscriptions(standby, null)).toEqual([
        {
          name: 'Waiting',
          enabled: false,
          slot: name,
          publications: ['waiting'],
          oid: expect.any(String) as string,
          notCopied: 0,
          tables: 23,
          notReady: {
            count: 23,
            tables: [
              'public."Odd.Name"',
              'public.answers',
              'public.orders',
              ...tables.map((text) => `public.${text.slice(13, 16)}`),
            ].map((table) => ({ table, state: 'i' })),
          },
          sequences: { count: 0, pending: { count: 0, names: [] } },
          worker: null,
        },
      ]);
      await run(standbyUrl, 'ALTER SUBSCRIPTION "Waiting" ENABLE');
      await expect
        .poll(async () => (await readSubscriptions(standby, null))[0]?.notReady)
        .toEqual({ count: 0, tables: [] });
    });
  });

  describe('swapped roles', () => {
    it('are seen where only the primary subscribes to the standby', async () => {
      const { name, primary, standby, subscribe } = await databases();
      expect(await swapped(primary, standby)).toEqual([]);
      await subscribe();
      expect(await swapped(primary, standby)).toEqual([]);
      expect(await swapped(standby, primary)).toEqual([name]);
    });

    it('are not where each subscribes to the other', async () => {
      const { name, primary, standby, primaryUrl, standbyUrl } = await databases();
      await run(primaryUrl, 'CREATE PUBLICATION forth FOR TABLE orders');
      await run(standbyUrl, 'CREATE PUBLICATION back FOR TABLE answers');
      await run(standbyUrl, `CREATE SUBSCRIPTION ${name}_forth CONNECTION '${primaryUrl}' PUBLICATION forth`);
      await run(primaryUrl, `CREATE SUBSCRIPTION ${name}_back CONNECTION '${standbyUrl}' PUBLICATION back`);
      onTestFinished(() => run(primaryUrl, `DROP SUBSCRIPTION ${name}_back`).then(() => undefined));
      expect(await swapped(primary, standby)).toEqual([]);
      expect(await swapped(standby, primary)).toEqual([]);
    });
  });

  describe('the confirmed WAL position', () => {
    const insert = 'INSERT INTO orders DEFAULT VALUES';

    it('is soon that of now, whether rows arrive or nothing happens', async () => {
      const { name, primary, primaryUrl, standbyUrl, subscribe } = await databases();
      await subscribe();
      await run(primaryUrl, insert, insert);
      const polls: number[] = [];
      const position = await readWalPosition(primary, null);
      const options = {
        timeoutMs: 60_000,
        onPoll: (behind: readonly unknown[]) => polls.push(behind.length),
      };
      expect(await awaitConfirmedFlush(primary, null, [name], position, options)).toEqual([]);
      expect(polls.at(-1)).toBe(0);
      expect(await run(standbyUrl, 'SELECT count(*)::integer AS count FROM orders')).toEqual([{ count: 2 }]);
      const later = await readWalPosition(primary, null);
      expect(await awaitConfirmedFlush(primary, null, [name], later, { timeoutMs: 60_000 })).toEqual([]);
      const [lag] = await readReplicationLag(primary, null, [name]);
      expect(lag).toMatchObject({ slot: name, exists: true, active: true });
      expect(lag?.bytes).toBeLessThan(8192n);
    });

    it('includes commits that are visible before they are written out', async () => {
      const { name, primary, primaryUrl, standbyUrl, subscribe } = await databases();
      await subscribe();
      await run(primaryUrl, 'SET synchronous_commit = off', ...Array.from({ length: 50 }, () => insert));
      const position = await readWalPosition(primary, null);
      expect(await awaitConfirmedFlush(primary, null, [name], position, { timeoutMs: 60_000 })).toEqual([]);
      expect(await run(standbyUrl, 'SELECT count(*)::integer AS count FROM orders')).toEqual([{ count: 50 }]);
    });

    it('is reached at the beginning of an empty WAL page', async () => {
      const { name, primary, primaryUrl, subscribe } = await databases();
      await subscribe();
      await run(primaryUrl, 'SELECT pg_switch_wal()');
      const position = await readWalPosition(primary, null);
      expect(await awaitConfirmedFlush(primary, null, [name], position, { timeoutMs: 60_000 })).toEqual([]);
    });

    it('is missing while the subscription is disabled, and comes when it is enabled again', async () => {
      const { name, primary, primaryUrl, standbyUrl, subscribe } = await databases();
      await subscribe();
      await run(standbyUrl, `ALTER SUBSCRIPTION ${name} DISABLE`);
      await expect.poll(async () => (await readReplicationLag(primary, null, [name]))[0]?.active).toBe(false);
      await run(primaryUrl, insert);
      const position = await readWalPosition(primary, null);
      const [behind] = await awaitConfirmedFlush(primary, null, [name], position, { timeoutMs: 200 });
      expect(behind).toEqual({
        slot: name,
        state: 'behind',
        confirmedFlushLsn: expect.stringContaining('/') as unknown,
      });
      const role = await bareRole();
      const [lag] = await readReplicationLag(open(pair.primary.url(name, role, role)), null, [name]);
      expect(lag).toMatchObject({ exists: true, active: false, seconds: null });
      expect(lag?.bytes).toBeGreaterThan(0n);

      await run(standbyUrl, `ALTER SUBSCRIPTION ${name} ENABLE`);
      expect(await awaitConfirmedFlush(primary, null, [name], position, { timeoutMs: 60_000 })).toEqual([]);
    });

    it('is not waited for where the slot does not exist', async () => {
      const { primary } = await databases();
      const position = await readWalPosition(primary, null);
      expect(await awaitConfirmedFlush(primary, null, ['none'], position, { timeoutMs: 60_000 })).toEqual([
        { slot: 'none', state: 'missing', confirmedFlushLsn: null },
      ]);
      expect(await readReplicationLag(primary, null, ['none'])).toEqual([
        { slot: 'none', exists: false, active: false, confirmedFlushLsn: null, bytes: null, seconds: null },
      ]);
      expect(await readReplicationLag(primary, null, [])).toEqual([]);
    });

    it('is no longer waited for once the caller is told to stop', async () => {
      const { name, primary, primaryUrl, standbyUrl, subscribe } = await databases();
      await subscribe();
      await run(standbyUrl, `ALTER SUBSCRIPTION ${name} DISABLE`);
      await run(primaryUrl, insert);
      const position = await readWalPosition(primary, null);
      const onPoll = () => {
        throw new Error('cancelled');
      };
      await expect(
        awaitConfirmedFlush(primary, null, [name], position, { timeoutMs: 60_000, onPoll }),
      ).rejects.toThrow('cancelled');
    });
  });
});
