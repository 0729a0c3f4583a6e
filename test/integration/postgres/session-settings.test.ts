import { describe, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { openLedger } from '../../../src/ledger/open-ledger.js';
import { CatalogMemory } from '../../../src/postgres/sequences/catalog-memory.js';
import { readDefinitions } from '../../../src/postgres/sequences/read-definitions.js';
import type { RecordInput } from '../../../src/steps/page-steps.js';
import { type TestServer, oldestAndNewest } from './database.js';
import { eachWithTwoSides } from './each-test.js';
import type { TwoSides } from './two-sides.js';

/** Each may be set for a database or a role, and would change or end what a session does that relies on the default. */
const settings = [
  'array_nulls = off',
  'standard_conforming_strings = off',
  'backslash_quote = off',
  'transform_null_equals = on',
  'quote_all_identifiers = on',
  'search_path = evil, pg_catalog',
  'default_transaction_isolation = serializable',
  'default_transaction_read_only = on',
  'default_transaction_deferrable = on',
  'bytea_output = escape',
  "DateStyle = 'SQL, DMY'",
  'client_encoding = LATIN1',
  'row_security = off',
  'synchronous_commit = off',
  "idle_in_transaction_session_timeout = '100ms'",
  "statement_timeout = '5s'",
  'lock_timeout = 1',
  'enable_nestloop = off',
  'enable_indexscan = off',
];

const schema = `
  CREATE SCHEMA evil; CREATE TABLE evil.pg_sequence (a int); CREATE TABLE evil.pg_class (a int);
  CREATE FUNCTION evil.setval(regclass, bigint, boolean) RETURNS bigint LANGUAGE sql AS 'SELECT 666::bigint';
  CREATE TABLE orders (id serial PRIMARY KEY, "back\\slash'quote" bigint GENERATED ALWAYS AS IDENTITY (INCREMENT 7 START 3) UNIQUE);
  CREATE SEQUENCE "9f1c-4e\\2'""x" INCREMENT -5 MINVALUE -1000000 MAXVALUE 50 START 50;
  CREATE TABLE parts (id bigserial, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
  CREATE TABLE p1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF parts FOR VALUES IN (2);
  CREATE SEQUENCE shared; CREATE TABLE s1 (id bigint PRIMARY KEY DEFAULT nextval('shared'));
  CREATE TABLE s2 (id int PRIMARY KEY DEFAULT nextval('shared'))`;

describe.each(oldestAndNewest)('on PostgreSQL $version, whatever is set for a database,', (version) => {
  let sides: TwoSides;
  let server: TestServer;
  eachWithTwoSides(version, (made, on) => {
    sides = made;
    server = on;
  });

  async function set(...assignments: string[]): Promise<void> {
    for (const side of [sides.primary, sides.standby]) {
      const [row] = await side.sql<{ name: string }>('SELECT current_database() AS name');
      for (const one of assignments) await side.sql(`ALTER DATABASE "${row?.name ?? ''}" SET ${one}`);
    }
  }

  it('sequences are read, set and recorded as ever', async (test) => {
    if (Number(version.version) < 11)
      test.skip('partitioned tables have no primary keys before PostgreSQL 11');
    await sides.sql(schema);
    await sides.primary
      .sql(`INSERT INTO orders DEFAULT VALUES; INSERT INTO parts (k) SELECT 1 + g % 2 FROM generate_series(1, 20) g;
      INSERT INTO s1 DEFAULT VALUES; INSERT INTO s2 DEFAULT VALUES`);
    // PostgreSQL 19 refuses to turn it off.
    const unsettable = Number(version.version) < 19 ? '' : 'standard_conforming_strings = off';
    await set(...settings.filter((one) => one !== unsettable));
    const { rows, findings } = await sides.plan();
    expect(findings).toEqual([]);
    expect(rows.map(({ sequence, target }) => [sequence, target])).toEqual([
      [`public."9f1c-4e\\2'""x"`, '-450'],
      [`public."orders_back\\slash'quote_seq"`, '710'],
      ['public.orders_id_seq', '102'],
      ['public.parts_id_seq', '121'],
      ['public.shared', '103'],
    ]);
    expect(await sides.apply(rows)).toEqual([]);
    const again = await sides.plan();
    expect(again.rows.map(({ outcome, standbyNext }) => [outcome, standbyNext])).toEqual(
      rows.map(({ target }) => ['kept', target]),
    );
    const ledger = openLedger(await sides.standby.endpoint());
    const identity = { pair: 'p', primary: sides.primary.identity, standby: sides.standby.identity };
    const names = rows.map(({ sequence }) => sequence);
    const primary = await sides.primary.endpoint({ side: 'primary' });
    const definitions = await readDefinitions(primary, identity.primary, names, new CatalogMemory());
    const input: RecordInput = {
      ...{ identity, round: 1, primaryReadAt: new Date().toISOString() },
      run: {
        ...{ workflowId: 'w', runId: 'r', mode: 'sync', requestedBy: null, ticket: null, calls: null },
        ...{ startedAt: new Date().toISOString(), buffer: { calls: '100' } },
      },
      // Nulls, too.
      rows: rows.map((row) => ({ ...row, buffer: null, reason: null })),
    };
    expect(await ledger.record(input, definitions)).toEqual({ recorded: 5, unavailable: null });
    const recorded = await ledger.definitions(identity, names);
    expect([...recorded.values()]).toEqual([
      { definition: 'INCREMENT BY -5 MINVALUE -1000000 MAXVALUE 50', feeds: [], defaults: {} },
      {
        definition: 'INCREMENT BY 7 START WITH 3',
        feeds: [`public.orders."back\\slash'quote"`],
        defaults: {},
      },
      { definition: 'AS integer', feeds: ['public.orders.id'], defaults: {} },
      { definition: '', feeds: ['public.parts.id'], defaults: {} },
      { definition: '', feeds: ['public.s1.id', 'public.s2.id'], defaults: {} },
    ]);
    const evidence = await ledger.evidence(identity, names);
    expect([...evidence.values()].map(({ readings }) => readings.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('a statement lasts as long as it needs', async () => {
    await set("statement_timeout = '1s'");
    const endpoint = await sides.standby.endpoint();
    const { identity: expected } = sides.standby;
    const slow = ['SELECT 1 AS one', 'SELECT 2 AS two FROM pg_sleep(1.2)'];
    const all = [[{ one: 1 }], [{ two: 2 }]];
    for (let time = 0; time < 2; time += 1)
      expect(await endpoint.read({ expected, locks: 1 }, slow)).toEqual(all);
    const options = { access: 'read only', expected, locks: 1, first: slow } as const;
    expect(await endpoint.transaction(options, (_query, first) => Promise.resolve(first))).toEqual(all);
  });

  it('the first query of a session waits for a lock as long as any other', async () => {
    await set("statement_timeout = '2s'", "lock_timeout = '5ms'");
    const holder = await sides.standby.session();
    await holder.query('SET statement_timeout = 0; SET lock_timeout = 0');
    const endpoint = await sides.standby.endpoint();
    // The endpoint knows the server now, so that BEGIN has no shorter timeout than the other statements.
    const options = { expected: sides.standby.identity, locks: 0, lockTimeoutMs: 30_000 };
    await endpoint.read(options, []);
    // A new session has to look up each function that it calls.
    await holder.query('BEGIN; LOCK TABLE pg_proc IN ACCESS EXCLUSIVE MODE');
    const read = endpoint.read({ ...options, byNewConnection: true }, ['SELECT 1 AS one']);
    const over = read.then(
      () => true,
      () => true,
    );
    const waits = async () => {
      // Within a transaction, pg_stat_activity stays as it was first read.
      await holder.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await holder.query(
        `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE NOT granted AND relation = 'pg_proc'::regclass AND application_name = 'sequence-failover'`,
      );
      return rows.length > 0;
    };
    await until(async () => (await waits()) || Promise.race([over, Promise.resolve(false)]), {
      what: 'it to wait',
    });
    await holder.query('SELECT pg_sleep(2.5)');
    await holder.query('COMMIT');
    expect(await read).toEqual([[{ one: 1 }]]);
  });

  it('a transaction lasts as long as its statements need', async (test) => {
    if (Number(version.version) < 17) test.skip('transaction_timeout came with PostgreSQL 17');
    await set("transaction_timeout = '1s'");
    const endpoint = await sides.standby.endpoint();
    const rows = await endpoint.transaction(
      { access: 'read only', expected: sides.standby.identity, locks: 0 },
      async (query) => {
        await query('SELECT pg_sleep(1.2)');
        return query('SELECT 1 AS one');
      },
    );
    expect(rows).toEqual([{ one: 1 }]);
  });

  it('a session that the server ended meanwhile is opened again', async (test) => {
    if (Number(version.version) < 14) test.skip('idle_session_timeout came with PostgreSQL 14');
    // Longer than any pause between the connection and its first query.
    await set("idle_session_timeout = '6s'");
    const endpoint = await sides.standby.endpoint();
    const read = () => endpoint.read({ expected: sides.standby.identity, locks: 0 }, ['SELECT 1 AS one']);
    await read();
    await expect
      .poll(() =>
        sides.standby.sql(
          `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        ),
      )
      .toEqual([]);
    expect(await read()).toEqual([[{ one: 1 }]]);
  });

  it.each(['LATIN1', 'EUC_JP', 'UTF8', 'SQL_ASCII'])(
    'definitions are found by their names in %s',
    async (encoding) => {
      // From 17 on the servers of the tests have a provider of their own, for UTF8 alone.
      const provider = Number(version.version) < 15 ? '' : 'LOCALE_PROVIDER libc';
      const database = await server.database(
        `TEMPLATE template0 ENCODING '${encoding}' ${provider} LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
      try {
        const name = encoding === 'EUC_JP' ? '注文' : 'größe';
        await database.sql(`CREATE SEQUENCE "${name}" INCREMENT 4; CREATE SEQUENCE plain AS smallint`);
        const endpoint = await database.endpoint();
        const names = [`public."${name}"`, 'public.plain', 'public."Ω"', 'public.none'];
        expect(await readDefinitions(endpoint, database.identity, names, new CatalogMemory())).toEqual(
          new Map([
            ['public.plain', { definition: 'AS smallint', feeds: [], defaults: {} }],
            [`public."${name}"`, { definition: 'INCREMENT BY 4', feeds: [], defaults: {} }],
          ]),
        );
      } finally {
        await database.drop();
      }
    },
  );
});
