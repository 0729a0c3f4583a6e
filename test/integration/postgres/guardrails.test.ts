import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../src/local/until.js';
import { createDatabasePair, startPair, type PostgresPair } from '../../../src/local/postgres-pair.js';
import { guardrailFindings } from '../../../src/planning/pair/guardrail-findings.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { hiddenFeedsSql } from '../../../src/postgres/server/hidden-feeds.js';
import { readSide } from '../../../src/postgres/server/read-side.js';
import {
  readPrimaryActivity,
  readReceivedDigest,
  readStandbyGuardrails,
} from '../../../src/postgres/server/read-guardrails.js';
import { readPrimaryTables, readPublishedDigest } from '../../../src/postgres/server/read-tables.js';
import { readForeignOwners, readWayBackTables } from '../../../src/postgres/promotion/way-back-tables.js';
import { replicationFindings, slotsOf } from '../../../src/planning/pair/replication-findings.js';
import { awaitConfirmedFlush } from '../../../src/postgres/replication/await-confirmed-flush.js';
import { readWalPosition } from '../../../src/postgres/replication/read-wal-position.js';
import { readReplicationLag } from '../../../src/postgres/replication/read-replication-lag.js';
import type { Finding } from '../../../src/contract/status.js';
import { paste } from './paste.js';
import { oldestAndNewest } from './database.js';

/** Of the columns id bigint, note text, total integer. */
const DIGEST = '22 915484274 -880008081';

/** Runs the statements that the remedy has for a side. */
async function runOn(remedy: string, side: Client, name: 'primary' | 'standby'): Promise<void> {
  const said = new RegExp(`on the ${name}[^:]*: (.*?;)(?= then on | If a table | it copies)`, 'su').exec(
    remedy,
  );
  await side.query(said?.[1] ?? `the remedy says nothing for the ${name}: ${remedy}`);
}

/** A node of a plan, as EXPLAIN shows it. */
interface Plan {
  'Function Name'?: string;
  'Actual Loops': number;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe.each(oldestAndNewest)('PostgreSQL $version', ({ version, binaries }) => {
  let pair: PostgresPair;
  beforeAll(async () => {
    pair = await startPair({ both: { binaries, settings: { max_prepared_transactions: '2' } } });
  });
  afterAll(() => pair.stop());

  async function databases() {
    const schema = 'CREATE TABLE orders (id bigint PRIMARY KEY, total integer)';
    const created = await createDatabasePair(pair, { schema });
    const sessions: Client[] = [];
    onTestFinished(async () => {
      await Promise.all(sessions.map((session) => session.end()));
      await created.drop();
    });
    const session = async (url: string) => {
      const client = new Client(url);
      await client.connect();
      sessions.push(client);
      return client;
    };
    const open = (side: 'primary' | 'standby', url: string) => {
      const endpoint = openEndpoint(side, url, { env: {} });
      onTestFinished(() => endpoint.close());
      return endpoint;
    };
    const primary = open('primary', created.primaryUrl);
    const standby = open('standby', created.standbyUrl);
    const publisher = { ...primary.address, database: created.name };
    const look = async () => {
      const { subscriptions, facts } = await readSide(standby, null);
      const publications = subscriptions.flatMap((one) => one.publications);
      const slots = subscriptions.flatMap(({ slot }) => slot ?? []);
      const { facts: ours } = await readSide(primary, null);
      return guardrailFindings({
        primary: [
          ...(await readPrimaryActivity(primary, ours.identity)),
          ...(await readPrimaryTables(primary, ours.identity, publications)).obstructions,
        ],
        standby: (await readStandbyGuardrails(standby, facts.identity)).obstructions,
        slots,
        receiving: subscriptions,
        publisher,
      });
    };
    /** What is found while tables are locked. */
    const lookAtActivity = async () => {
      const { facts } = await readSide(primary, null);
      return guardrailFindings({
        ...{ primary: await readPrimaryActivity(primary, facts.identity), standby: [] },
        ...{ slots: [created.name], receiving: [], publisher },
      });
    };
    /** Slots and their lag. */
    const lookAtReplication = async () => {
      const { subscriptions } = await readSide(standby, null);
      const { facts: ofPrimary } = await readSide(primary, null);
      const lags = await readReplicationLag(primary, ofPrimary.identity, slotsOf(subscriptions));
      return replicationFindings(subscriptions, lags, null, publisher);
    };
    /** Pastes the remedy into sessions of superusers. @returns the number of its statements */
    const follow = async (finding: Finding | undefined) => {
      const [onPrimary, onStandby] = [await session(created.primaryUrl), await session(created.standbyUrl)];
      return paste(
        finding?.remedy ?? '',
        {
          primary: (statement) => onPrimary.query(statement),
          standby: (statement) => onStandby.query(statement),
        },
        (text) => {
          const { username, password } = new URL(created.primaryUrl);
          return text.replace('<role with REPLICATION>', username).replace('<its password>', password);
        },
      );
    };
    return { created, session, open, look, lookAtActivity, lookAtReplication, follow };
  }

  it('finds nothing on a healthy pair', async () => {
    const { created, look } = await databases();
    await created.subscribe();
    expect(await look()).toEqual([]);
  });

  it('finds what a switch would meet, or leave behind', async () => {
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    for (const side of [primary, standby]) await side.query('CREATE TABLE plain (a integer)');
    await created.subscribe();
    await primary.query('CREATE TABLE extra (a integer); INSERT INTO extra VALUES (1)');
    const { rows: published } = await primary.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_publication_tables WHERE tablename = 'extra'",
    );
    await primary.query('ALTER TABLE orders ADD COLUMN note text');
    await primary.query('SELECT lo_create(0)');
    await primary.query("SELECT pg_create_logical_replication_slot('debezium_of_orders', 'pgoutput')");
    onTestFinished(async () => {
      await primary.query("SELECT pg_drop_replication_slot('debezium_of_orders')").catch(() => undefined);
    });
    await primary.query('BEGIN');
    await primary.query('INSERT INTO orders VALUES (1)');
    await primary.query("PREPARE TRANSACTION 'two-phase'");
    const findings = await look();
    const codes = findings.map(({ code }) => code);
    expect(codes).toEqual([
      'PREPARED_TRANSACTION',
      'OTHER_SLOT',
      'NO_REPLICA_IDENTITY',
      published.length > 0 ? 'NOT_SUBSCRIBED' : 'NOT_PUBLISHED',
      'LARGE_OBJECTS',
      'SCHEMA_DIFFERS',
    ]);
    expect(findings.find(({ code }) => code === 'PREPARED_TRANSACTION')?.remedy).toContain(
      "COMMIT PREPARED 'two-phase'",
    );
    const differs = findings.find(({ code }) => code === 'SCHEMA_DIFFERS');
    expect(differs?.message).toContain('public.orders');
    const select = /SELECT [^;]*;/u.exec(differs?.remedy ?? '')?.[0] ?? '';
    const compared = await Promise.all(
      [primary, standby].map((side) => side.query<{ attname: string }>(select)),
    );
    const [on = [], lacking = []] = compared.map(({ rows }) => rows.map(({ attname }) => attname));
    // In the same order, so that two files can be compared.
    expect(on.filter((column) => column !== 'note')).toEqual(lacking);
    expect(on).toEqual([...on].sort());
    for (const code of ['PREPARED_TRANSACTION', 'OTHER_SLOT']) {
      const finding = findings.find((one) => one.code === code);
      // Of the two ways out, the first commits.
      const text = finding?.remedy.replace(/; or ROLLBACK.*/u, ';') ?? '';
      await paste(text, { primary: (statement) => primary.query(statement) });
    }
    expect((await look()).map(({ code }) => code)).toEqual(
      codes.filter((code) => code !== 'PREPARED_TRANSACTION' && code !== 'OTHER_SLOT'),
    );
  });

  it('compares tables by their names, however each server quotes them', async () => {
    const { created, session, look, open } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    for (const side of [primary, standby])
      await side.query(
        `CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE plain (a integer PRIMARY KEY, b mood, c mood[], d numeric(9, 2))`,
      );
    await created.subscribe();
    await standby.query(`ALTER DATABASE ${created.name} SET quote_all_identifiers = on`);
    expect(await look()).toEqual([]);
    await primary.query('ALTER TABLE orders ADD COLUMN note text');
    expect(await look()).toMatchObject([{ code: 'SCHEMA_DIFFERS', count: 1 }]);
    // Another version of the server has to find the same.
    const ofPrimary = open('primary', created.primaryUrl);
    const { facts } = await readSide(ofPrimary, null);
    const { rows: publications } = await primary.query<{ name: string }>(
      'SELECT pubname AS name FROM pg_publication',
    );
    const { obstructions: tables } = await readPrimaryTables(
      ofPrimary,
      facts.identity,
      publications.map(({ name }) => name),
    );
    expect(tables.find(({ what }) => what === 'public.orders')).toMatchObject({ state: DIGEST });
    const [receiving, none] = [open('standby', created.standbyUrl), open('primary', created.primaryUrl)];
    const { facts: there } = await readSide(receiving, null);
    const received = await readWayBackTables(receiving, there.identity, [created.name]);
    expect(received.map(({ name }) => name)).toEqual(['public.orders', 'public.plain']);
    expect(await readForeignOwners(none, facts.identity, ['public.orders', '"odd"."x.y"'])).toEqual([]);
  });

  it.each([
    { count: 3, of: 'tables' },
    { count: 25, of: 'tables' },
    { count: 25, of: 'partitions' },
  ])('names in its remedies all that $count $of need', async ({ count, of }) => {
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    await created.subscribe();
    const names = Array.from({ length: count }, (_, at) => `"My Table ${at}"`);
    const create = (at: number) =>
      of === 'tables' ? `(a integer)` : `PARTITION OF whole FOR VALUES IN (${String(at)})`;
    for (const side of [primary, standby]) {
      await side.query('CREATE TABLE whole (a integer) PARTITION BY LIST (a)');
      await side.query(names.map((name, at) => `CREATE TABLE ${name} ${create(at)}`).join('; '));
    }
    const [publication] = (
      await primary.query<{ name: string; all: boolean }>(
        'SELECT quote_ident(pubname) AS name, puballtables AS all FROM pg_publication',
      )
    ).rows;
    if (publication === undefined) throw new Error('the pair has no publication');
    // One for named tables, so that there are tables that it lacks.
    if (publication.all) {
      await primary.query(`DROP PUBLICATION ${publication.name}`);
      await primary.query(`CREATE PUBLICATION ${publication.name} FOR TABLE orders`);
    }
    await primary.query(names.map((name, at) => `INSERT INTO ${name} VALUES (${String(at)})`).join('; '));

    const [unpublished, ...others] = await look();
    expect(others).toEqual([]);
    expect(unpublished).toMatchObject({ code: 'NOT_PUBLISHED', count });
    await runOn(unpublished?.remedy ?? '', primary, 'primary');
    await runOn(unpublished?.remedy ?? '', standby, 'standby');

    const [plain, ...more] = await look();
    expect(more).toEqual([]);
    expect(plain).toMatchObject({ code: 'NO_REPLICA_IDENTITY', count });
    await runOn(plain?.remedy ?? '', primary, 'primary');
    expect(await look()).toEqual([]);
  });

  it.each([
    [
      'out of the publication',
      (name: string) => `DROP PUBLICATION ${name}; CREATE PUBLICATION ${name} FOR TABLE kept`,
      10,
    ],
    // Before PostgreSQL 18, a change that was made without the publication stops the subscription for good.
    ['away with the publication', (name: string) => `DROP PUBLICATION ${name}`, 18],
  ] as const)('has a table copied again that was taken %s', async (_, takeOut, since) => {
    if (Number(version) < since) return;
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    for (const side of [primary, standby]) await side.query('CREATE TABLE kept (id integer PRIMARY KEY)');
    await created.subscribe();
    await primary.query('INSERT INTO orders VALUES (1)');
    await created.caughtUp();
    await primary.query(takeOut(created.name));
    await primary.query('INSERT INTO orders VALUES (2)');
    const unpublished = (await look()).find(({ code }) => code === 'NOT_PUBLISHED');
    expect(unpublished?.message).toContain('public.orders');
    await paste(unpublished?.remedy ?? '', {
      primary: (statement) => primary.query(statement),
      standby: async (statement) => {
        await standby.query('TRUNCATE orders');
        await standby.query(statement);
      },
    });
    await until(async () => (await standby.query('SELECT FROM orders')).rowCount === 2, {
      what: 'the rows to be copied',
    });
  });

  it('counts a partition as published if it is, or if the whole table is', async () => {
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    for (const side of [primary, standby])
      await side.query(
        `CREATE TABLE years (id bigint, year integer) PARTITION BY LIST (year);
         CREATE TABLE first PARTITION OF years FOR VALUES IN (1); ALTER TABLE first ADD PRIMARY KEY (id);
         CREATE TABLE second PARTITION OF years FOR VALUES IN (2) PARTITION BY RANGE (id);
         CREATE TABLE leaf PARTITION OF second FOR VALUES FROM (0) TO (100); ALTER TABLE leaf ADD PRIMARY KEY (id)`,
      );
    await created.subscribe();
    const [publication] = (
      await primary.query<{ name: string }>('SELECT quote_ident(pubname) AS name FROM pg_publication')
    ).rows;
    const name = publication?.name ?? '';
    const publish = async (tables: string) => {
      await primary.query(`DROP PUBLICATION ${name}`);
      await primary.query(`CREATE PUBLICATION ${name} FOR TABLE ${tables}`);
      await standby.query(`ALTER SUBSCRIPTION ${name} REFRESH PUBLICATION`);
    };
    await primary.query('INSERT INTO years VALUES (1, 1), (2, 2)');
    await publish('orders, first');
    const left = await look();
    expect(left).toMatchObject([{ code: 'NOT_PUBLISHED', count: 1 }]);
    expect(left[0]?.message).toContain('public.leaf');
    await publish('orders, first, leaf');
    expect(await look()).toEqual([]);
    if (Number(version) < 13) return;
    await publish('orders, years');
    // Otherwise the root would be copied again, beside the rows of its partitions.
    await until(async () => (await standby.query('SELECT FROM years')).rowCount === 2, {
      what: 'the rows to be copied',
    });
    await primary.query(`ALTER PUBLICATION ${name} SET (publish_via_partition_root = true)`);
    await standby.query(`ALTER SUBSCRIPTION ${name} REFRESH PUBLICATION WITH (copy_data = false)`);
    // The partitions have primary keys, but their rows are sent as those of the root, which has none.
    const found = await look();
    expect(found).toMatchObject([{ code: 'NO_REPLICA_IDENTITY', count: 3 }]);
    expect(found[0]?.message).toContain('of public.first, public.leaf, public.years fail there');
    await runOn(found[0]?.remedy ?? '', primary, 'primary');
    expect(await look()).toEqual([]);

    // Now an index of the partition is not enough: its deleted rows are sent as whole rows of the root.
    await primary.query('ALTER TABLE leaf REPLICA IDENTITY DEFAULT');
    expect(await look()).toMatchObject([{ code: 'NO_REPLICA_IDENTITY', count: 1 }]);
    await runOn((await look())[0]?.remedy ?? '', primary, 'primary');
    await primary.query('DELETE FROM years WHERE year = 2');
    await until(async () => (await standby.query('SELECT FROM years WHERE year = 2')).rowCount === 0, {
      what: 'the row to be deleted on the standby',
    });

    // A partition that a second publication has too arrives with the rows of its root.
    await primary.query('CREATE PUBLICATION also FOR TABLE first');
    await standby.query(`ALTER SUBSCRIPTION ${name} SET PUBLICATION ${name}, also`);
    expect(await look()).toEqual([]);
    await primary.query('DROP PUBLICATION also');
  });

  it('adds a publication for tables that no present one can take', async () => {
    if (Number(version) < 19) return;
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    await created.subscribe();
    const [{ name } = { name: '' }] = (
      await primary.query<{ name: string }>('SELECT quote_ident(pubname) AS name FROM pg_publication')
    ).rows;
    for (const side of [primary, standby])
      await side.query(
        'CREATE TABLE apart (a integer PRIMARY KEY); CREATE TABLE beside (a integer PRIMARY KEY)',
      );
    await primary.query(
      `DROP PUBLICATION ${name};
       CREATE PUBLICATION ${name} FOR ALL TABLES EXCEPT (TABLE apart, beside), ALL SEQUENCES;
       INSERT INTO apart VALUES (1); INSERT INTO beside VALUES (1)`,
    );
    await standby.query(`ALTER SUBSCRIPTION ${name} REFRESH PUBLICATION`);
    const [finding] = (await look()).filter(({ code }) => code === 'NOT_PUBLISHED');
    expect(finding).toMatchObject({ count: 2 });
    await runOn(finding?.remedy ?? '', primary, 'primary');
    await runOn(finding?.remedy ?? '', standby, 'standby');
    await until(async () => (await standby.query('SELECT FROM apart, beside')).rowCount === 1, {
      what: 'the rows to arrive',
    });
    expect((await look()).map(({ code }) => code)).not.toContain('NOT_PUBLISHED');
  });

  it('names tables of which the publications leave out rows, columns or operations', async () => {
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    await created.subscribe();
    const [publication] = (
      await primary.query<{ name: string }>('SELECT quote_ident(pubname) AS name FROM pg_publication')
    ).rows;
    const name = publication?.name ?? '';
    const partly = [expect.objectContaining({ code: 'PARTLY_PUBLISHED', count: 1 })];
    const whole = Number(version) < 11 ? 'insert, update, delete' : 'insert, update, delete, truncate';
    await primary.query(`ALTER PUBLICATION ${name} SET (publish = 'insert, update')`);
    expect(await look()).toEqual(partly);
    await primary.query(`ALTER PUBLICATION ${name} SET (publish = '${whole}')`);
    expect(await look()).toEqual([]);
    if (Number(version) < 15) return;

    await primary.query(`DROP PUBLICATION ${name}`);
    await primary.query(`CREATE PUBLICATION ${name} FOR TABLE orders WHERE (id > 5)`);
    expect(await look()).toEqual(partly);
    await primary.query(`ALTER PUBLICATION ${name} SET TABLE orders (id)`);
    expect(await look()).toEqual(partly);
    await primary.query(`ALTER PUBLICATION ${name} SET TABLE orders (id, total)`);
    expect(await look()).toEqual([]);
  });

  it('gives the tables another digest if rows could be missing on the standby, and only then', async () => {
    const { created, session, open } = await databases();
    await created.subscribe();
    const primary = await session(created.primaryUrl);
    await primary.query('CREATE PUBLICATION few FOR TABLE orders; CREATE PUBLICATION every FOR ALL TABLES');
    const endpoint = open('primary', created.primaryUrl);
    const { facts } = await readSide(endpoint, null);
    const digestOf = async (publication: string) => {
      const { digest } = await readPrimaryTables(endpoint, facts.identity, [publication]);
      expect(await readPublishedDigest(endpoint, facts.identity, [publication])).toBe(digest);
      return digest;
    };
    const standby = open('standby', created.standbyUrl);
    const { facts: there } = await readSide(standby, null);
    const received = async () => {
      const { digest } = await readStandbyGuardrails(standby, there.identity);
      expect(await readReceivedDigest(standby, there.identity)).toBe(digest);
      return digest;
    };
    const digests = async () => ({
      few: await digestOf('few'),
      every: await digestOf('every'),
      received: await received(),
    });
    let before = await digests();
    const changedBy = async (statement: string, side = primary) => {
      await side.query(statement);
      const after = await digests();
      const changed = (['few', 'every', 'received'] as const).filter((name) => after[name] !== before[name]);
      before = after;
      return { statement, changed };
    };
    const cases: [string, string[]][] = [
      ['INSERT INTO orders SELECT generate_series(1, 1000)', []],
      ['CREATE SCHEMA apart', []],
      ['VACUUM ANALYZE', []],
      ['ALTER TABLE orders ADD COLUMN added text', []],
      ['CREATE TEMPORARY TABLE passing AS SELECT 1 AS a', []],
      ['CREATE TABLE later (a integer PRIMARY KEY)', ['few', 'every']],
      ['INSERT INTO later VALUES (1)', ['few']],
      [`ALTER PUBLICATION few SET (publish = 'insert')`, ['few']],
      [`ALTER PUBLICATION every SET (publish = 'insert')`, ['every']],
      ['ALTER PUBLICATION few ADD TABLE later', ['few']],
      ['ALTER TABLE later RENAME TO lately', ['few', 'every']],
      ['ALTER TABLE lately RENAME TO later', ['few', 'every']],
    ];
    if (Number(version) >= 15)
      cases.push(
        [`ALTER PUBLICATION few SET (publish = 'insert, update, delete, truncate')`, ['few']],
        ['ALTER PUBLICATION few ADD TABLES IN SCHEMA apart', ['few']],
        ['CREATE TABLE apart.more AS SELECT 1 AS a', ['few', 'every']],
        ['ALTER PUBLICATION few DROP TABLES IN SCHEMA apart', ['few']],
        ['ALTER PUBLICATION few SET TABLE orders, later WHERE (a > 1)', ['few']],
        ['ALTER PUBLICATION few SET TABLE orders (id, total, added), later', ['few']],
        // The column list leaves it out.
        ['ALTER TABLE orders ADD COLUMN late text', ['few']],
      );
    if (Number(version) >= 19)
      cases.push(
        ['CREATE TABLE apart.excepted (a integer)', ['few', 'every']],
        [
          'DROP PUBLICATION every; CREATE PUBLICATION every FOR ALL TABLES EXCEPT (TABLE apart.excepted)',
          ['every'],
        ],
        ['INSERT INTO apart.excepted VALUES (1)', ['few', 'every']],
      );
    for (const [statement, changed] of cases)
      expect(await changedBy(statement)).toEqual({ statement, changed });

    const onStandby = await session(created.standbyUrl);
    await onStandby.query(
      'CREATE SCHEMA apart; CREATE TABLE apart.more (a integer); CREATE TABLE apart.excepted (a integer)',
    );
    const receiving = [
      ['CREATE TABLE later (a integer PRIMARY KEY)', []],
      [`ALTER SUBSCRIPTION ${created.name} REFRESH PUBLICATION`, ['received']],
      ['ALTER TABLE later RENAME TO lately', ['received']],
      ['ALTER TABLE lately SET SCHEMA apart', ['received']],
      ['ALTER SCHEMA apart RENAME TO aside', ['received']],
      [
        'ALTER SCHEMA aside RENAME TO apart; ALTER TABLE apart.lately SET SCHEMA public; ALTER TABLE lately RENAME TO later',
        ['received'],
      ],
      [`ALTER SUBSCRIPTION ${created.name} DISABLE`, []],
      [`ALTER SUBSCRIPTION ${created.name} SET PUBLICATION few WITH (refresh = false)`, ['received']],
    ] as const;
    for (const [statement, changed] of receiving)
      expect(await changedBy(statement, onStandby)).toEqual({ statement, changed });
  });

  it('names published tables that the standby does not receive, and its remedy makes it receive them', async () => {
    const { created, session, look } = await databases();
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    await created.subscribe();
    for (const side of [primary, standby])
      await side.query('CREATE TABLE "My Table" (a integer PRIMARY KEY)');
    const [publication] = (
      await primary.query<{ name: string; all: boolean }>(
        'SELECT quote_ident(pubname) AS name, puballtables AS all FROM pg_publication',
      )
    ).rows;
    if (publication?.all === false)
      await primary.query(`ALTER PUBLICATION ${publication.name} ADD TABLE "My Table"`);
    await primary.query('INSERT INTO "My Table" VALUES (1)');

    const [finding, ...others] = await look();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'NOT_SUBSCRIBED', count: 1 });
    expect(finding?.message).toContain('public."My Table"');
    expect(finding?.remedy).toContain(`pg_dump --schema-only --table='public."My Table"'`);
    await standby.query(
      /: (ALTER SUBSCRIPTION .*;) it copies/u.exec(finding?.remedy ?? '')?.[1] ?? 'no statement',
    );
    await until(async () => (await standby.query('SELECT FROM "My Table"')).rowCount === 1, {
      what: 'the row to arrive',
    });
    expect(await look()).toEqual([]);
  });

  it('tells writers on the standby from the apply worker', async () => {
    const { created, session, look } = await databases();
    await created.subscribe();
    const admin = await session(created.standbyUrl);
    await admin.query(
      "DO $$ BEGIN CREATE ROLE app LOGIN SUPERUSER PASSWORD 'app'; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    );
    const url = new URL(created.standbyUrl);
    [url.username, url.password] = ['app', 'app'];
    const app = await session(url.href);
    await app.query('BEGIN; INSERT INTO orders VALUES (7)');
    expect(await look()).toMatchObject([
      { code: 'STANDBY_WRITERS', severity: 'warn', message: expect.stringContaining(' of app') as string },
    ]);
    await app.query('ROLLBACK');
    expect(await look()).toEqual([]);
  });

  it('names what calls nextval in a way that names no sequence in the catalog, and nothing else', async () => {
    const { created, session, look } = await databases();
    const [primary, standby] = [await session(created.primaryUrl), await session(created.standbyUrl)];
    const hasAtomic = Number(version) >= 14;
    for (const side of [primary, standby]) {
      await side.query(`
        CREATE SCHEMA "App"; CREATE SEQUENCE s; CREATE SEQUENCE "App".s;
        CREATE FUNCTION "App".next_id(bigint) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN pg_catalog.NextVal('s') + $1; END$$;
        CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := nextval('s'); RETURN NEW; END$$;
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := my_nextvalue(); RETURN NEW; END$$;
        CREATE FUNCTION random_id() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
        ${hasAtomic ? `CREATE FUNCTION next_atomic() RETURNS bigint BEGIN ATOMIC SELECT nextval('s'); END;` : `CREATE FUNCTION next_atomic() RETURNS bigint LANGUAGE sql AS $$SELECT nextval('s')$$;`}
        CREATE DOMAIN hidden AS bigint DEFAULT "App".next_id(1);
        CREATE DOMAIN computed AS bigint DEFAULT nextval('s'::text);
        CREATE TABLE by_text (id bigint PRIMARY KEY DEFAULT nextval('s'::text), "No" int DEFAULT nextval(lower('S')::regclass)::int + 1);
        CREATE TABLE by_function (id bigint PRIMARY KEY DEFAULT "App".next_id(7), b bigint DEFAULT COALESCE(next_atomic(), 1));
        CREATE TABLE by_trigger (id bigint PRIMARY KEY);
        CREATE TRIGGER "Fill" BEFORE INSERT OR UPDATE ON by_trigger FOR EACH ROW EXECUTE PROCEDURE fill();
        CREATE VIEW v AS SELECT * FROM by_trigger;
        CREATE TRIGGER instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE PROCEDURE fill();
        CREATE TABLE of_domain (id hidden PRIMARY KEY);
        CREATE TABLE other (id bigserial PRIMARY KEY, a smallint DEFAULT nextval('s')::smallint, b text DEFAULT 'O' || nextval('"App".s'), c bigint DEFAULT random_id(), d uuid);
        CREATE TRIGGER disabled BEFORE INSERT ON other FOR EACH ROW EXECUTE PROCEDURE fill();
        ALTER TABLE other DISABLE TRIGGER disabled;
        CREATE TRIGGER without BEFORE INSERT ON other FOR EACH ROW EXECUTE PROCEDURE stamp();
        CREATE TEMPORARY TABLE of_session (id bigint DEFAULT nextval('s'::text));`);
    }
    await created.subscribe();
    const [finding, ...others] = await look();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'FEEDS_UNKNOWN', severity: 'warn', count: 8 });
    expect(finding?.things).toHaveLength(8);
    expect(finding?.message).toMatch(
      /not checked: public\.by_function\.b \(its default calls public\.next_atomic\), public\.by_function\.id \(its default calls "App"\.next_id\), public\.by_text\."No" \(its default computes the name of a sequence\), public\.by_text\.id \(its default computes the name of a sequence\), public\.by_trigger \(its trigger "Fill" calls public\.fill\) and 3 more$/u,
    );
    const queries = (finding?.remedy ?? '').match(/SELECT [^;]*;/gu) ?? [];
    expect(queries).toHaveLength(4);
    for (const query of queries) for (const side of [primary, standby]) await side.query(query);
    await standby.query(
      'DROP VIEW v; DROP TABLE by_text, by_function, by_trigger; ALTER DOMAIN hidden DROP DEFAULT',
    );
    const left = (await look()).filter(({ code }) => code === 'FEEDS_UNKNOWN');
    const message = expect.stringMatching(/: public\.computed \(/u) as string;
    expect(left).toMatchObject([{ count: 1, message }]);
  });

  it('names triggers and rules of any kind that may number the rows of another table', async () => {
    const { created, session, look } = await databases();
    const kinds = ['AFTER INSERT', 'AFTER UPDATE', 'BEFORE UPDATE', 'AFTER DELETE', 'AFTER TRUNCATE'];
    for (const url of [created.primaryUrl, created.standbyUrl]) {
      const side = await session(url);
      await side.query(`
        CREATE SEQUENCE s;
        CREATE TABLE log (id bigint PRIMARY KEY);
        CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO log VALUES (nextval('s')); RETURN NULL; END$$;
        CREATE TABLE by_rule (id bigint PRIMARY KEY);
        CREATE RULE updates AS ON UPDATE TO by_rule DO ALSO INSERT INTO log VALUES (nextval('s'));
        CREATE VIEW read AS SELECT nextval('s');`);
      for (const [i, kind] of kinds.entries())
        await side.query(`
          CREATE TABLE logged_${i} (id bigint PRIMARY KEY);
          CREATE TRIGGER log ${kind} ON logged_${i} FOR EACH STATEMENT EXECUTE PROCEDURE log();`);
    }
    await created.subscribe();
    const [finding, ...others] = await look();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'FEEDS_UNKNOWN', severity: 'warn', count: 6 });
    expect(finding?.message.replace(/^.*not checked: /u, '')).toBe(
      `public.by_rule (its rule updates calls nextval), ${[0, 1, 2, 3].map((i) => `public.logged_${i} (its trigger log calls public.log)`).join(', ')} and 1 more`,
    );
  });

  it('names what a partition alone has', async () => {
    const { created, session, look } = await databases();
    const rowTriggers = Number(version) >= 13;
    for (const url of [created.primaryUrl, created.standbyUrl]) {
      const side = await session(url);
      await side.query(`
        CREATE SEQUENCE s;
        CREATE FUNCTION next_id() RETURNS bigint LANGUAGE sql AS $$SELECT nextval('s')$$;
        CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := nextval('s'); RETURN NEW; END$$;
        CREATE TABLE orders_by_year (id bigint DEFAULT next_id(), year int, no bigint) PARTITION BY LIST (year);
        ${rowTriggers ? 'CREATE TRIGGER above BEFORE INSERT ON orders_by_year FOR EACH ROW EXECUTE PROCEDURE fill();' : ''}
        CREATE TABLE same PARTITION OF orders_by_year FOR VALUES IN (1);
        CREATE TABLE with_trigger PARTITION OF orders_by_year FOR VALUES IN (2);
        CREATE TRIGGER own BEFORE INSERT ON with_trigger FOR EACH ROW EXECUTE PROCEDURE fill();
        CREATE TABLE with_default PARTITION OF orders_by_year FOR VALUES IN (3);
        ALTER TABLE with_default ALTER no SET DEFAULT nextval('s'::text);`);
    }
    const [finding] = (await look()).filter(({ code }) => code === 'FEEDS_UNKNOWN');
    expect(finding?.message.replace(/^.*not checked: /u, '')).toBe(
      (rowTriggers ? 'public.orders_by_year (its trigger above calls public.fill), ' : '') +
        'public.orders_by_year.id (its default calls public.next_id), ' +
        'public.with_default.no (its default computes the name of a sequence), ' +
        'public.with_trigger (its trigger own calls public.fill)',
    );
  });

  it('follows calls from function to function, and the rules of inserts and updates', async () => {
    const { created, session, look } = await databases();
    const isAtomic = Number(version) >= 14;
    for (const url of [created.primaryUrl, created.standbyUrl]) {
      const side = await session(url);
      await side.query(`
        CREATE SCHEMA "App"; CREATE SEQUENCE s;
        CREATE FUNCTION "App"."Next (""id"")"() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN nextval('s'); END$$;
        CREATE FUNCTION by_name() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN 1 + "App"."Next (""id"")" (); END$$;
        CREATE FUNCTION höher() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN circle(); END$$;
        CREATE FUNCTION circle() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN IF false THEN RETURN höher(); END IF; EXECUTE 'SELECT By_Name()'; RETURN 1; END$$;
        CREATE FUNCTION atomic() RETURNS bigint ${isAtomic ? 'BEGIN ATOMIC SELECT by_name(); END' : `LANGUAGE sql AS 'SELECT by_name()'`};
        CREATE FUNCTION by_argument(id bigint DEFAULT nextval('s')) RETURNS bigint LANGUAGE sql AS 'SELECT $1';
        CREATE FUNCTION no_circle() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN no_circle() + my_by_name() + length('by_name'); END$$;
        CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := Höher (); RETURN NEW; END$$;
        CREATE TABLE deep (id bigint PRIMARY KEY);
        CREATE TRIGGER fill BEFORE INSERT ON deep FOR EACH ROW EXECUTE PROCEDURE fill();
        CREATE TABLE wrapped (id bigint PRIMARY KEY DEFAULT atomic(), b bigint DEFAULT by_argument(), c bigint DEFAULT no_circle());
        CREATE VIEW by_rule AS SELECT * FROM wrapped;
        CREATE RULE "Insert" AS ON INSERT TO by_rule DO INSTEAD INSERT INTO wrapped (id) VALUES (nextval('s'));
        CREATE RULE calls AS ON INSERT TO by_rule DO ALSO INSERT INTO wrapped (id) VALUES (höher());
        CREATE RULE others AS ON UPDATE TO by_rule DO INSTEAD INSERT INTO wrapped (id) VALUES (höher());`);
    }
    await created.subscribe();
    const [finding, ...others] = await look();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'FEEDS_UNKNOWN', count: 4 });
    expect(finding?.message.replace(/^.*not checked: /u, '')).toBe(
      'public.by_rule (its rule "Insert" calls nextval; its rule calls calls public."höher", which calls public.circle; ' +
        'its rule others calls public."höher", which calls public.circle), ' +
        'public.deep (its trigger fill calls public.fill, which calls public."höher"), ' +
        'public.wrapped.b (its default calls public.by_argument), ' +
        'public.wrapped.id (its default calls public.atomic, which calls public.by_name)',
    );
    // The texts may be large: each of the eight functions that are reached is searched once.
    const standby = await session(created.standbyUrl);
    const { rows } = await standby.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${hiddenFeedsSql}`,
    );
    const nodes = rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan));
    const searches = nodes.filter((node) => node['Function Name'] === 'regexp_matches');
    expect(searches.reduce((sum, node) => sum + node['Actual Loops'], 0)).toBe(8);
  });

  it('names the triggers of the standby alone that assign values to columns with a sequence, and nothing else', async () => {
    const { created, session, look } = await databases();
    const [primary, standby] = [await session(created.primaryUrl), await session(created.standbyUrl)];
    const assigning = (name: string, body: string) =>
      `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ${body} RETURN NEW; END$$;`;
    const trigger = (name: string, on: string, table: string) =>
      `CREATE TRIGGER ${name} ${on} ON ${table} FOR EACH ROW EXECUTE PROCEDURE ${name}();`;
    for (const side of [primary, standby])
      await side.query(`
        CREATE TABLE shop (id bigserial PRIMARY KEY, "No" int GENERATED ALWAYS AS IDENTITY, note text, other bigint);
        CREATE TABLE parted (id bigserial, n int) PARTITION BY LIST (n);
        CREATE TABLE part PARTITION OF parted (PRIMARY KEY (id)) FOR VALUES IN (1);
        ${assigning('same', 'NEW.id := 7;')}
        ${trigger('same', 'BEFORE INSERT', 'shop')}
        ${trigger('same', 'BEFORE INSERT', Number(version) >= 13 ? 'parted' : 'part')}
        ${assigning('changed', '')}
        ${trigger('changed', 'BEFORE INSERT', 'shop')}`);
    await created.subscribe();
    expect(await look()).toEqual([]);

    await standby.query(`
      ${assigning('compares', `IF NEW.id = 1 OR NEW."No"=2 THEN /* ; NEW.id := 1 */ NEW.note := 'NEW.id'; END IF; -- NEW.id := 1\n`)}
      ${trigger('compares', 'BEFORE INSERT', 'shop')}
      ${assigning('keeps', 'NEW.id := OLD.id; NEW.other := 1; SELECT 1 INTO NEW.other WHERE NEW.id > 1;')}
      ${trigger('keeps', 'BEFORE INSERT OR UPDATE', 'shop')}
      ${assigning('later', 'NEW.id := 1;')}
      ${trigger('later', 'AFTER INSERT', 'shop')}
      ${trigger('later', 'BEFORE UPDATE', 'orders')}`);
    expect(await look()).toEqual([]);

    await standby.query(`
      ${assigning('changed', 'IF true THEN New . id = 1; END IF;')}
      ${assigning('"Re""number"', 'SELECT 1, 2 INTO STRICT NEW.note, NEW."No";')}
      ${trigger('"Re""number"', 'BEFORE INSERT OR UPDATE', 'shop')}
      ${trigger('changed', 'BEFORE INSERT', 'part')}`);
    const found = await look();
    expect(found).toMatchObject([{ code: 'FEEDS_UNKNOWN', severity: 'warn', count: 3 }]);
    expect(found[0]?.message).toMatch(
      / repeat keys: public\.part\.id \(its trigger changed calls public\.changed\), public\.shop\."No" \(its trigger "Re""number" calls public\."Re""number"\), public\.shop\.id \(its trigger changed calls public\.changed\)$/u,
    );
    const statements = (found[0]?.remedy ?? '').match(/ALTER TABLE [^;]*;/gu) ?? [];
    expect(statements).toHaveLength(3);
    await standby.query(statements.join(' '));
    expect(await look()).toEqual([]);
  });

  it('names a transaction that holds a table for itself, and its remedy ends it', async () => {
    const { created, session, look, lookAtActivity, follow } = await databases();
    await created.subscribe();
    const holder = await session(created.primaryUrl);
    // Its session is ended.
    holder.on('error', () => undefined);
    await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    const [finding, ...others] = await until(
      async () => {
        const findings = await lookAtActivity();
        return findings.length > 0 && findings;
      },
      { interval: 500, what: 'the transaction to be 10 seconds old' },
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'LONG_TRANSACTION', severity: 'warn' });
    expect(finding?.message).toMatch(
      /^on the primary the session \d+ of postgres has had a transaction open for \d+ seconds \(idle in transaction; it holds a table for itself\)/u,
    );
    expect(await follow(finding)).toBe(1);
    await until(async () => (await look()).length === 0, { what: 'the session to end' });
  });

  it('names a subscription whose slot was dropped, and its remedy makes it receive again', async () => {
    const { created, session, lookAtReplication, follow } = await databases();
    await created.subscribe();
    const { name } = created;
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    await primary.query('INSERT INTO orders VALUES (1)');
    await created.caughtUp();
    await standby.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
    await until(
      () =>
        primary.query('SELECT pg_drop_replication_slot($1)', [name]).then(
          () => true,
          () => false,
        ),
      { what: 'the slot to be dropped' },
    );
    await primary.query('INSERT INTO orders VALUES (2)');
    const findings = await lookAtReplication();
    const missing = findings.find(({ code }) => code === 'SLOT_MISSING');
    // Others receive from it, as from a standby that was promoted: nobody empties its tables by mistake.
    await standby.query(`SELECT pg_create_logical_replication_slot('${name}_back', 'pgoutput')`);
    await expect(follow(missing)).rejects.toThrow('it may be the primary');
    expect((await standby.query('SELECT FROM orders')).rowCount).toBe(1);
    await standby.query(`SELECT pg_drop_replication_slot('${name}_back')`);
    expect(await follow(missing)).toBe(3);
    await until(async () => (await standby.query('SELECT FROM orders')).rowCount === 2, {
      what: 'the rows to be copied',
    });
    await expect.poll(lookAtReplication).toEqual([]);
  });

  it('names a subscription that a promotion has left beside the one that works, and its remedy empties no table', async () => {
    const { created, session, lookAtReplication, follow } = await databases();
    await created.subscribe();
    const { name } = created;
    const primary = await session(created.primaryUrl);
    const standby = await session(created.standbyUrl);
    await standby.query(
      `CREATE SUBSCRIPTION ${name}_old CONNECTION '' PUBLICATION ${name} WITH (connect = false, enabled = false, slot_name = NONE)`,
    );
    await primary.query('INSERT INTO orders VALUES (1)');
    await created.caughtUp();
    const [left, ...others] = await lookAtReplication();
    expect(others).toEqual([]);
    expect(left).toMatchObject({ code: 'SLOT_MISSING', subject: `${name}_old` });
    expect(await follow(left)).toBe(4);
    expect((await standby.query('SELECT FROM orders')).rowCount).toBe(1);
    expect(await lookAtReplication()).toEqual([]);
  });

  it('says how far the standby lags, and its remedy shows which session holds it up', async () => {
    const { created, session, lookAtReplication, follow } = await databases();
    await created.subscribe();
    const primary = await session(created.primaryUrl);
    const holder = await session(created.standbyUrl);
    await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    // Each is too small to be streamed before its commit.
    for (let part = 0; part < 4; part += 1)
      await primary.query('INSERT INTO orders SELECT g FROM generate_series($1::int, $1 + 99999) g', [
        part * 100_000,
      ]);
    const lag = await until(
      async () => (await lookAtReplication()).find(({ code }) => code === 'SUBSCRIPTION_LAG'),
      { interval: 500, what: 'the lag to be seen' },
    );
    expect(await follow(lag)).toBe(2);
    const standby = await session(created.standbyUrl);
    const [, shows = ''] = /on the standby: (.*;)$/su.exec(lag.remedy) ?? [];
    await until(
      async () => {
        const { rows } = await standby.query<{ pg_blocking_pids: number[] }>(shows);
        return rows.some((row) => row.pg_blocking_pids.length === 1);
      },
      { what: 'the apply worker to wait for the lock' },
    );
    await holder.query('ROLLBACK');
    await created.caughtUp();
    expect(await lookAtReplication()).toEqual([]);
  });

  it.skipIf(Number(version) < 13)(
    'names a slot that may lose WAL, and one that has lost it, and the remedies help',
    async () => {
      const { created, session, open, look, follow } = await databases();
      const { name, primaryUrl, standbyUrl } = created;
      await created.subscribe();
      const primary = await session(primaryUrl);
      const standby = await session(standbyUrl);
      const limit = async (size: string) => {
        await primary.query(`ALTER SYSTEM SET max_slot_wal_keep_size = '${size}'`);
        await primary.query('SELECT pg_reload_conf()');
      };
      onTestFinished(async () => {
        const admin = new Client(primaryUrl);
        await admin.connect();
        await admin.query('ALTER SYSTEM RESET max_slot_wal_keep_size');
        await admin.query('SELECT pg_reload_conf()');
        await admin.end();
      });
      /** The standby is away while the primary writes five segments of WAL. */
      const fallBehind = async (id: number) => {
        await standby.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
        const isActive = 'SELECT FROM pg_replication_slots WHERE active AND slot_name = $1';
        await until(async () => (await primary.query(isActive, [name])).rowCount === 0, {
          what: 'the walsender to end',
        });
        await primary.query('INSERT INTO orders VALUES ($1)', [id]);
        for (let segment = 0; segment < 5; segment += 1) {
          await primary.query("SELECT pg_logical_emit_message(false, 'test', 'a record in each segment')");
          await primary.query('SELECT pg_switch_wal()');
        }
      };
      const rows = async () => (await standby.query('SELECT FROM orders')).rowCount;

      await limit('16MB');
      await fallBehind(1);
      const [unreserved, ...others] = await look();
      expect(others).toEqual([]);
      expect(unreserved).toMatchObject({ code: 'SLOT_UNRESERVED', severity: 'warn' });
      expect(unreserved?.message).toMatch(
        new RegExp(`^the slot ${name} of the standby's subscription is unreserved`, 'u'),
      );
      expect(await follow(unreserved)).toBe(2);
      await standby.query(`ALTER SUBSCRIPTION ${name} ENABLE`);
      await created.caughtUp();
      // Each process of the server hears of the setting by itself.
      await expect.poll(look).toEqual([]);
      expect(await rows()).toBe(1);

      await limit('16MB');
      await fallBehind(2);
      const [lost, ...more] = await until(
        async () => {
          await primary.query('CHECKPOINT');
          const findings = await look();
          return findings.some(({ code }) => code === 'SLOT_LOST') && findings;
        },
        { what: 'the slot to be lost' },
      );
      expect(more).toEqual([]);
      expect(lost).toMatchObject({ code: 'SLOT_LOST', severity: 'block' });
      // Nobody waits for it.
      const endpoint = open('primary', primaryUrl);
      const position = await readWalPosition(endpoint, null);
      expect(
        await awaitConfirmedFlush(endpoint, null, [name], position, { timeoutMs: 60_000 }),
      ).toMatchObject([{ slot: name, state: 'lost' }]);
      expect(await follow(lost)).toBe(6);
      await until(async () => (await rows()) === 2, { what: 'the rows to be copied' });
      await expect.poll(look).toEqual([]);
    },
  );

  it.skipIf(Number(version) < 18)(
    'names a slot that was lost because it was idle, and its remedy keeps that from happening again',
    async () => {
      const { created, session, look, follow } = await databases();
      const { name } = created;
      await created.subscribe();
      const primary = await session(created.primaryUrl);
      const standby = await session(created.standbyUrl);
      await standby.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
      await primary.query("ALTER SYSTEM SET idle_replication_slot_timeout = '1s'");
      onTestFinished(async () => {
        const admin = new Client(created.primaryUrl);
        await admin.connect();
        await admin.query('ALTER SYSTEM RESET idle_replication_slot_timeout');
        await admin.query('SELECT pg_reload_conf()');
        await admin.end();
      });
      await primary.query('SELECT pg_reload_conf()');
      const lost = await until(
        async () => {
          await primary.query('CHECKPOINT');
          return (await look()).find(({ code }) => code === 'SLOT_LOST');
        },
        { interval: 500, what: 'the slot to be lost' },
      );
      expect(lost.message).toContain(`the slot ${name} of the standby's subscription is lost (idle_timeout)`);
      expect(await follow(lost)).toBe(6);
      await until(async () => (await look()).length === 0, { what: 'the new slot' });
      const { rows } = await primary.query<{ value: string }>(
        "SELECT current_setting('idle_replication_slot_timeout') AS value",
      );
      expect(rows).toEqual([{ value: '0' }]);
    },
  );
});
