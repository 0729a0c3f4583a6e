import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import pg from 'pg';
import {
  createDatabasePair,
  startPair,
  type DatabasePair,
  type PostgresPair,
} from '../../../src/local/postgres-pair.js';
import { until } from '../../../src/local/until.js';
import { grantsByOthers, needsIdentity } from '../../../src/planning/promotion/promotion-findings.js';
import {
  missingPrimaryPrivileges,
  missingStandbyPrivileges,
  roleCannotBeAltered,
  roleStaysReadOnly,
  subscriptionOfOthers,
  subscriptionWithoutPassword,
  tablesOfOthers,
} from '../../../src/planning/promotion/promotion-privileges.js';
import type { PromotionFinding } from '../../../src/contract/promotion.js';
import { changedEndpoint } from '../../../src/postgres/changed-endpoint.js';
import { conninfo } from '../../../src/postgres/connection/conninfo.js';
import {
  grantsToRestore,
  readFenceMemory,
  readReadOnly,
  readShutOut,
} from '../../../src/postgres/promotion/fence-state.js';
import {
  readForeignSubscriptions,
  readGrantsByOthers,
  readPrivileges,
  readSubscriptionsOfSuperusers,
  readSuperuserSessions,
  readUnalterable,
} from '../../../src/postgres/promotion/privileges.js';
import { TooLateError } from '../../../src/postgres/promotion/commit-in-time.js';
import {
  closeForWrites,
  isOpened,
  makeReadOnly,
  removeFence,
  openForWrites,
  applyFence,
} from '../../../src/postgres/promotion/switch.js';
import {
  createPublication,
  createSubscription,
  dropPublication,
  dropSubscription,
  enableSubscription,
} from '../../../src/postgres/promotion/way-back.js';
import {
  advanceSlot,
  createSlot,
  dropSlot,
  readySlot,
} from '../../../src/postgres/promotion/way-back-slot.js';
import {
  readForeignOwners,
  readUnidentified,
  readWayBackTables,
} from '../../../src/postgres/promotion/way-back-tables.js';
import { readSynchronousNeed } from '../../../src/postgres/promotion/synchronous.js';
import { readSlotBlockers } from '../../../src/postgres/promotion/slot-blockers.js';
import { findWriters, readClock } from '../../../src/postgres/promotion/writers.js';
import { oldestAndNewest } from './database.js';
import { openSide } from './open-side.js';
import { paste } from './paste.js';

const schema = `
  CREATE TABLE orders (id bigint PRIMARY KEY, label text);
  CREATE SCHEMA "Odd schema";
  CREATE TABLE "Odd schema"."Parts" (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE "Odd schema".low PARTITION OF "Odd schema"."Parts" FOR VALUES FROM (1) TO (1000);
  CREATE TABLE notes (label text)`;

const names = { publication: 'way_back', subscription: 'way_back', slot: 'way_back' };

describe.each(oldestAndNewest)('a promotion on PostgreSQL $version', ({ version, binaries }) => {
  let servers: PostgresPair;
  beforeAll(async () => {
    servers = await startPair({ both: { binaries } });
    for (const server of [servers.primary, servers.standby])
      await sql(
        server.url(),
        `CREATE ROLE "the worker" LOGIN PASSWORD 'secret'; CREATE ROLE reader LOGIN; CREATE ROLE app LOGIN PASSWORD 'secret'`,
      );
  });
  afterAll(async () => {
    await servers.stop();
  });

  async function pairOfDatabases(): Promise<DatabasePair> {
    const pair = await createDatabasePair(servers, { schema });
    onTestFinished(() => pair.drop());
    return pair;
  }

  const settings = (url: string) =>
    sql(
      url,
      `SELECT datacl::text AS grants, (SELECT json_agg(s ORDER BY setrole) FROM (
         SELECT setrole::int8, setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid) AS s) AS settings
       FROM pg_database d WHERE datname = current_database()`,
    );

  const mayWrite = async (url: string) => {
    try {
      await sql(url, 'CREATE TABLE written (); DROP TABLE written');
      return true;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('raises a fence, ends sessions that could write, and restores exactly the earlier state', async () => {
    const { primaryUrl, name } = await pairOfDatabases();
    await sql(
      primaryUrl,
      `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO app WITH GRANT OPTION; GRANT CREATE ON SCHEMA public TO app;
       ALTER ROLE app SET default_transaction_read_only TO off; ALTER ROLE app IN DATABASE ${name} SET work_mem TO '5MB';
       ALTER DATABASE ${name} SET statement_timeout TO '1min'; ALTER DATABASE ${name} SET default_transaction_read_only TO 'no'`,
    );
    const before = await settings(primaryUrl);
    const { endpoint, identity } = await openSide('primary', primaryUrl);
    const appUrl = servers.primary.url(name, 'app', 'secret');
    expect(await mayWrite(appUrl)).toBe(true);
    const session = new pg.Client(appUrl);
    const ended = new Promise<void>((resolve) => {
      session.on('error', () => undefined).on('end', resolve);
    });
    await session.connect();

    for (const [kind, refusal] of [
      ['read-only', 'read-only transaction'],
      ['no-connections', 'permission denied for database'],
    ] as const) {
      const fence = { kind, except: ['reader'] };
      const memory = await readFenceMemory(endpoint, identity, fence);
      await applyFence(endpoint, identity, memory);
      await applyFence(endpoint, identity, memory);
      expect(await mayWrite(primaryUrl)).toContain('read-only transaction');
      expect(await mayWrite(appUrl)).toContain(refusal);
      const look = { before: await readClock(endpoint, identity), except: fence.except, end: true };
      await until(async () => (await findWriters(endpoint, identity, look)).listed.length === 0, {
        what: 'the writers to go',
      });
      await removeFence(endpoint, identity, memory);
      await removeFence(endpoint, identity, memory);
      expect(await mayWrite(appUrl)).toBe(true);
      expect(await settings(primaryUrl)).toEqual(before);
    }
    await ended;
    await sql(primaryUrl, 'ALTER ROLE app RESET default_transaction_read_only');
  });

  it('is neither fenced nor opened by a message that comes too late', async () => {
    const { primaryUrl: url } = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', url);
    const memory = await readFenceMemory(endpoint, identity, { kind: 'read-only', except: [] });
    const limit = { since: await readClock(endpoint, identity), withinMs: 300 };
    await delay(400);
    await expect(applyFence(endpoint, identity, memory, limit)).rejects.toThrow(TooLateError);
    await expect(makeReadOnly(endpoint, identity, limit)).rejects.toThrow(
      'the change could not be committed within 300 ms, so it was not made',
    );
    expect(await mayWrite(url)).toBe(true);
    await makeReadOnly(endpoint, identity, { ...limit, withinMs: 60_000 });
    expect(await mayWrite(url)).toContain('read-only transaction');
    const opening = { ...{ readOnly: memory.readOnly, before: null }, filtersByOrigin: true };
    await expect(openForWrites(endpoint, identity, [], opening, limit)).rejects.toThrow(TooLateError);
    expect(await mayWrite(url)).toContain('read-only transaction');
    await openForWrites(endpoint, identity, [], opening, { ...limit, withinMs: 60_000 });
    expect(await mayWrite(url)).toBe(true);
  });

  it('finds a session that can write in spite of a fence', async () => {
    const { primaryUrl } = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', primaryUrl);
    const look = { before: await readClock(endpoint, identity), except: [], end: false };
    const late = new pg.Client(primaryUrl);
    await late.connect();
    await late.query('BEGIN READ WRITE');
    expect(await findWriters(endpoint, identity, look)).toEqual({ listed: [], beginning: [] });
    await late.query('INSERT INTO orders VALUES (1)');
    expect((await findWriters(endpoint, identity, look)).listed).toMatchObject([
      { role: 'postgres', writing: true },
    ]);
    expect((await findWriters(endpoint, identity, { ...look, except: ['postgres'] })).listed).toEqual([]);
    await late.end();
  });

  it('opens a standby that an earlier fence has closed, and can close it again', async () => {
    const { standbyUrl, name } = await pairOfDatabases();
    await sql(
      standbyUrl,
      `ALTER DATABASE ${name} SET work_mem TO '5MB'; GRANT CREATE ON SCHEMA public TO app`,
    );
    const before = await settings(standbyUrl);
    const { endpoint, identity } = await openSide('standby', standbyUrl);
    const fence = await readFenceMemory(endpoint, identity, { kind: 'no-connections', except: [] });
    await applyFence(endpoint, identity, fence);
    const fenced = await settings(standbyUrl);
    const memory = { readOnly: await readReadOnly(endpoint, identity), before: fence };
    await openForWrites(endpoint, identity, [], memory);
    expect(await mayWrite(servers.standby.url(name, 'app', 'secret'))).toBe(true);
    await closeForWrites(endpoint, identity, [], memory);
    expect(await settings(standbyUrl)).toEqual(fenced);
    await openForWrites(endpoint, identity, [], memory);
    const [opened] = (await settings(standbyUrl)) as { grants: string | null; settings: unknown }[];
    expect(opened?.settings).toEqual((before[0] as { settings: unknown }).settings);
  });

  it.skipIf(parseInt(version) < 16)(
    'names a subscription that only a superuser may alter, and a failed opening leaves nothing read-only',
    async () => {
      const pair = await pairOfDatabases();
      await pair.subscribe();
      const owner = `"owner of ${pair.name}"`;
      await sql(
        pair.standbyUrl,
        `CREATE ROLE ${owner}; GRANT ${owner} TO "the worker"; ALTER DATABASE ${pair.name} OWNER TO ${owner};
         GRANT CREATE ON DATABASE ${pair.name} TO ${owner}; GRANT pg_create_subscription TO ${owner}`,
      );
      await sql(pair.standbyUrl, `ALTER SUBSCRIPTION ${pair.name} SET (password_required = false)`);
      await sql(pair.standbyUrl, `ALTER SUBSCRIPTION ${pair.name} OWNER TO ${owner}`);
      const before = await settings(pair.standbyUrl);
      const { endpoint, identity } = await openSide(
        'standby',
        servers.standby.url(pair.name, 'the worker', 'secret'),
      );
      const unalterable = async () =>
        readSubscriptionsOfSuperusers(
          endpoint,
          identity,
          [pair.name],
          await readPrivileges(endpoint, identity),
        );
      expect(await readForeignSubscriptions(endpoint, identity, [pair.name])).toEqual([]);
      const one = { name: pair.name, ofSuperuser: false };
      expect(await unalterable()).toEqual([one]);

      const subscriptions = [{ name: pair.name, slot: pair.name }];
      const memory = { readOnly: await readReadOnly(endpoint, identity), before: null };
      await makeReadOnly(endpoint, identity);
      await expect(openForWrites(endpoint, identity, subscriptions, memory)).rejects.toThrow(
        /password_required/u,
      );
      await closeForWrites(endpoint, identity, subscriptions, memory);
      expect(await settings(pair.standbyUrl)).toEqual(before);

      const { remedy } = subscriptionWithoutPassword('"the worker"', one);
      expect(remedy).toMatch(
        /^as a superuser on the standby: ALTER ROLE "the worker" SUPERUSER; or, only if /u,
      );
      expect(subscriptionWithoutPassword('w', { ...one, ofSuperuser: true }).remedy).toBe(
        `as a superuser on the standby: ALTER SUBSCRIPTION ${pair.name} SET (password_required = true);`,
      );
      await sql(pair.standbyUrl, /ALTER SUBSCRIPTION [^;]*/u.exec(remedy)?.[0] ?? '');
      expect(await unalterable()).toEqual([]);
      await openForWrites(endpoint, identity, subscriptions, memory);
      await closeForWrites(endpoint, identity, subscriptions, memory);
      expect(
        await sql(pair.standbyUrl, `SELECT subenabled FROM pg_subscription WHERE subname = '${pair.name}'`),
      ).toEqual([{ subenabled: true }]);
    },
  );

  it('takes no sender of a subscription for a session of a superuser, also if the role may not see what it is', async () => {
    const pair = await pairOfDatabases();
    await pair.subscribe();
    const role = `blind ${pair.name}`;
    await sql(pair.primaryUrl, `CREATE ROLE "${role}" LOGIN PASSWORD 'secret'`);
    const { endpoint, identity } = await openSide('primary', servers.primary.url(pair.name, role, 'secret'));
    const sessions = () => readSuperuserSessions(endpoint, identity, []);
    const [sender] = (await sql(pair.primaryUrl, 'SELECT pid FROM pg_stat_replication')) as { pid: number }[];
    expect(sender).toBeDefined();
    // The sessions that have set up the pair may take a moment to end.
    await until(async () => (await sessions()).length === 0, {
      what: 'only the sender of the subscription to be left',
    });

    const client = new pg.Client(pair.primaryUrl);
    await client.connect();
    try {
      expect(await sessions()).toMatchObject([{ role: 'postgres' }]);
    } finally {
      await client.end();
    }
  });

  it('works for a role with the privileges of the check, and reverses the replication', async () => {
    const pair = await pairOfDatabases();
    await sql(pair.primaryUrl, 'ALTER TABLE notes REPLICA IDENTITY FULL');
    await pair.subscribe();
    const urls = {
      primary: servers.primary.url(pair.name, 'the worker', 'secret'),
      standby: servers.standby.url(pair.name, 'the worker', 'secret'),
    };
    const primary = await openSide('primary', urls.primary);
    const standby = await openSide('standby', urls.standby);
    const missing = async (): Promise<PromotionFinding[]> => {
      const [ofPrimary, ofStandby] = await Promise.all([
        readPrivileges(primary.endpoint, primary.identity),
        readPrivileges(standby.endpoint, standby.identity),
      ]);
      const tables = await readWayBackTables(standby.endpoint, standby.identity, [pair.name]);
      const owners = await readForeignOwners(
        primary.endpoint,
        primary.identity,
        tables.map((table) => table.name),
      );
      const foreign = await readForeignSubscriptions(standby.endpoint, standby.identity, [pair.name]);
      return [
        ...missingPrimaryPrivileges(ofPrimary, 'read-only', true),
        ...missingStandbyPrivileges(ofStandby, true),
        ...foreign.map((one) => subscriptionOfOthers(ofStandby, one)),
        ...owners.map((owner) => tablesOfOthers('primary', ofPrimary, owner)),
        ...tables.flatMap(({ foreignOwner }) =>
          foreignOwner === null ? [] : [tablesOfOthers('standby', ofStandby, foreignOwner)],
        ),
      ];
    };
    // The owner is a superuser here, and whoever is its member acts as one; elsewhere it is not.
    for (const url of [pair.primaryUrl, pair.standbyUrl])
      await sql(
        url,
        `CREATE ROLE "owner of ${pair.name}" LOGIN; GRANT "the worker" TO "owner of ${pair.name}"; ALTER DATABASE ${pair.name} OWNER TO "owner of ${pair.name}";
         GRANT CREATE, USAGE ON SCHEMA public, "Odd schema" TO "owner of ${pair.name}";
         ALTER TABLE orders OWNER TO "owner of ${pair.name}"; ALTER TABLE notes OWNER TO "owner of ${pair.name}";
         ALTER TABLE "Odd schema"."Parts" OWNER TO "owner of ${pair.name}"; ALTER TABLE "Odd schema".low OWNER TO "owner of ${pair.name}"`,
      );
    // The owner has passed the role on, and on the standby is its member through another role only.
    await sql(
      pair.primaryUrl,
      `GRANT "the worker" TO "owner of ${pair.name}" WITH ADMIN OPTION; SET ROLE "owner of ${pair.name}";
       GRANT "the worker" TO reader; GRANT "the worker" TO "owner of ${pair.name}"`,
    );
    await sql(
      pair.standbyUrl,
      `CREATE ROLE "group of ${pair.name}"; REVOKE "the worker" FROM "owner of ${pair.name}";
       GRANT "the worker" TO "group of ${pair.name}"; GRANT "group of ${pair.name}" TO "owner of ${pair.name}"`,
    );
    const first = await missing();
    expect(first.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('on the primary') as string,
        expect.stringContaining('on the standby') as string,
      ]),
    );
    for (const { remedy } of first) {
      const [, which = '', statement = ''] =
        /\bas a superuser on the (primary|standby): ((?:REVOKE [^;]*; )*[^;]*;)/u.exec(remedy) ?? [];
      await sql(which === 'primary' ? pair.primaryUrl : pair.standbyUrl, statement);
    }
    expect(await missing()).toEqual([]);

    const tables = await readWayBackTables(standby.endpoint, standby.identity, [pair.name]);
    expect(tables.map((table) => table.name)).toEqual(['"Odd schema".low', 'public.notes', 'public.orders']);
    expect(await readUnidentified(standby.endpoint, standby.identity, [pair.name])).toEqual(['public.notes']);
    await sql(pair.standbyUrl, 'ALTER TABLE notes REPLICA IDENTITY FULL');
    await createPublication(standby.endpoint, standby.identity, names.publication, tables);
    await createPublication(standby.endpoint, standby.identity, names.publication, tables);
    await createSlot(standby.endpoint, standby.identity, names.slot);
    await createSlot(standby.endpoint, standby.identity, names.slot);
    const connection = await conninfo('standby', urls.standby, {});
    await createSubscription(primary.endpoint, primary.identity, names, connection);
    await createSubscription(primary.endpoint, primary.identity, names, connection);
    // What the standby has received before it is opened does not go back.
    await sql(
      pair.primaryUrl,
      `INSERT INTO orders VALUES (1, 'there'); INSERT INTO "Odd schema"."Parts" VALUES (1)`,
    );
    await pair.caughtUp();
    await advanceSlot(standby.endpoint, standby.identity, names.slot);
    await openForWrites(standby.endpoint, standby.identity, [{ name: pair.name, slot: pair.name }], {
      readOnly: { database: null, roles: [] },
      before: null,
    });
    const memory = await readFenceMemory(primary.endpoint, primary.identity, {
      kind: 'no-connections',
      except: [],
    });
    await applyFence(primary.endpoint, primary.identity, memory);
    await sql(
      pair.standbyUrl,
      `INSERT INTO orders VALUES (2, 'and back'); INSERT INTO "Odd schema"."Parts" VALUES (2); UPDATE orders SET label = 'here' WHERE id = 1`,
    );
    await enableSubscription(primary.endpoint, primary.identity, names.subscription);
    await until(
      async () =>
        (
          await sql(
            pair.primaryUrl,
            `SELECT FROM orders, "Odd schema"."Parts" AS part WHERE orders.id = 2 AND part.id = 2`,
          )
        ).length > 0,
      { what: 'the rows to travel back' },
    );
    expect(await sql(pair.primaryUrl, 'SELECT id::int, label FROM orders ORDER BY id')).toEqual([
      { id: 1, label: 'here' },
      { id: 2, label: 'and back' },
    ]);
    await dropSubscription(primary.endpoint, primary.identity, names.subscription);
    await until(
      async () => {
        await dropSlot(standby.endpoint, standby.identity, names.slot).catch(() => undefined);
        return (
          (await sql(pair.standbyUrl, "SELECT FROM pg_replication_slots WHERE slot_name = 'way_back'"))
            .length === 0
        );
      },
      { what: 'the slot to be free' },
    );
    await dropPublication(standby.endpoint, standby.identity, names.publication);
    await removeFence(primary.endpoint, primary.identity, memory);
    if (Number(version) < 16) await sql(pair.primaryUrl, 'ALTER ROLE "the worker" NOSUPERUSER');
  });

  it('names the transaction, in whatever database, for whose end a slot waits', async () => {
    const pair = await pairOfDatabases();
    const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
    const slot = 'sequence_failover_way_back_6';
    onTestFinished(() => dropSlot(endpoint, identity, slot));
    const holder = new pg.Client({
      connectionString: servers.standby.url('postgres'),
      application_name: 'nightly',
    });
    await holder.connect();
    const [{ pid } = {}] = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    await holder.query('BEGIN; SELECT txid_current()');
    await expect(createSlot(endpoint, identity, slot, null, 2_000)).rejects.toMatchObject({ code: '55P03' });
    expect(await readSlotBlockers(endpoint, identity)).toMatchObject([
      { pid, gid: null, application: 'nightly', database: 'postgres', background: false },
    ]);
    expect(await readSlotBlockers(endpoint, identity, 3600)).toEqual([]);
    // Without pg_read_all_stats, a role sees of it neither the time nor the application.
    const role = `sees no time in ${pair.name}`;
    await sql(pair.standbyUrl, `CREATE ROLE "${role}" LOGIN PASSWORD 'secret'`);
    const blind = await openSide('standby', servers.standby.url(pair.name, role, 'secret'));
    expect(await readSlotBlockers(blind.endpoint, blind.identity)).toMatchObject([
      { pid, since: '?', seconds: 0, background: false },
    ]);
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await readSlotBlockers(endpoint, identity)).toEqual([]);
    await createSlot(endpoint, identity, slot);
  });

  it.each([
    ['', null],
    ['"of nobody"', { needed: 1, present: 0 }],
    ['FIRST 2 (here, "of nobody")', { needed: 2, present: 1 }],
    ['any 1(here, "of nobody")', null],
    ['2 (*)', { needed: 2, present: 1 }],
    ['*', null],
  ])('notices that commits wait for %j, of which only one is connected', async (names, need) => {
    const pair = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', pair.primaryUrl);
    await pair.subscribe();
    const setting = names.replaceAll('here', pair.name);
    const configure = async (value: string) => {
      await sql(pair.primaryUrl, `ALTER SYSTEM SET synchronous_standby_names = '${value}'`);
      await sql(pair.primaryUrl, 'SELECT pg_reload_conf()');
    };
    onTestFinished(async () => {
      await configure('');
    });
    await until(
      async () =>
        (await sql(pair.primaryUrl, "SELECT FROM pg_stat_replication WHERE state = 'streaming'")).length ===
        1,
      { what: 'the subscription to be connected' },
    );
    await configure(setting);
    const expected = names.includes('here') || names.includes('*') ? 1 : 0;
    await until(
      async () =>
        (await sql(pair.primaryUrl, "SELECT FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"))
          .length === expected,
      { what: 'the setting to hold' },
    );
    // Each process of the server hears of it by itself.
    await until(
      async () => {
        const [[row] = []] = await endpoint.read<{ value: string }>({ expected: identity, locks: 0 }, [
          "SELECT current_setting('synchronous_standby_names') AS value",
        ]);
        return row?.value === setting;
      },
      { what: 'the session of the endpoint to know the setting' },
    );
    const found = await readSynchronousNeed(endpoint, identity);
    expect(found).toMatchObject(need === null ? [] : [{ setting, ...need }]);
    expect(found).toHaveLength(need === null ? 0 : 1);
  });

  it('asks only for the roles whose commits wait for synchronous standbys', async () => {
    const pair = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', pair.primaryUrl);
    // Its own commits must not wait.
    const run = (...statements: string[]) =>
      sql(pair.primaryUrl, ['SET synchronous_commit = local', ...statements].join('; '));
    const configure = async (names: string) => {
      await sql(pair.primaryUrl, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
      await sql(pair.primaryUrl, 'SELECT pg_reload_conf()');
    };
    const [waits, does, never] = ['Waits', 'does', 'never'].map((name) => `"${pair.name} ${name}"`);
    const roles = [waits, does, never];
    const forAll = (change: string) =>
      run(...['postgres', ...roles].map((role) => `ALTER ROLE ${role} ${change}`));
    await run(...roles.map((role) => `CREATE ROLE ${role} LOGIN`), `CREATE ROLE ${pair.name}_group`);
    await configure('nobody');
    onTestFinished(async () => {
      await configure('');
      await forAll('RESET synchronous_commit');
      await run(
        `ALTER DATABASE "${pair.name}" RESET synchronous_commit`,
        `DROP OWNED BY ${roles.join(', ')}`,
        `DROP ROLE ${roles.join(', ')}, ${pair.name}_group`,
      );
    });
    await until(async () => (await readSynchronousNeed(endpoint, identity)).length > 0, {
      what: 'the setting to hold',
    });
    const [before] = await readSynchronousNeed(endpoint, identity);
    const all = before?.roles;
    expect(before?.waiting).toBe(all);
    // A role before its database, and both together before each by itself.
    await run(
      `ALTER DATABASE "${pair.name}" SET synchronous_commit = local`,
      `ALTER ROLE ${waits} SET synchronous_commit = Remote_Apply`,
      `ALTER ROLE ${does} IN DATABASE "${pair.name}" SET synchronous_commit = on`,
      `ALTER ROLE ${does} SET synchronous_commit = off`,
      `ALTER ROLE ${never} SET synchronous_commit = on`,
      `ALTER ROLE ${never} IN DATABASE "${pair.name}" SET synchronous_commit = off`,
    );
    expect(await readSynchronousNeed(endpoint, identity)).toMatchObject([
      { waiting: 2, roles: all, named: [waits, does] },
    ]);
    await forAll('SET synchronous_commit = local');
    await run(`ALTER ROLE ${does} IN DATABASE "${pair.name}" RESET synchronous_commit`);
    expect(await readSynchronousNeed(endpoint, identity)).toEqual([]);
  });

  describe('a standby that crashes right after the opening', () => {
    async function advanced(slot: string, others: number) {
      const pair = await pairOfDatabases();
      const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
      const confirmed = async () => {
        const rows: { lsn?: unknown }[] = await sql(
          pair.standbyUrl,
          `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = '${slot}'`,
        );
        return rows.map(({ lsn }) => lsn);
      };
      const names = Array.from({ length: others }, (_, at) => `other_${pair.name}_${at}`);
      const dropOthers = async () => {
        for (const name of names) await dropSlot(endpoint, identity, name);
      };
      onTestFinished(async () => {
        await dropOthers();
        await dropSlot(endpoint, identity, slot);
      });
      for (const name of names) await createSlot(endpoint, identity, name).catch(() => undefined);
      for (const name of names.slice(0, 1)) await dropSlot(endpoint, identity, name);
      await createSlot(endpoint, identity, slot);
      const attempt = async (id: number) => {
        await sql(pair.standbyUrl, `INSERT INTO orders VALUES (${id}, 'received')`);
        const position = await advanceSlot(endpoint, identity, slot);
        const before = await confirmed();
        await servers.standby.kill();
        await servers.standby.start();
        return { endpoint, identity, position, before, confirmed };
      };
      let last = await attempt(1);
      // The server saves an advanced slot by itself if it has logged its running transactions since the slot was made, as it does every 15 seconds.
      for (let id = 2; last.position !== null && (await confirmed())[0] === last.position; id += 1)
        last = await attempt(id);
      return last;
    }

    it('sends nothing back from before it', async () => {
      const slot = 'sequence_failover_way_back_1';
      const { endpoint, identity, position, before, confirmed } = await advanced(slot, 0);
      expect(position).toBeNull();
      expect(await confirmed()).toEqual(before);
      // As if it had crashed while the slot was saved.
      await endpoint.read({ expected: identity, locks: 0 }, [
        `SELECT pg_create_logical_replication_slot('${slot}_copy', 'pgoutput')`,
      ]);
      await dropSlot(endpoint, identity, slot.replace('_1', '_2'));
      await readySlot(endpoint, identity, slot, null);
      expect(await confirmed()).toEqual(before);
      expect(
        await endpoint.read({ expected: identity, locks: 0 }, [
          "SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE '%\\_copy'",
        ]),
      ).toEqual([[]]);
    });

    it.for(['the slot', 'the slot and its copy', 'the copy'] as const)(
      'sends nothing back if a killed attempt has left %s',
      async (left, test) => {
        test.skip(Number(version) < 12, 'the slot is created anew, which lasts');
        const pair = await pairOfDatabases();
        const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
        const slot = 'sequence_failover_way_back_4';
        const run = (...statements: string[]) => endpoint.read({ expected: identity, locks: 0 }, statements);
        const confirmed = async () =>
          (
            await run(
              `SELECT slot_name::text AS name, confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name LIKE '${slot}%'`,
            )
          )[0];
        const copy = `SELECT pg_copy_logical_replication_slot('${slot}', '${slot}_copy')`;
        const drop = `SELECT pg_drop_replication_slot('${slot}')`;
        onTestFinished(() => dropSlot(endpoint, identity, slot));
        await createSlot(endpoint, identity, slot);
        await sql(pair.standbyUrl, "INSERT INTO orders VALUES (1, 'received')");
        const steps = { 'the slot': [], 'the slot and its copy': [copy], 'the copy': [copy, drop] };
        await run(
          `SELECT pg_replication_slot_advance('${slot}', pg_current_wal_flush_lsn())`,
          ...steps[left],
        );
        const [{ lsn } = {}] = (await confirmed()) ?? [];
        await readySlot(endpoint, identity, slot, null);
        expect(await confirmed()).toEqual([{ name: slot, lsn }]);

        // The same in the next attempt, which advances it further.
        await run(...steps[left]);
        await sql(pair.standbyUrl, "INSERT INTO orders VALUES (2, 'received')");
        const [[flushed] = []] = await run('SELECT pg_current_wal_flush_lsn()::text AS lsn');
        expect(await advanceSlot(endpoint, identity, slot)).toBeNull();
        expect(await confirmed()).toEqual([{ name: slot, lsn: expect.any(String) as string }]);
        const [[isAhead] = []] = await run(
          `SELECT confirmed_flush_lsn >= '${String(flushed?.['lsn'])}'::pg_lsn AS "isAhead" FROM pg_replication_slots WHERE slot_name = '${slot}'`,
        );
        expect(isAhead).toEqual({ isAhead: true });
      },
    );

    it('needs one round trip for it during the outage', async (test) => {
      test.skip(Number(version) < 12, 'the slot is created anew');
      const pair = await pairOfDatabases();
      const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
      const slot = 'sequence_failover_way_back_5';
      onTestFinished(() => dropSlot(endpoint, identity, slot));
      await createSlot(endpoint, identity, slot);
      await makeReadOnly(endpoint, identity);
      const limit = { since: await readClock(endpoint, identity), withinMs: 60_000 };
      let reads = 0;
      const counted = changedEndpoint(endpoint, (before) => ({
        read: (...given) => {
          reads += 1;
          return before.read(...given);
        },
      }));
      expect(await advanceSlot(counted, identity, slot, limit)).toBeNull();
      expect(reads).toBe(1);
      // Nothing was saved, since it would come too late.
      expect(await advanceSlot(counted, identity, slot, { ...limit, withinMs: 0 })).not.toBeNull();
    });

    it('sends nothing back either if there was no room for a second slot', async (test) => {
      test.skip(Number(version) < 12, 'the slot is created anew, which lasts');
      const slot = 'sequence_failover_way_back_3';
      // All slots that the server may have.
      const { endpoint, identity, position, before, confirmed } = await advanced(slot, 100);
      expect(before).toEqual([position]);
      expect(await confirmed()).not.toEqual([position]);
      await readySlot(endpoint, identity, slot, position);
      expect(await confirmed()).toEqual([position]);
      // It never goes back.
      await readySlot(endpoint, identity, slot, '0/1');
      expect(await confirmed()).toEqual([position]);
    });
  });

  it('makes the grants of others the owner’s by one remedy, and can revoke them then', async () => {
    const pair = await pairOfDatabases();
    const [granted = '', passing = '', third = ''] = ['granted', 'Passing', 'third'].map(
      (role) => `"${role} ${pair.name}"`,
    );
    const roles = `${granted}, ${passing}, ${third}`;
    await sql(
      pair.primaryUrl,
      `CREATE ROLE ${granted} LOGIN; CREATE ROLE ${passing}; CREATE ROLE ${third}; GRANT CONNECT ON DATABASE ${pair.name} TO ${passing} WITH GRANT OPTION;
       SET ROLE ${passing}; GRANT CONNECT ON DATABASE ${pair.name} TO ${third} WITH GRANT OPTION; GRANT CONNECT ON DATABASE ${pair.name} TO PUBLIC;
       SET ROLE ${third}; GRANT CONNECT ON DATABASE ${pair.name} TO ${granted}; RESET ROLE; REVOKE CONNECT ON DATABASE ${pair.name} FROM PUBLIC`,
    );
    onTestFinished(async () => {
      await sql(pair.primaryUrl, `DROP OWNED BY ${roles} CASCADE; DROP ROLE ${roles}`);
    });
    const { endpoint, identity } = await openSide('primary', pair.primaryUrl);
    const found = await readGrantsByOthers(endpoint, identity);
    expect(found).toEqual([
      { role: granted, grantor: third },
      { role: third, grantor: passing },
      { role: 'PUBLIC', grantor: passing },
    ]);
    const { remedy } = grantsByOthers(found, pair.name);
    expect(await paste(remedy, { primary: (statement) => sql(pair.primaryUrl, statement) })).toBe(2);
    expect(await readGrantsByOthers(endpoint, identity)).toEqual([]);
    const mayConnect = () =>
      sql(
        pair.primaryUrl,
        `SELECT has_database_privilege('${granted.slice(1, -1)}', current_database(), 'CONNECT') AS may`,
      );
    expect(await mayConnect()).toEqual([{ may: true }]);
    const memory = await readFenceMemory(endpoint, identity, { kind: 'no-connections', except: [] });
    await applyFence(endpoint, identity, memory);
    expect(await mayConnect()).toEqual([{ may: false }]);
    await removeFence(endpoint, identity, memory);
    expect(await mayConnect()).toEqual([{ may: true }]);
  });

  it.each(['', 'IN DATABASE'])('resets the setting of a role %s that it may not alter', async (place) => {
    const pair = await pairOfDatabases();
    const where = place && `${place} ${pair.name}`;
    await sql(pair.primaryUrl, `ALTER ROLE reader ${where} SET default_transaction_read_only = off`);
    const { endpoint, identity } = await openSide(
      'primary',
      servers.primary.url(pair.name, 'the worker', 'secret'),
    );
    const roles = async () => {
      const { readOnly } = await readFenceMemory(endpoint, identity, { kind: 'read-only', except: [] });
      return readOnly.roles.map(({ role }) => role);
    };
    const [found] = await readUnalterable(endpoint, identity, await roles());
    if (found === undefined) throw new Error('the worker may alter the role');
    const { remedy } = roleCannotBeAltered(found, pair.name);
    expect(await paste(remedy, { primary: (statement) => sql(pair.primaryUrl, statement) })).toBe(1);
    expect(await roles()).not.toContain('reader');
  });

  it.each([1, 21])('gives %i tables of the standby a replica identity by one remedy', async (count) => {
    const pair = await pairOfDatabases();
    const create = `DO $$ BEGIN FOR i IN 1..${count} LOOP EXECUTE format('CREATE TABLE plain_%s (label text)', i); END LOOP; END $$;
      DROP TABLE notes; CREATE TABLE by_index (id int NOT NULL, key int NOT NULL UNIQUE); ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_key_key`;
    await sql(pair.primaryUrl, create);
    await sql(pair.standbyUrl, create);
    await pair.subscribe();
    const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
    const without = () => readUnidentified(endpoint, identity, [pair.name]);
    const found = await without();
    expect(found).toHaveLength(count);
    const { remedy } = needsIdentity(found);
    const query = (statement: string) => sql(pair.standbyUrl, statement);
    expect(await paste(remedy, { standby: query })).toBe(1);
    expect(await without()).toEqual([]);
    expect(
      await query(`SELECT relreplident FROM pg_class WHERE relname IN ('by_index', 'orders') ORDER BY 1`),
    ).toEqual([{ relreplident: 'd' }, { relreplident: 'i' }]);
  });

  it('asks for the replica identity of partitions too, where their rows come through their root', async () => {
    if (Number(version) < 13) return;
    const pair = await pairOfDatabases();
    // The partition has a key, and the root has none: its rows are sent as whole rows.
    const create = `DROP TABLE notes; CREATE TABLE years (id int, year int) PARTITION BY LIST (year);
      CREATE TABLE first PARTITION OF years FOR VALUES IN (1); ALTER TABLE first ADD PRIMARY KEY (id)`;
    await sql(pair.primaryUrl, create);
    await sql(pair.standbyUrl, create);
    await pair.subscribe();
    const [publication] = await sql(
      pair.primaryUrl,
      'SELECT quote_ident(pubname) AS name FROM pg_publication',
    );
    await sql(
      pair.primaryUrl,
      `ALTER PUBLICATION ${String(publication?.['name'])} SET (publish_via_partition_root = true)`,
    );
    await sql(pair.standbyUrl, `ALTER SUBSCRIPTION ${pair.name} REFRESH PUBLICATION`);
    const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
    const found = await readUnidentified(endpoint, identity, [pair.name]);
    expect(found).toEqual(['public.first', 'public.years']);
    await paste(needsIdentity(found).remedy, { standby: (one) => sql(pair.standbyUrl, one) });
    expect(await readUnidentified(endpoint, identity, [pair.name])).toEqual([]);
  });

  it('says why a server cannot subscribe, and nothing of the password', async () => {
    const pair = await pairOfDatabases();
    const primary = await openSide('primary', pair.primaryUrl);
    const bad = await conninfo('standby', servers.standby.url(pair.name, 'app', 'wr0ng s3cret'), {});
    const attempt = createSubscription(primary.endpoint, primary.identity, names, bad);
    await expect(attempt).rejects.toThrow(/could not connect|must|permission|authentication/u);
    await attempt.catch((error: unknown) => {
      expect(String(error)).not.toContain('wr0ng');
    });
    await expect(attempt).rejects.toMatchObject({ name: 'WayBackError', obstacle: 'unreachable' });
    const nowhere = { connection: 'host=127.0.0.1 port=1 dbname=shop user=app password=x', secrets: [] };
    await expect(
      createSubscription(primary.endpoint, primary.identity, names, nowhere),
    ).rejects.toMatchObject({ name: 'WayBackError', obstacle: 'unreachable' });
  });

  it('knows whether the standby is open, and closes what is still there', async () => {
    const pair = await pairOfDatabases();
    await pair.subscribe();
    const { standbyUrl, name } = pair;
    const [gone, stays] = [`"gone ${name}"`, `"stays ${name}"`];
    await sql(
      standbyUrl,
      `CREATE ROLE ${gone} LOGIN; CREATE ROLE ${stays} LOGIN; ALTER ROLE ${gone} IN DATABASE ${name} SET default_transaction_read_only = on;
       ALTER ROLE ${stays} IN DATABASE ${name} SET default_transaction_read_only = on`,
    );
    onTestFinished(async () => {
      await sql(standbyUrl, `BEGIN READ WRITE; DROP ROLE ${stays}; COMMIT`);
    });
    const { endpoint, identity } = await openSide('standby', standbyUrl);
    const subscriptions = [name, 'dropped meanwhile'].map((one) => ({ name: one, slot: one }));
    const memory = { readOnly: await readReadOnly(endpoint, identity), before: null };
    await makeReadOnly(endpoint, identity);
    expect(await isOpened(endpoint, identity, subscriptions)).toBe(false);
    await sql(standbyUrl, `BEGIN READ WRITE; DROP OWNED BY ${gone}; DROP ROLE ${gone}; COMMIT`);
    await openForWrites(endpoint, identity, subscriptions, memory);
    expect(await isOpened(endpoint, identity, subscriptions)).toBe(true);
    expect(await readReadOnly(endpoint, identity)).toEqual({ database: null, roles: [] });

    const enabled = () => sql(standbyUrl, `SELECT subenabled FROM pg_subscription WHERE subname = '${name}'`);
    await closeForWrites(endpoint, identity, subscriptions, memory);
    expect(await enabled()).toEqual([{ subenabled: true }]);
    expect((await readReadOnly(endpoint, identity)).roles).toEqual([
      { role: stays.slice(1, -1), value: 'on' },
    ]);
    // Without a slot it cannot be enabled.
    await sql(
      standbyUrl,
      `BEGIN READ WRITE; ALTER SUBSCRIPTION ${name} DISABLE; ALTER SUBSCRIPTION ${name} SET (slot_name = NONE); COMMIT`,
    );
    await closeForWrites(endpoint, identity, subscriptions, memory);
    expect(await enabled()).toEqual([{ subenabled: false }]);
    await sql(standbyUrl, `BEGIN READ WRITE; DROP SUBSCRIPTION ${name}; COMMIT`);
    await sql(pair.primaryUrl, `SELECT pg_drop_replication_slot('${name}')`);
  });

  it('takes back no grant that the opening has not made', async () => {
    const { standbyUrl, name } = await pairOfDatabases();
    const { endpoint, identity } = await openSide('standby', standbyUrl);
    const { connect } = await readFenceMemory(endpoint, identity, { kind: 'no-connections', except: [] });
    if (connect === null) throw new Error('the fence does not change who may connect');
    expect(connect.revoked.map(({ role }) => role)).toContain(null);
    // As an operator does after a promotion, for readers.
    expect(await grantsToRestore(endpoint, identity, connect)).toEqual({ revoked: [], granted: [] });
    await sql(standbyUrl, `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
    expect((await grantsToRestore(endpoint, identity, connect)).revoked).toEqual(
      connect.revoked.filter(({ role }) => role === null),
    );
  });

  it('knows who may connect on the primary alone, without a ledger', async () => {
    const { primaryUrl, standbyUrl, name } = await pairOfDatabases();
    const [primary, standby] = [await openSide('primary', primaryUrl), await openSide('standby', standbyUrl)];
    const shutOut = () =>
      readShutOut(primary.endpoint, standby.endpoint, {
        ...{ pair: name, primary: primary.identity, standby: standby.identity },
      });
    // Each database has an owner of its own, who is not listed on the other side.
    await sql(primaryUrl, `ALTER DATABASE ${name} OWNER TO app; GRANT CONNECT ON DATABASE ${name} TO reader`);
    expect(await shutOut()).toEqual([]);
    await sql(standbyUrl, `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
    expect(await shutOut()).toEqual([null, 'app', 'reader']);
    await sql(standbyUrl, `GRANT CONNECT ON DATABASE ${name} TO "the worker"; GRANT "the worker" TO reader`);
    onTestFinished(async () => {
      await sql(standbyUrl, 'REVOKE "the worker" FROM reader');
    });
    expect(await shutOut()).toEqual([null, 'app']);
    // A superuser always can.
    await sql(primaryUrl, `ALTER DATABASE ${name} OWNER TO postgres`);
    await sql(standbyUrl, `ALTER DATABASE ${name} OWNER TO app`);
    expect(await shutOut()).toEqual([null]);
  });

  it('does not shut out the receiver of a slot that is away for a moment', async () => {
    const { primaryUrl: url, name } = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', url);
    const [receiver, slot] = [`receiver_${name}`, `slot_${name}`];
    await sql(url, `CREATE ROLE ${receiver} LOGIN REPLICATION`);
    onTestFinished(async () => {
      await dropSlot(endpoint, identity, slot);
      await sql(url, `DROP ROLE ${receiver}`);
    });
    const granted = async () =>
      (await readFenceMemory(endpoint, identity, { kind: 'no-connections', except: [] })).connect?.granted;
    expect(await granted()).not.toContain(receiver);
    await createSlot(endpoint, identity, slot);
    expect(await granted()).toContain(receiver);
  });

  it('ends no session after the fence was lifted', async () => {
    const { primaryUrl: url, name } = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', url);
    const client = new pg.Client(servers.primary.url(name, 'app', 'secret'));
    client.on('error', () => undefined);
    await client.connect();
    const look = { before: await readClock(endpoint, identity), except: ['postgres'], end: true };
    expect((await findWriters(endpoint, identity, look)).listed).toMatchObject([{ role: 'app' }]);
    expect((await client.query('SELECT 1')).rowCount).toBe(1);
    await makeReadOnly(endpoint, identity);
    await findWriters(endpoint, identity, look);
    await expect(client.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/u);
  });

  it('finds a session of the replication protocol that writes', async () => {
    const { primaryUrl: url } = await pairOfDatabases();
    const { endpoint, identity } = await openSide('primary', url);
    const look = { before: await readClock(endpoint, identity), except: [], end: false };
    const client = new pg.Client({ connectionString: url, replication: 'database' } as pg.ClientConfig);
    await client.connect();
    await client.query('BEGIN READ WRITE');
    expect((await findWriters(endpoint, identity, look)).listed).toEqual([]);
    await client.query('INSERT INTO orders VALUES (1)');
    expect((await findWriters(endpoint, identity, look)).listed).toMatchObject([{ writing: true }]);
    await client.end();
  });

  it('makes nothing of the way back by a message that comes too late', async () => {
    const pair = await pairOfDatabases();
    const { endpoint, identity } = await openSide('standby', pair.standbyUrl);
    const limit = { since: await readClock(endpoint, identity), withinMs: 0 };
    const tables = await readWayBackTables(endpoint, identity, [pair.name]);
    await expect(
      createPublication(endpoint, identity, names.publication, tables, (change) => change(limit)),
    ).rejects.toThrow(TooLateError);
    await expect(createSlot(endpoint, identity, names.slot, limit)).rejects.toThrow(TooLateError);
    const nowhere = { connection: 'host=127.0.0.1 port=1', secrets: [] };
    await expect(createSubscription(endpoint, identity, names, nowhere, limit)).rejects.toThrow();
    expect(
      await sql(
        pair.standbyUrl,
        `SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database()
         UNION ALL SELECT pubname::text FROM pg_publication`,
      ),
    ).toEqual([]);
    await createSlot(endpoint, identity, names.slot);
    await createPublication(endpoint, identity, names.publication, tables);
    await expect(dropSlot(endpoint, identity, names.slot, limit)).rejects.toThrow(TooLateError);
    await expect(dropPublication(endpoint, identity, names.publication, limit)).rejects.toThrow(TooLateError);
    await dropSlot(endpoint, identity, names.slot);
    await dropPublication(endpoint, identity, names.publication);
  });

  it('lets a role of the standby write again that it may alter by the remedy', async () => {
    const pair = await pairOfDatabases();
    const role = `"low ${pair.name}"`;
    await sql(
      pair.standbyUrl,
      `CREATE ROLE ${role} LOGIN; ALTER ROLE ${role} IN DATABASE ${pair.name} SET default_transaction_read_only = on`,
    );
    onTestFinished(async () => {
      await sql(pair.standbyUrl, `ALTER ROLE "the worker" NOCREATEROLE; DROP ROLE ${role}`);
    });
    const { endpoint, identity } = await openSide(
      'standby',
      servers.standby.url(pair.name, 'the worker', 'secret'),
    );
    const unalterable = async () =>
      readUnalterable(
        endpoint,
        identity,
        (await readReadOnly(endpoint, identity)).roles.map((one) => one.role),
      );
    const [found] = await unalterable();
    if (found === undefined) throw new Error('the worker may alter the role');
    const { remedy } = roleStaysReadOnly(found, await readPrivileges(endpoint, identity), 'shop');
    const [toAlter = ''] = remedy.split(' Or, ');
    expect(await paste(toAlter, { standby: (statement) => sql(pair.standbyUrl, statement) })).toBeGreaterThan(
      0,
    );
    expect(await unalterable()).toEqual([]);
  });
});

async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const results = (await client.query(text)) as pg.QueryResult | pg.QueryResult[];
    return ((Array.isArray(results) ? results.at(-1) : results)?.rows ?? []) as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
