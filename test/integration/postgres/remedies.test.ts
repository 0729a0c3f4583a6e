import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { describe, expect, it } from 'vitest';
import { foldFindings } from '../../../src/findings/fold-findings.js';
import type { Mode } from '../../../src/contract/modes.js';
import type { Finding } from '../../../src/contract/status.js';
import type { Policy } from '../../../src/steps/identity.js';
import { readOnlyByDefault, unmatchedPattern } from '../../../src/planning/pair/readiness-findings.js';
import { missingSequencePrivileges } from '../../../src/planning/promotion/sequence-privileges.js';
import { runSynchronously } from '../../../src/concurrency/run-synchronously.js';
import { unmatchedPatterns } from '../../../src/sequences/selection.js';
import { replicationFindings } from '../../../src/planning/pair/replication-findings.js';
import { subscriptionsGone } from '../../../src/planning/pair/subscriptions-gone.js';
import { readSide } from '../../../src/postgres/server/read-side.js';
import { type TestServer, versions } from './database.js';
import { eachWithTwoSides } from './each-test.js';
import { paste } from './paste.js';
import { TwoSides } from './two-sides.js';

const isBlock = ({ severity }: Finding) => severity === 'block';

describe.each(versions)('a remedy, followed word for word on PostgreSQL $version,', (version) => {
  let server: TestServer;
  let sides: TwoSides;
  eachWithTwoSides(version, (made, on) => {
    sides = made;
    server = on;
  });

  /** Code and sequence of each. */
  const named = (findings: readonly Finding[]) =>
    findings
      .filter(({ code }) => code !== 'DATA_NOT_CHECKED')
      .map(({ code, sequence }) => `${code} ${String(sequence)}`)
      .sort();

  /**
   * Plans, follows each remedy, plans again, and sees that nothing is left; then sets what was planned.
   *
   * @returns the findings of the first time
   */
  async function follow(policy: Partial<Policy> = {}): Promise<string[]> {
    const first = await sides.plan(policy);
    for (const finding of foldFindings(first.findings)) await sides.follow(finding);
    const second = await sides.plan(policy);
    expect(second.findings).toEqual([]);
    expect(second.rows.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    await sides.apply(second.rows);
    return named(first.findings);
  }

  const insert = (statement: string) => sides.standby.sql<{ id: string }>(`${statement} RETURNING id::text`);

  it('makes a missing sequence, complete, for a role that may do nothing', async () => {
    await sides.primary.sql(`
      CREATE SCHEMA "My shop";
      CREATE TABLE "My shop"."Orders" (id serial PRIMARY KEY, "no" text DEFAULT 'x');
      CREATE SEQUENCE "My shop".numbers AS smallint INCREMENT -2 MINVALUE -500 MAXVALUE 7 START 5 CACHE 3 CYCLE;
      ALTER TABLE "My shop"."Orders" ALTER "no" SET DEFAULT 'ORD-' || nextval('"My shop".numbers');
      CREATE SCHEMA other; CREATE SEQUENCE other.alone;
      INSERT INTO "My shop"."Orders" SELECT FROM generate_series(1, 30)`);
    await sides.standby.sql(`
      CREATE SCHEMA "My shop"; CREATE TABLE "My shop"."Orders" (id int PRIMARY KEY, "no" text);
      INSERT INTO "My shop"."Orders" SELECT g, 'x' FROM generate_series(1, 30) g`);
    const roles = await sides.asLimitedRoles();
    await sides.primary.sql(`
      GRANT USAGE ON SCHEMA "My shop", other TO "${roles.primary}"; GRANT SELECT ON ALL TABLES IN SCHEMA "My shop" TO "${roles.primary}";
      GRANT SELECT ON ALL SEQUENCES IN SCHEMA "My shop" TO "${roles.primary}"; GRANT SELECT ON ALL SEQUENCES IN SCHEMA other TO "${roles.primary}"`);
    const first = await sides.plan();
    expect(named(first.findings)).toEqual([
      'MISSING_ON_STANDBY "My shop"."Orders_id_seq"',
      'MISSING_ON_STANDBY "My shop".numbers',
      'MISSING_ON_STANDBY other.alone',
    ]);
    for (const finding of first.findings) await sides.follow(finding);
    const second = await sides.plan();
    // Those stand on the primary too.
    expect(
      named(second.findings).filter(
        (name) => !/^(?:CYCLES|CACHED|BUFFER_REDUCED|DATA_NOT_CHECKED) /u.test(name),
      ),
    ).toEqual([]);
    await sides.apply(second.rows);
    const definitions = (side: TwoSides['primary']) =>
      side.sql(
        `SELECT seqrelid::regclass::text AS name, seqtypid::regtype::text, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle
         FROM pg_sequence ORDER BY 1`,
      );
    expect(await definitions(sides.standby)).toEqual(await definitions(sides.primary));
    expect(await insert('INSERT INTO "My shop"."Orders" DEFAULT VALUES')).toEqual([{ id: '131' }]);
    const [row] = await sides.standby.sql<{ no: string }>(
      'SELECT "no" FROM "My shop"."Orders" WHERE id = 131',
    );
    expect(row?.no).toMatch(/^ORD--\d+$/u);
  });

  it('makes a missing sequence that the role may not read on the primary either, in one round', async () => {
    await sides.sql('CREATE TABLE t (id int PRIMARY KEY)');
    const roles = await sides.asLimitedRoles();
    await sides.primary.sql(`
      REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO "${roles.primary}";
      CREATE SEQUENCE numbers OWNED BY t.id; ALTER TABLE t ALTER id SET DEFAULT nextval('numbers'); SELECT setval('numbers', 50)`);
    expect(await follow()).toEqual(['MISSING_ON_STANDBY public.numbers', 'NO_READ_PRIVILEGE public.numbers']);
  });

  it.each(['bigserial', 'bigint GENERATED ALWAYS AS IDENTITY'])(
    'makes the table of a missing sequence first, so that they belong together: %s',
    async (type) => {
      const role = `App ${randomBytes(4).toString('hex')}`;
      const app = escapeIdentifier(role);
      for (const side of [sides.primary, sides.standby])
        await side.sql(`DO $$ BEGIN CREATE ROLE ${app}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
      const table = `CREATE TABLE shop."Orders" (id ${type} PRIMARY KEY, t int); ALTER TABLE shop."Orders" OWNER TO ${app}`;
      await sides.primary.sql(
        `CREATE SCHEMA shop AUTHORIZATION ${app}; ${table}; INSERT INTO shop."Orders" SELECT FROM generate_series(1, 30)`,
      );
      const roles = await sides.asLimitedRoles();
      await sides.primary.sql(`
        GRANT USAGE ON SCHEMA shop TO "${roles.primary}"; GRANT SELECT ON ALL SEQUENCES IN SCHEMA shop TO "${roles.primary}";
        GRANT SELECT ON ALL TABLES IN SCHEMA shop TO "${roles.primary}"`);
      const [finding, ...others] = (await sides.plan()).findings;
      expect(named(finding === undefined ? [] : [finding, ...others])).toEqual([
        'MISSING_ON_STANDBY shop."Orders_id_seq"',
      ]);
      const { message = '', remedy = '' } = finding ?? {};
      expect(message).toContain('nor its column shop."Orders".id');
      expect(remedy).toContain(`pg_dump --schema-only --table='shop."Orders"'`);
      // What a person does word for word: the schema, the table as on the primary, then the grants.
      const before = /CREATE SCHEMA .*?;(?= create the column)/u.exec(remedy)?.[0] ?? '';
      const after = /then on the standby: (.*)$/u.exec(remedy)?.[1] ?? '';
      for (const statements of [before, table, after]) await sides.standby.sql(statements);
      // The application owns the schema there too, and may use it.
      expect(
        await sides.standby.sql(
          `SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = 'shop'`,
        ),
      ).toEqual([{ owner: role }]);
      const second = await sides.plan();
      expect(second.findings).toEqual([]);
      await sides.apply(second.rows);
      expect(await insert('INSERT INTO shop."Orders" DEFAULT VALUES')).toEqual([{ id: '131' }]);
    },
  );

  it.each([
    ['default', 'serial', ''],
    ['identity', 'int GENERATED ALWAYS AS IDENTITY', ''],
    ['default, while the sequence is there', 'serial', 'CREATE SEQUENCE orders_id_seq1'],
    [
      'identity, while the sequence is there',
      'int GENERATED BY DEFAULT AS IDENTITY',
      'CREATE SEQUENCE orders_id_seq1',
    ],
  ])('lets a column take its values from where the primary does: %s', async (_, type, more) => {
    await sides.primary.sql(`
      CREATE SEQUENCE orders_id_seq1 AS int; CREATE TABLE orders (id int PRIMARY KEY DEFAULT nextval('orders_id_seq1'));
      INSERT INTO orders SELECT FROM generate_series(1, 100)`);
    await sides.standby.sql(`
      CREATE TABLE orders (id ${type} PRIMARY KEY); ${more};
      INSERT INTO orders OVERRIDING SYSTEM VALUE SELECT generate_series(1, 100)`);
    expect(await follow()).toEqual([
      `${more === '' ? 'MISSING_ON_STANDBY' : 'FEEDS_DIFFER'} public.orders_id_seq1`,
      // The rows that came from elsewhere tell as well.
      'SKIPPED_BEHIND_DATA public.orders_id_seq',
    ]);
    expect(await insert('INSERT INTO orders DEFAULT VALUES')).toEqual([{ id: '201' }]);
  });

  it('lets a column take its values from where the primary does: both sides have both sequences', async () => {
    await sides.sql(
      'CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE TABLE t (id bigint PRIMARY KEY); CREATE TABLE u (id bigint PRIMARY KEY)',
    );
    await sides.primary.sql(
      "ALTER TABLE t ALTER id SET DEFAULT nextval('a'); ALTER TABLE u ALTER id SET DEFAULT nextval('b')",
    );
    await sides.standby.sql(
      "ALTER TABLE t ALTER id SET DEFAULT nextval('b'); ALTER TABLE u ALTER id SET DEFAULT nextval('a')",
    );
    await sides.primary.sql('INSERT INTO t SELECT FROM generate_series(1, 50)');
    expect(await follow()).toEqual([
      ...['FEEDS_DIFFER public.a', 'FEEDS_DIFFER public.a', 'FEEDS_DIFFER public.b', 'FEEDS_DIFFER public.b'],
    ]);
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
  });

  it.each([
    ['hides its sequence', "CREATE SEQUENCE a; ALTER TABLE t ALTER id SET DEFAULT nextval('a'::text)"],
    [
      'calls a function',
      `CREATE FUNCTION next_id() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('t_id_seq') $$; ALTER TABLE t ALTER id SET DEFAULT next_id()`,
    ],
    ['changes the values', "ALTER TABLE t ALTER id SET DEFAULT nextval('t_id_seq') - 20"],
    ['is a constant', 'ALTER TABLE t ALTER id SET DEFAULT 0'],
  ])('lets a column take its values from where the primary does: its default %s', async (_, change) => {
    await sides.sql('CREATE TABLE t (id bigserial PRIMARY KEY)');
    await sides.standby.sql(change);
    await sides.primary.sql('INSERT INTO t SELECT FROM generate_series(1, 50)');
    await sides.standby.sql('INSERT INTO t SELECT generate_series(1, 50)');
    const { findings } = await sides.plan();
    const differing = findings.filter(({ code }) => code === 'FEEDS_DIFFER');
    expect(named(differing)).toEqual(['FEEDS_DIFFER public.t_id_seq']);
    for (const finding of differing) await sides.follow(finding);
    expect(await follow()).toEqual([]);
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
  });

  it.each([
    ['changes the values', "nextval('t_id_seq') * 10", 'public.t.id'],
    ['adds a prefix', "'ORD-' || nextval('t_id_seq')", 'public.t.no'],
  ])('gives a column the default of the primary, which %s', async (_, value, column) => {
    await sides.sql(
      "CREATE TABLE t (id bigserial PRIMARY KEY, no text); ALTER TABLE t ALTER no SET DEFAULT nextval('t_id_seq')",
    );
    await sides.primary.sql(`ALTER TABLE ${column.replace(/\.(?=[^.]*$)/u, ' ALTER ')} SET DEFAULT ${value}`);
    const differing = (await sides.plan()).findings.filter(({ code }) => code === 'FEEDS_DIFFER');
    expect(differing.map(({ message }) => message)).toEqual([
      `${column} takes its values from an expression with public.t_id_seq that may change them on the primary, but from public.t_id_seq on the standby`,
    ]);
    for (const finding of differing) await sides.follow(finding);
    const [onPrimary, onStandby] = await Promise.all(
      [sides.primary, sides.standby].map((side) =>
        side.sql('SELECT pg_get_expr(adbin, 0) FROM pg_attrdef ORDER BY adnum'),
      ),
    );
    expect(onStandby).toEqual(onPrimary);
    expect(named((await sides.plan()).findings)).not.toContain('FEEDS_DIFFER public.t_id_seq');
  });

  it.each([
    [
      'the column by an expression',
      't.id',
      "nextval('t_id_seq') * 10",
      "ALTER TABLE u ALTER no SET DEFAULT nextval('t_id_seq')",
    ],
    ['another column', 'u.no', "nextval('t_id_seq')", ''],
  ])(
    'keeps the sequence of an IDENTITY column that feeds %s on the primary',
    async (_, column, value, more) => {
      await sides.sql('CREATE SEQUENCE shared; CREATE TABLE u (id bigint PRIMARY KEY, no bigint)');
      await sides.primary.sql(`
      CREATE SEQUENCE t_id_seq START 7; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('shared'));
      ALTER TABLE ${column.replace('.', ' ALTER ')} SET DEFAULT ${value}; ${more};
      SELECT setval('t_id_seq', 50), setval('shared', 70)`);
      await sides.standby.sql(`
      CREATE TABLE t (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY); ${more};
      SELECT setval('t_id_seq', 30)`);
      const role = await sides.primary.role();
      await sides.primary.sql(`GRANT USAGE ON SEQUENCE t_id_seq TO "${role}"`);
      const { findings } = await sides.plan();
      const differing = findings.filter(({ code }) => code === 'FEEDS_DIFFER');
      // One finding for the IDENTITY column, although two sequences differ.
      expect(named(differing).filter((name) => name.endsWith('shared'))).toEqual([]);
      for (const finding of differing) {
        expect(finding.remedy).not.toContain('CREATE SCHEMA');
        await sides.follow(finding);
      }
      expect(await sides.standby.sql('SELECT last_value, is_called FROM t_id_seq')).toEqual([
        { last_value: '30', is_called: true },
      ]);
      const second = await sides.plan();
      expect(named(second.findings).join()).not.toMatch(/FEEDS_DIFFER|MISSING_ON_STANDBY/u);
      await sides.apply(second.rows);
      const defaults = `SELECT attrelid::regclass || '.' || attname AS at, pg_get_expr(adbin, adrelid) AS is
      FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum ORDER BY 1`;
      expect(await sides.standby.sql(defaults)).toEqual(await sides.primary.sql(defaults));
      expect(await sides.standby.sql("SELECT nextval('t_id_seq'), nextval('shared') AS shared")).toEqual([
        { nextval: '151', shared: '171' },
      ]);
      const grants =
        "SELECT relname, relacl::text LIKE '%Role of%=U/%' AS granted FROM pg_class WHERE relkind = 'S' ORDER BY 1";
      expect(await sides.standby.sql(grants)).toEqual(await sides.primary.sql(grants));
    },
  );

  it.each([
    ['which the standby lacks', '', 'MISSING_ON_STANDBY public.ids'],
    ['which both have', 'CREATE SEQUENCE ids', 'STANDBY_ONLY_FEEDS public.t_id_seq'],
  ])(
    'gives a replicated IDENTITY column the sequence of the primary, %s, with one finding',
    async (_, more, finding) => {
      await sides.primary.sql(`
        CREATE SEQUENCE ids; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('ids'));
        INSERT INTO t SELECT FROM generate_series(1, 50)`);
      await sides.standby.sql(`CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY); ${more}`);
      await sides.subscribe('t');
      expect(await follow()).toEqual([finding]);
      expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
    },
  );

  it.each([
    ['which the standby lacks', '', '', false],
    ['which the standby lacks', '', '', true],
    ['which both have', 'CREATE SEQUENCE ids', '', false],
    ['which both have', 'CREATE SEQUENCE ids', '', true],
    ['with that of the IDENTITY', 'CREATE SEQUENCE ids', 'CREATE SEQUENCE t_id_seq', false],
    ['with that of the IDENTITY', 'CREATE SEQUENCE ids', 'CREATE SEQUENCE t_id_seq', true],
  ])(
    'gives an IDENTITY column the sequence of the primary, %s, also if the two are on different pages',
    async (_, more, onPrimary, isReversed) => {
      await sides.primary.sql(`
        CREATE SEQUENCE ids; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('ids')); ${onPrimary};
        INSERT INTO t SELECT FROM generate_series(1, 50)`);
      await sides.standby.sql(`CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY); ${more}`);
      await sides.subscribe('t');
      const middle: [string, string] = ['public', 'm'];
      const pages = await Promise.all([
        sides.plan({}, { after: null, upTo: middle }),
        sides.plan({}, { after: middle, upTo: null }),
      ]);
      const findings = pages.flatMap((page) => page.findings).filter(isBlock);
      expect(findings).toHaveLength(2);
      // One of the two may refer to the other.
      const own = findings.filter(({ remedy }) => !remedy.includes('follow the remedy of'));
      for (const finding of isReversed ? own.reverse() : own) await sides.follow(finding);
      expect(await follow()).toEqual([]);
      expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
    },
  );

  it('leaves a column alone whose default is wrapped so that the values stay as they are', async () => {
    await sides.sql('CREATE TABLE t (id bigserial PRIMARY KEY)');
    await sides.standby.sql("ALTER TABLE t ALTER id SET DEFAULT COALESCE(nextval('t_id_seq'), 0)");
    expect(await follow()).toEqual([]);
  });

  it('leaves a column alone whose values both sides change', async () => {
    await sides.sql('CREATE TABLE t (id bigserial PRIMARY KEY)');
    await sides.primary.sql("ALTER TABLE t ALTER id SET DEFAULT nextval('t_id_seq') * 10");
    await sides.standby.sql("ALTER TABLE t ALTER id SET DEFAULT 10 * nextval('t_id_seq')");
    expect(named((await sides.plan()).findings)).toEqual(['LIMIT_NOT_COMPUTED public.t_id_seq']);
  });

  it('leaves a column alone that both sides number by another sequence than the one that it owns', async () => {
    await sides.sql(
      `CREATE TABLE t (id serial PRIMARY KEY); CREATE SEQUENCE t_big; ALTER TABLE t ALTER id SET DEFAULT nextval('t_big');
       CREATE TABLE u (id int PRIMARY KEY); CREATE SEQUENCE by_trigger OWNED BY u.id`,
    );
    expect(await follow()).toEqual([]);
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '101' }]);
  });

  it('gives a column the whole default of the primary', async () => {
    await sides.sql('CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE TABLE t (no text)');
    await sides.primary.sql("ALTER TABLE t ALTER no SET DEFAULT 'X-' || nextval('a')");
    await sides.standby.sql("ALTER TABLE t ALTER no SET DEFAULT 'X-' || nextval('b')");
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual(['FEEDS_DIFFER public.a', 'FEEDS_DIFFER public.b']);
    for (const finding of findings.filter(({ code }) => code === 'FEEDS_DIFFER')) await sides.follow(finding);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING no')).toEqual([{ no: 'X-1' }]);
  });

  it('gives a sequence with a phase of its own more values', async () => {
    await sides.primary.sql(
      'CREATE SEQUENCE s AS smallint INCREMENT 100 START 67; SELECT setval($$s$$, 32667)',
    );
    await sides.standby.sql('CREATE SEQUENCE s AS smallint INCREMENT 100 START 68; SELECT nextval($$s$$)');
    const { findings } = await sides.plan();
    expect(named(findings)).toContain('EXHAUSTED public.s');
    for (const finding of findings.filter(({ severity }) => severity === 'block'))
      await sides.follow(finding);
    expect(named((await sides.plan()).findings)).not.toContain('EXHAUSTED public.s');
  });

  it('lets a sequence with CYCLE begin again, which has reached its end on the standby', async () => {
    await sides.sql('CREATE SEQUENCE shard MAXVALUE 4 CYCLE');
    await sides.primary.sql("SELECT setval('shard', 2)");
    await sides.standby.sql("SELECT setval('shard', 4)");
    const { findings } = await sides.plan();
    const block = findings.find(({ severity }) => severity === 'block');
    expect(block).toMatchObject({ code: 'EXHAUSTED', sequence: 'public.shard' });
    await sides.follow({ remedy: block?.remedy ?? '' });
    const { rows, findings: others } = await sides.plan();
    // Widened, it would leave the range that it cycles in.
    for (const { code, remedy } of others)
      if (code !== 'CYCLES') expect(remedy, code).not.toContain('ALTER SEQUENCE');
    expect(await sides.apply(rows)).toEqual([]);
    expect(await sides.standby.sql("SELECT nextval('shard') AS next")).toEqual([{ next: '4' }]);
  });

  it('counts from the beginning of a sequence with CYCLE that has reached its end on the primary', async () => {
    await sides.sql('CREATE SEQUENCE shard MAXVALUE 4 CYCLE');
    await sides.primary.sql("SELECT setval('shard', 4)");
    const { rows, findings } = await sides.plan();
    expect(findings.filter(({ severity }) => severity === 'block')).toEqual([]);
    expect(await sides.apply(rows)).toEqual([]);
    expect(await sides.standby.sql("SELECT nextval('shard') AS next")).toEqual([{ next: '3' }]);
  });

  it('never advises to take a skipped sequence with CYCLE out of its range', async () => {
    await sides.sql(
      'CREATE SEQUENCE s MAXVALUE 9999 CYCLE; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval($$s$$))',
    );
    await sides.standby.sql('INSERT INTO t VALUES (9999)');
    const { findings } = await sides.plan({ include: ['public.x*'] });
    expect(findings.map(({ code, remedy }) => [code, remedy])).toEqual([
      [
        'SKIPPED_BEHIND_DATA',
        'if applications write to its table after the promotion, delete or archive the rows that it will reach from 1 on, since it has CYCLE',
      ],
    ]);
  });

  it('makes a sequence that a column of another role merely owns', async () => {
    await sides.sql('CREATE TABLE t (id int PRIMARY KEY)');
    await sides.primary.sql('CREATE SEQUENCE by_trigger OWNED BY t.id');
    const role = await sides.standby.role();
    await sides.standby.sql(`ALTER TABLE t OWNER TO "${role}"`);
    expect(await follow()).toEqual(['MISSING_ON_STANDBY public.by_trigger']);
  });

  it('lets the application go on with a sequence that it makes, as its owner and with the grants of the primary', async () => {
    const [app, reader] = ['App', 'reader'].map((name) => `${name} ${String(Math.random()).slice(2)}`);
    await sides.standby.sql(`CREATE ROLE "${app}" LOGIN PASSWORD 'secret'; CREATE ROLE "${reader}"`);
    try {
      await sides.primary.sql(`
        CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO "${app}"; CREATE SEQUENCE shop.orders; CREATE SEQUENCE shop.own;
        GRANT USAGE, SELECT ON SEQUENCE shop.orders TO "${app}"; GRANT SELECT ON SEQUENCE shop.orders TO PUBLIC;
        GRANT UPDATE ON SEQUENCE shop.orders TO "${reader}" WITH GRANT OPTION; ALTER SEQUENCE shop.own OWNER TO "${app}"`);
      expect(await follow()).toEqual(['MISSING_ON_STANDBY shop.orders', 'MISSING_ON_STANDBY shop.own']);
      const acl = (side: TwoSides['primary']) =>
        side.sql(
          `SELECT relname, pg_get_userbyid(relowner) AS owner, coalesce(grantee::regrole::text, '-') AS grantee, privilege_type, is_grantable
           FROM pg_class LEFT JOIN LATERAL aclexplode(relacl) ON true WHERE relkind = 'S' AND grantee IS DISTINCT FROM relowner ORDER BY 1, 2, 3, 4, 5`,
        );
      expect(await acl(sides.standby)).toEqual(await acl(sides.primary));
      const session = await sides.standby.session(app);
      expect((await session.query("SELECT nextval('shop.orders'), nextval('shop.own')")).rows).toHaveLength(
        1,
      );
    } finally {
      for (const side of [sides.primary, sides.standby])
        await side.sql(`DROP OWNED BY "${app}", "${reader}"`);
      await sides.standby.sql(`DROP ROLE "${app}", "${reader}"`);
    }
  });

  it('takes a default away that a column has from its domain, and gives it that of the primary', async () => {
    await sides.sql(
      "CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE DOMAIN id AS text DEFAULT 'X-' || nextval('a')",
    );
    await sides.standby.sql("ALTER DOMAIN id SET DEFAULT 'X-' || nextval('b')");
    await sides.sql('CREATE TABLE t (no id); CREATE TABLE u (no id)');
    await sides.primary.sql('ALTER TABLE u ALTER no SET DEFAULT NULL');
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual(['FEEDS_DIFFER public.a', 'FEEDS_DIFFER public.b']);
    for (const finding of findings.filter(({ code }) => code === 'FEEDS_DIFFER')) await sides.follow(finding);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING no')).toEqual([{ no: 'X-1' }]);
    expect(await sides.standby.sql('INSERT INTO u DEFAULT VALUES RETURNING no')).toEqual([{ no: null }]);
    expect(await sides.standby.position('b')).toEqual(['1', false]);
  });

  it('gives a column the default of a domain that was made with another search_path, and whose sequence was renamed', async () => {
    await sides.sql(
      "CREATE SCHEMA app; SET search_path = app; CREATE SEQUENCE made; CREATE SEQUENCE b; CREATE DOMAIN id AS text DEFAULT 'X-' || nextval('made'); RESET search_path; ALTER SEQUENCE app.made RENAME TO a",
    );
    await sides.standby.sql("ALTER DOMAIN app.id SET DEFAULT 'X-' || nextval('app.b')");
    await sides.sql('CREATE TABLE t (no app.id)');
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual(['FEEDS_DIFFER app.a', 'FEEDS_DIFFER app.b']);
    for (const finding of findings.filter(({ code }) => code === 'FEEDS_DIFFER')) await sides.follow(finding);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING no')).toEqual([{ no: 'X-1' }]);
    expect(named((await sides.plan()).findings)).toEqual([]);
  });

  it('does not take a temporary table for one that a sequence numbers', async () => {
    await sides.sql(
      'CREATE TABLE orders (id bigserial PRIMARY KEY); CREATE TEMPORARY TABLE stage (LIKE orders INCLUDING DEFAULTS); INSERT INTO stage VALUES (900000)',
    );
    const { findings, rows } = await sides.plan();
    expect(findings).toEqual([]);
    expect(rows).toMatchObject([{ sequence: 'public.orders_id_seq', target: '101' }]);
  });

  it('gives a column the whole default of the primary, whose sequence is on another page', async () => {
    await sides.sql('CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE TABLE t (no text)');
    await sides.primary.sql("ALTER TABLE t ALTER no SET DEFAULT 'X-' || nextval('a')");
    await sides.standby.sql("ALTER TABLE t ALTER no SET DEFAULT 'X-' || nextval('b')");
    const { findings } = await sides.plan({}, { after: ['public', 'a'], upTo: null });
    expect(named(findings)).toEqual(['FEEDS_DIFFER public.b']);
    for (const finding of findings.filter(({ code }) => code === 'FEEDS_DIFFER')) await sides.follow(finding);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING no')).toEqual([{ no: 'X-1' }]);
  });

  it('gives a column the whole default of the primary, also while its table is locked there', async () => {
    await sides.sql('CREATE TABLE t (no text)');
    await sides.primary.sql("CREATE SEQUENCE a; ALTER TABLE t ALTER no SET DEFAULT 'X-' || nextval('a')");
    const locking = await sides.primary.session();
    await locking.query('BEGIN; LOCK TABLE t');
    const { findings } = await sides.plan();
    await locking.query('ROLLBACK');
    expect(named(findings)).toEqual(['MISSING_ON_STANDBY public.a']);
    for (const finding of findings) await sides.follow(finding);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING no')).toEqual([{ no: 'X-1' }]);
  });

  it('tells how to read defaults of the primary that could not be read', async () => {
    await sides.sql(`
      CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE DOMAIN label AS text;
      CREATE TABLE w (n int); CREATE TABLE "My t" (no text, "No" text, d label); CREATE TABLE u (n int NOT NULL, i int NOT NULL)`);
    await sides.primary.sql(`
      CREATE SEQUENCE missing; ALTER TABLE "My t" ALTER "No" SET DEFAULT 'M-' || nextval('missing');
      ALTER TABLE "My t" ALTER no SET DEFAULT 'X-' || nextval('a'); ALTER TABLE u ALTER n SET DEFAULT nextval('b');
      ALTER DOMAIN label SET DEFAULT 'D-' || nextval('b'); ALTER TABLE u ALTER i ADD GENERATED ALWAYS AS IDENTITY`);
    await sides.standby.sql(`
      ALTER TABLE "My t" ALTER no SET DEFAULT 'X-' || nextval('b'); ALTER TABLE u ALTER n ADD GENERATED ALWAYS AS IDENTITY;
      CREATE SEQUENCE alone OWNED BY w.n; ALTER TABLE w ALTER n SET DEFAULT nextval('alone')`);
    await sides.subscribe('w');
    const roles = await sides.asLimitedRoles();
    for (const side of ['primary', 'standby'] as const)
      await sides[side].sql(
        `GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO "${roles[side]}"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "${roles[side]}"`,
      );
    await sides.primary.sql('REVOKE EXECUTE ON FUNCTION pg_get_userbyid(oid) FROM PUBLIC');
    const { findings } = await sides.plan();
    expect(named(findings.filter(({ severity }) => severity === 'block'))).toEqual([
      ...['FEEDS_DIFFER public.a', 'FEEDS_DIFFER public.b', 'FEEDS_DIFFER public.b'],
      ...['MISSING_ON_STANDBY public.missing', 'MISSING_ON_STANDBY public.u_i_seq'],
      'STANDBY_ONLY_FEEDS public.alone',
    ]);
    // Statements for the standby must not follow a query for the primary.
    for (const { remedy } of foldFindings(findings))
      expect(remedy).not.toMatch(/search_path.*CREATE SEQUENCE/su);
    const unknown = findings.filter(({ remedy }) => remedy.includes('could not be read'));
    expect(unknown).toHaveLength(7);
    for (const { code, sequence, remedy } of unknown) {
      expect(remedy, `${code} ${String(sequence)}`).toContain(
        'could not be read from here (permission denied for function pg_get_userbyid (SQLSTATE 42501)): SET search_path',
      );
      const client = await sides.primary.session();
      await paste(remedy, {
        primary: async (statement) => {
          const { rows } = await client.query<[string]>({ text: statement, rowMode: 'array' });
          for (const [printed] of rows) await sides.standby.sql(printed);
        },
        standby: (statement) => sides.standby.sql(statement),
      });
    }
    const defaults = (side: TwoSides['primary']) =>
      side.sql(
        `SELECT a.attrelid::regclass::text AS "table", a.attname AS column, coalesce(pg_get_expr(adbin, adrelid), typdefault) AS value
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
         WHERE attrelid IN ('u'::regclass, 'w'::regclass, '"My t"'::regclass) AND attnum > 0 ORDER BY 1, 2`,
      );
    const there = await defaults(sides.primary);
    // An identity becomes a default, since the rows come from the primary.
    expect(await defaults(sides.standby)).toEqual(
      there.map((one) => (one['column'] === 'i' ? { ...one, value: "nextval('u_i_seq'::regclass)" } : one)),
    );
    expect((await sides.plan()).findings.filter(({ severity }) => severity === 'block')).toEqual([]);
  });

  it.each([
    ['smallserial', 'CREATE TABLE t (id smallserial PRIMARY KEY)'],
    ['an identity', 'CREATE TABLE t (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)'],
    [
      'a sequence of its own bounds',
      'CREATE SEQUENCE t_id_seq MAXVALUE 32767; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval($$t_id_seq$$))',
    ],
  ])('has room for the whole buffer: %s', async (_, table) => {
    await sides.sql(table);
    await sides.primary.sql("SELECT setval('t_id_seq', 32700)");
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual(['BUFFER_REDUCED public.t_id_seq']);
    for (const finding of findings.filter(({ code }) => code === 'BUFFER_REDUCED'))
      await sides.follow(finding);
    const second = await sides.plan();
    // What the primary has left only the primary can change.
    expect(named(second.findings)).toEqual(['PRIMARY_LIMIT public.t_id_seq']);
    await sides.apply(second.rows);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING id::text')).toEqual([
      { id: '32801' },
    ]);
  });

  it('ignores the rows of another region by a decision, and says nothing false about them', async () => {
    await sides.sql(
      "CREATE SEQUENCE q INCREMENT 100 START 1; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('q')); INSERT INTO t SELECT generate_series(2, 500002, 100); INSERT INTO t SELECT generate_series(1, 1001, 100)",
    );
    await sides.primary.sql("SELECT setval('q', 1001)");
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual(['OUTLIER_DATA public.q']);
    const decided = await sides.plan({ overrides: [{ match: 'public.q', rows: 'ignore' }] });
    expect(named(decided.findings)).toEqual(['ROWS_DECIDED public.q']);
    expect(decided.rows[0]).toMatchObject({ outcome: 'applied', target: '11101' });
    await sides.apply(decided.rows);
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING id::text')).toEqual([
      { id: '11101' },
    ]);
  });

  it('offers no way past rows where there is no room past them', async () => {
    await sides.sql(
      "CREATE SEQUENCE w MAXVALUE 9999 CYCLE; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('w')); INSERT INTO t SELECT generate_series(1, 300); INSERT INTO t SELECT generate_series(9000, 9999)",
    );
    await sides.sql('INSERT INTO t VALUES (420)');
    await sides.primary.sql("SELECT setval('w', 300)");
    const { findings } = await sides.plan();
    const outlier = findings.find(({ code }) => code === 'OUTLIER_DATA');
    expect(outlier?.remedy).toContain('ignoreRows');
    expect(outlier?.remedy).not.toContain('raisePastRows');
  });

  it('has room for the whole buffer where the sequence is moved past rows, close to its end', async () => {
    await sides.sql('CREATE TABLE t (id smallserial PRIMARY KEY)');
    await sides.sql('INSERT INTO t VALUES (32700)');
    const policy = { overrides: [{ match: 'public.t_id_seq', rows: 'raise' as const }] };
    const { findings } = await sides.plan(policy);
    const near = findings.find(({ code }) => code === 'STANDBY_LIMIT');
    expect(near?.message).toBe(
      "public.t_id_seq is beyond the target from the primary: on the standby only 67 calls are left, from 32701 up to 32767, the limit of the standby's sequence",
    );
    await sides.follow({ remedy: near?.remedy ?? '' });
    const second = await sides.plan(policy);
    expect(named(second.findings)).toEqual(['ROWS_DECIDED public.t_id_seq']);
    await sides.apply(second.rows);
    await sides.standby.sql("SELECT setval('t_id_seq', 40000)");
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING id::text')).toEqual([
      { id: '40001' },
    ]);
  });

  it('has room for the whole buffer where the standby is near the end of its values', async () => {
    await sides.sql('CREATE TABLE t (id smallserial PRIMARY KEY)');
    await sides.standby.sql("SELECT setval('t_id_seq', 32700)");
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual(['STANDBY_LIMIT public.t_id_seq']);
    for (const finding of findings) await sides.follow(finding);
    expect((await sides.plan()).findings).toEqual([]);
    await sides.standby.sql("SELECT setval('t_id_seq', 40000)");
    expect(await sides.standby.sql('INSERT INTO t DEFAULT VALUES RETURNING id::text')).toEqual([
      { id: '40001' },
    ]);
  });

  it('lets hundreds of sequences be read and set, in one paste a side', async () => {
    await sides.sql(
      `CREATE SCHEMA "My shop"; ${Array.from({ length: 250 }, (_, i) => `CREATE SEQUENCE "My shop".s${i}`).join(';')}`,
    );
    await sides.asLimitedRoles();
    const first = await sides.plan();
    const folded = foldFindings(first.findings.filter(({ message }) => message.includes('on the standby')));
    expect(folded).toHaveLength(1);
    for (const finding of [
      ...folded,
      ...foldFindings(first.findings.filter(({ message }) => message.includes('on the primary'))),
    ])
      await sides.follow(finding);
    expect((await sides.plan()).findings).toEqual([]);
  });

  it('lets applications write where transactions are read-only by default', async () => {
    const database =
      sides.standby.identity.database ||
      (await sides.standby.sql<{ name: string }>('SELECT current_database() AS name'))[0]?.name;
    await sides.standby.sql(`ALTER DATABASE "${String(database)}" SET default_transaction_read_only = on`);
    const { facts } = await readSide(await sides.standby.endpoint(), null);
    const [finding, ...others] = readOnlyByDefault('standby', {
      ...facts,
      database: facts.identity.database,
    });
    if (finding === undefined) throw new Error('nothing was found');
    expect(others).toEqual([]);
    const pasted = await sides.standby.session();
    expect(await paste(finding.remedy, { standby: (statement) => pasted.query(statement) })).toBe(3);
    const application = await sides.standby.session();
    await application.query('CREATE TABLE t ()');
  });

  it('lets applications connect and write where an earlier promotion has fenced the database', async () => {
    const [database] = await sides.standby.sql<{ name: string }>(
      'SELECT quote_ident(current_database()) AS name',
    );
    const name = database?.name ?? '';
    const role = `app_${randomBytes(4).toString('hex')}`;
    await sides.standby.sql(
      `CREATE ROLE ${role} LOGIN; GRANT CREATE ON SCHEMA public TO ${role};
       REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC; ALTER DATABASE ${name} SET default_transaction_read_only = on;
       ALTER ROLE ${role} IN DATABASE ${name} SET default_transaction_read_only = on`,
    );
    const { facts } = await readSide(await sides.standby.endpoint(), null);
    const [finding] = readOnlyByDefault('standby', { ...facts, database: facts.identity.database });
    expect(finding?.message).toMatch(/PUBLIC may not connect/u);
    const pasted = await sides.standby.session();
    // The fence, as the ledger of the promotion has it.
    const ledger = await sides.primary.session();
    const connect = { revoked: [{ role: null, grantable: false }], granted: ['reports'] };
    const fence = JSON.stringify({ readOnly: { database: null, roles: [] }, connect });
    // A ledger may also have promotions of other servers, whose databases have the same name.
    const another = JSON.stringify({ ...facts.identity, systemIdentifier: '1' });
    await ledger.query(
      `BEGIN; CREATE SCHEMA sequence_failover;
       CREATE TABLE sequence_failover.promotions (workflow_id text, state text, fence jsonb, primary_server jsonb, finished_at timestamptz);
       INSERT INTO sequence_failover.promotions VALUES
         ('promote-orders', 'promoted', '${fence}', '${JSON.stringify(facts.identity)}', now()),
         ('promote-others', 'promoted', '${fence}', '${another}', now() + '1 second')`,
    );
    const recorded: unknown[] = [];
    const count = await paste(finding?.remedy ?? '', {
      standby: (statement) => pasted.query(statement),
      primary: async (statement) => recorded.push(...(await ledger.query<object>(statement)).rows),
    });
    await ledger.query('ROLLBACK');
    expect(count).toBe(6);
    const settings = { database: null, roles: [] };
    expect(recorded).toEqual([{ workflow_id: 'promote-orders', ...connect, settings }]);
    const {
      rows: [state],
    } = await (
      await sides.standby.session()
    ).query<object>(
      `SELECT has_database_privilege('${role}', current_database(), 'CONNECT') AS connects,
              current_setting('default_transaction_read_only') AS "readOnly",
              (SELECT count(*)::int FROM pg_db_role_setting WHERE setrole = '${role}'::regrole) AS settings`,
    );
    await sides.standby.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    expect(state).toEqual({ connects: true, readOnly: 'off', settings: 0 });
  });

  it('subscribes to the primary, once the words in <> are filled in', async () => {
    const publisher = { host: 'primary.example', port: 5432, database: "it's my app" };
    const [none] = replicationFindings([], [], [], publisher);
    const [gone] = subscriptionsGone(['My sub'], [], publisher, () => ['P 1', 'p2']);
    const names = [none, gone].map(async (finding) => {
      const [statement = ''] = /CREATE SUBSCRIPTION [^;]*;/u.exec(finding?.remedy ?? '') ?? [];
      const filledIn = statement
        .replace('<role with REPLICATION>', 'copy')
        .replace('<its password>', 'x')
        .replace(/<one of the primary.*>/u, 'p')
        .replace(/;$/u, ' WITH (connect = false, slot_name = NONE)');
      await sides.standby.sql(filledIn);
    });
    await Promise.all(names);
    expect(
      await sides.standby.sql(
        `SELECT subname, subconninfo, subpublications FROM pg_subscription JOIN pg_database d ON d.oid = subdbid
         WHERE datname = current_database() ORDER BY subname`,
      ),
    ).toEqual(
      [
        ['My sub', ['P 1', 'p2']],
        ['sequence_failover', ['p']],
      ].map(([subname, subpublications]) => ({
        subname,
        subpublications,
        subconninfo: "host=primary.example port=5432 dbname='it\\'s my app' user=copy password=x",
      })),
    );
  });

  it('makes a generated column an ordinary one, or says why no statement can', async (test) => {
    const [row] = await sides.standby.sql<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    const version = row?.version ?? 0;
    test.skip(version < 130000, 'DROP EXPRESSION came with PostgreSQL 13');
    await sides.primary.sql(
      'CREATE TABLE t (a int, id bigserial); INSERT INTO t SELECT FROM generate_series(1, 50)',
    );
    await sides.standby.sql(
      'CREATE SEQUENCE t_id_seq; CREATE TABLE t (a int, id bigint GENERATED ALWAYS AS (a + 1) STORED)',
    );
    const [finding] = (await sides.plan()).findings.filter(isBlock);
    expect(finding).toMatchObject({
      code: 'FEEDS_DIFFER',
      message:
        'public.t.id takes its values from public.t_id_seq on the primary, but from the expression of a generated column (stored), to which no subscription can write, on the standby',
    });
    if (finding !== undefined) await sides.follow(finding);
    const { rows, findings } = await sides.plan();
    expect(findings.filter(isBlock)).toEqual([]);
    await sides.apply(rows);
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
    if (version < 180000) return;
    await sides.standby.sql(
      'DROP TABLE t; CREATE TABLE t (a int, id bigint GENERATED ALWAYS AS (a + 1) VIRTUAL)',
    );
    const [virtual] = (await sides.plan()).findings.filter(isBlock);
    expect(virtual?.remedy).toBe(
      'PostgreSQL turns no virtual generated column into an ordinary one: on the standby, drop public.t.id, add it again as it is on the primary, and copy its values from there',
    );
  });

  it('gives a column its default, where the standby numbers it by nothing', async () => {
    await sides.primary.sql(
      'CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t SELECT FROM generate_series(1, 50)',
    );
    await sides.standby.sql('CREATE TABLE t (id int PRIMARY KEY); CREATE SEQUENCE t_id_seq');
    expect(await follow()).toEqual(['NO_DEFAULT public.t_id_seq']);
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
  });

  it('gives a column its default, where a trigger of the standby may number it by another sequence', async () => {
    await sides.sql('CREATE TABLE t (id serial PRIMARY KEY); CREATE SEQUENCE other');
    await sides.primary.sql('INSERT INTO t SELECT FROM generate_series(1, 500)');
    await sides.standby.sql(`
      INSERT INTO t SELECT generate_series(1, 500); ALTER TABLE t ALTER id DROP DEFAULT;
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := nextval('other'); RETURN NEW; END $$;
      CREATE TRIGGER "by other" BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE f();
      CREATE TRIGGER later AFTER INSERT ON t FOR EACH ROW EXECUTE PROCEDURE f()`);
    const [block] = (await sides.plan()).findings.filter(isBlock);
    expect(block).toMatchObject({
      code: 'FEEDS_DIFFER',
      message:
        'public.t.id takes its values from public.t_id_seq on the primary, but from the application or a BEFORE INSERT trigger on the standby',
      remedy: expect.stringMatching(
        /; If the trigger "by other" of the table gives the column a value of another sequence, drop it$/u,
      ) as string,
    });
    await sides.standby.sql('DROP TRIGGER "by other" ON t');
    expect(await follow()).toEqual(['NO_DEFAULT public.t_id_seq']);
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '601' }]);
  });

  it('names the trigger of a partition, where a column has no default on the standby', async (test) => {
    test.skip(Number(version.version) < 11, 'partitioned tables have no primary keys before PostgreSQL 11');
    await sides.sql(`
      CREATE TABLE t (id bigserial, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k); CREATE TABLE p PARTITION OF t DEFAULT`);
    await sides.standby.sql(`
      ALTER TABLE t ALTER id DROP DEFAULT;
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := 7; RETURN NEW; END $$;
      CREATE TRIGGER seven BEFORE INSERT ON p FOR EACH ROW EXECUTE PROCEDURE f()`);
    const [block] = (await sides.plan()).findings.filter(isBlock);
    expect(block).toMatchObject({
      code: 'FEEDS_DIFFER',
      remedy: expect.stringContaining('If the trigger seven of the table') as string,
    });
  });

  it('names no trigger that is disabled, where the standby numbers a column by nothing', async () => {
    await sides.sql('CREATE TABLE t (id serial PRIMARY KEY)');
    await sides.standby.sql(`
      ALTER TABLE t ALTER id DROP DEFAULT;
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER one BEFORE INSERT ON t FOR EACH ROW EXECUTE PROCEDURE f(); ALTER TABLE t DISABLE TRIGGER one`);
    expect((await sides.plan()).findings.map(({ code }) => code)).toEqual(['NO_DEFAULT']);
  });

  it('frees the replicated table of a sequence that only the standby has', async () => {
    await sides.primary.sql('CREATE TABLE t (id bigint PRIMARY KEY); CREATE TABLE u (id serial PRIMARY KEY)');
    // A column that only the standby has takes its values from its own sequence for each row that arrives.
    await sides.primary.sql('CREATE TABLE v (id bigint PRIMARY KEY)');
    await sides.standby.sql('CREATE TABLE v (id bigint PRIMARY KEY, "local" bigserial)');
    await sides.subscribe('v');
    await sides.standby.sql(
      'CREATE TABLE t (id bigserial PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY DEFAULT 7); CREATE SEQUENCE u_id_seq; CREATE SEQUENCE own; ALTER TABLE u ALTER id SET DEFAULT nextval($$own$$)',
    );
    await sides.subscribe('t');
    await sides.subscribe('u');
    expect(await follow()).toEqual([
      'FEEDS_DIFFER public.u_id_seq',
      'STANDBY_ONLY_FEEDS public.own',
      'STANDBY_ONLY_FEEDS public.t_id_seq',
    ]);
  });

  it.each([
    [
      'partition',
      'PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p (PRIMARY KEY (id)) FOR VALUES FROM (1) TO (100000)',
    ],
    ['inheriting table', '; CREATE TABLE c (PRIMARY KEY (id)) INHERITS (p)'],
  ])(
    'frees the %s of a sequence that only the standby has, although no subscription feeds it',
    async (_, child) => {
      await sides.sql(`CREATE TABLE p (id bigserial) ${child}`);
      await sides.standby.sql(
        "CREATE SEQUENCE own OWNED BY c.id; ALTER TABLE c ALTER id SET DEFAULT nextval('own')",
      );
      await sides.primary.sql('INSERT INTO c SELECT FROM generate_series(1, 50)');
      await sides.standby.sql('INSERT INTO c SELECT generate_series(1, 50)');
      const [own] = (await sides.plan()).findings;
      expect(own?.message).toBe(
        "public.own exists on the standby alone and feeds public.c.id, which public.p_id_seq numbers on the primary: after promotion it would repeat the primary's values",
      );
      if (own !== undefined) await sides.follow(own);
      const second = await sides.plan();
      expect(second.findings.filter(isBlock)).toEqual([]);
      await sides.apply(second.rows);
      expect(await insert('INSERT INTO c DEFAULT VALUES')).toEqual([{ id: '151' }]);
    },
  );

  it('moves a skipped sequence past its rows', async () => {
    await sides.sql(`
      CREATE SCHEMA ext; CREATE TABLE ext.jobs (id serial PRIMARY KEY); ALTER EXTENSION plpgsql ADD SEQUENCE ext.jobs_id_seq;
      CREATE TABLE named (id serial PRIMARY KEY); CREATE TABLE excluded (id serial PRIMARY KEY)`);
    await sides.standby.sql(
      'INSERT INTO ext.jobs VALUES (500); INSERT INTO named VALUES (600); INSERT INTO excluded VALUES (700)',
    );
    const policy = { include: ['*x*'], exclude: ['public.excluded_id_seq'] };
    expect(await follow(policy)).toEqual([
      'SKIPPED_BEHIND_DATA ext.jobs_id_seq',
      'SKIPPED_BEHIND_DATA public.named_id_seq',
    ]);
    expect(await insert('INSERT INTO ext.jobs DEFAULT VALUES')).toEqual([{ id: '501' }]);
    expect(await insert('INSERT INTO named DEFAULT VALUES')).toEqual([{ id: '601' }]);
  });

  it('moves a skipped sequence past rows that its type cannot count, and never back', async () => {
    await sides.standby
      .sql(`CREATE TABLE up (id smallserial PRIMARY KEY); ALTER TABLE up ALTER id TYPE int; INSERT INTO up VALUES (40000);
      CREATE SEQUENCE down_id_seq INCREMENT -1; CREATE TABLE down (id int PRIMARY KEY DEFAULT nextval('down_id_seq')); INSERT INTO down VALUES (-70)`);
    const { findings } = await sides.plan();
    expect(named(findings)).toEqual([
      'SKIPPED_BEHIND_DATA public.down_id_seq',
      'SKIPPED_BEHIND_DATA public.up_id_seq',
    ]);
    const statements = ['INSERT INTO up DEFAULT VALUES', 'INSERT INTO down DEFAULT VALUES'];
    for (const [up, down] of [
      ['40001', '-71'],
      ['40002', '-72'],
    ]) {
      for (const finding of findings) await sides.follow(finding);
      expect(await Promise.all(statements.map(insert))).toEqual([[{ id: up }], [{ id: down }]]);
    }
  });

  it('lets a role set the sequences of thousands of schemas', async () => {
    const name = `a$grants$'b of ${randomBytes(4).toString('hex')}`;
    const [role, literal] = [escapeIdentifier(name), escapeLiteral(name)];
    await sides.primary.sql(
      `CREATE ROLE ${role}; CREATE SCHEMA "Tenant 1"; CREATE SEQUENCE "Tenant 1"."Ids"; CREATE SEQUENCE other`,
    );
    const lacking = Array.from({ length: 5_000 }, (_, at) => {
      const schema = `"Tenant ${at}"`;
      const sequence = `${schema}."Ids"`;
      const grants = `GRANT UPDATE ON SEQUENCE ${sequence} TO ${role};`;
      return { schema, sequence, role, grants, readable: true };
    });
    for (const finding of missingSequencePrivileges(lacking, [], true)) await sides.follow(finding);
    const mayUpdate = await sides.primary.sql(
      `SELECT relname, has_sequence_privilege(${literal}, oid, 'UPDATE') AS may FROM pg_class WHERE relkind = 'S' ORDER BY 1`,
    );
    await sides.primary.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    expect(mayUpdate).toEqual([
      { relname: 'Ids', may: true },
      { relname: 'other', may: true },
    ]);
  });

  it('lets a role that may do nothing read and set, in one round', async () => {
    await sides.sql('CREATE SCHEMA shut; CREATE TABLE shut.t (id serial PRIMARY KEY)');
    await sides.primary.sql('INSERT INTO shut.t SELECT FROM generate_series(1, 50)');
    await sides.asLimitedRoles();
    expect(await follow()).toEqual(['NO_READ_PRIVILEGE shut.t_id_seq', 'NO_READ_PRIVILEGE shut.t_id_seq']);
    expect(await sides.standby.position('shut.t_id_seq')).toEqual(['150', true]);
  });

  it('tells how to write a pattern that matches nothing', async () => {
    await sides.sql('CREATE SEQUENCE "Orders"; CREATE SCHEMA shop; CREATE SEQUENCE shop.a');
    const { names } = await readSide(await sides.primary.endpoint(), null);
    const unmatched = (include: string[]) => [
      ...runSynchronously(unmatchedPatterns({ include, exclude: [], overrides: [] }, names)),
    ];
    // As psql would be given them, where names fold to lower case and the schema is left out.
    const [folded, bare] = unmatched(['public.orders', 'a']).map(unmatchedPattern);
    for (const finding of [folded, bare])
      expect(finding?.remedy).toContain('patterns match schema.name as it is stored, case-sensitively');
    expect(unmatched(['public.Orders', 'shop.a'])).toEqual([]);
  });

  it('lets a role execute the functions that somebody has revoked', async () => {
    const roles = await sides.asLimitedRoles();
    await sides.sql(
      'CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE called; SELECT nextval($$called$$)',
    );
    for (const side of ['primary', 'standby'] as const) {
      await sides[side].sql(`GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO "${roles[side]}"`);
      await sides[side].sql(
        `REVOKE EXECUTE ON FUNCTION setval(regclass, bigint, boolean), pg_sequence_last_value(regclass), ts_stat(text)
         FROM PUBLIC`,
      );
      if (version.version >= '18')
        await sides[side].sql('REVOKE EXECUTE ON FUNCTION pg_get_sequence_data(regclass) FROM PUBLIC');
    }
    const first = await sides.plan();
    for (const finding of foldFindings(first.findings)) await sides.follow(finding);
    const second = await sides.plan();
    expect(second.findings).toEqual([]);
    const failed = await sides.apply(second.rows);
    for (const remedy of new Set(failed.map((one) => one.remedy))) await sides.follow({ remedy });
    expect(await sides.apply(second.rows)).toEqual([]);
    expect(await sides.standby.position('called')).toEqual(['101', true]);
  });

  it('lets a role that may only read set', async () => {
    await sides.sql('CREATE SEQUENCE s');
    await sides.primary.sql("SELECT setval('s', 50)");
    const roles = await sides.asLimitedRoles();
    await sides.primary.sql(`GRANT SELECT ON s TO "${roles.primary}"`);
    await sides.standby.sql(`GRANT SELECT ON s TO "${roles.standby}"`);
    expect(await follow()).toEqual(['NO_UPDATE_PRIVILEGE public.s']);
    expect(await sides.standby.position('s')).toEqual(['150', true]);
  });

  it('lets a role set, and gives the sequence more values and rows that a person has to judge, in one round', async () => {
    await sides.sql('CREATE TABLE t (id serial PRIMARY KEY, no int); CREATE SEQUENCE s');
    await sides.primary.sql("SELECT setval('s', 40000)");
    await sides.standby.sql('ALTER SEQUENCE s AS smallint; INSERT INTO t (id) VALUES (90000000)');
    const roles = await sides.asLimitedRoles();
    await sides.primary.sql(`GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "${roles.primary}"`);
    await sides.standby.sql(`GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "${roles.standby}"`);
    await sides.primary.sql(`GRANT SELECT ON t TO "${roles.primary}"`);
    await sides.standby.sql(`GRANT SELECT ON t TO "${roles.standby}"`);
    const { findings } = await sides.plan();
    expect(findings.filter(isBlock).map(({ code, sequence }) => `${code} ${sequence ?? ''}`)).toEqual([
      'NO_UPDATE_PRIVILEGE public.s',
      'EXHAUSTED public.s',
      'NO_UPDATE_PRIVILEGE public.t_id_seq',
      'OUTLIER_DATA public.t_id_seq',
    ]);
    for (const finding of findings) if (finding.code !== 'OUTLIER_DATA') await sides.follow(finding);
    expect((await sides.plan()).findings.filter(isBlock).map(({ code }) => code)).toEqual(['OUTLIER_DATA']);
  });

  it('stops before the old rows of a sequence that wrapped around, also if they are unique only with another column', async () => {
    await sides.sql(`
      CREATE SEQUENCE s MAXVALUE 9999 CYCLE;
      CREATE TABLE orders (id int DEFAULT nextval('s'), tenant int DEFAULT 1, note text, PRIMARY KEY (id, tenant));
      INSERT INTO orders SELECT generate_series(1, 9999); DELETE FROM orders WHERE id BETWEEN 301 AND 400`);
    await sides.primary.sql("SELECT setval('s', 300)");
    const policy = { buffer: { calls: '10000' } };
    const { rows, findings } = await sides.plan(policy);
    expect(rows).toMatchObject([{ outcome: 'failed', target: '5150' }]);
    expect(findings.find(isBlock)).toMatchObject({
      code: 'OUTLIER_DATA',
      message:
        'public.s would reach the row 5150 after 0 calls, from its target 5150 on; its column is in a unique index. Rows lie up to 9999; it was not set',
    });
    await sides.standby.sql('DELETE FROM orders WHERE id BETWEEN 5150 AND 9998');
    const second = await sides.plan(policy);
    expect(named(second.findings)).toContain('ROWS_AHEAD public.s');
    expect(second.findings.filter(isBlock)).toEqual([]);
    await sides.apply(second.rows);
    expect(await insert('INSERT INTO orders DEFAULT VALUES')).toEqual([{ id: '5150' }]);
  });

  it('lowers a sequence whose column refuses the target, once a person has seen that it does', async () => {
    await sides.sql('CREATE TABLE orders (id bigserial PRIMARY KEY, CHECK (abs(id) <= 9999))');
    await sides.primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 30)');
    await sides.standby.sql('INSERT INTO orders SELECT generate_series(1, 30)');
    const policy = { buffer: { calls: '10000' } };
    const first = await sides.plan(policy);
    await sides.apply(first.rows);
    const refused = sides.standby.sql('INSERT INTO orders DEFAULT VALUES');
    await expect(refused).rejects.toThrow(/violates check constraint/u);
    const again =
      'start again with a smaller buffer, such as {"overrides": [{"match": "public.orders_id_seq", "buffer": {"calls": "100"}}]}';
    const restart = `and no run lowers a sequence. Reject this run if it is still open, then on the standby, as the owner or a superuser: ALTER SEQUENCE public.orders_id_seq RESTART WITH 131; and ${again}`;
    const remedies = async (mode: Mode) =>
      (await sides.plan(policy, undefined, mode)).findings.map(({ remedy }) => remedy);
    expect(first.findings.map(({ remedy }) => remedy)).toEqual([
      `check whether 10031 and the values after it fit there; if not: this round sets it to 10031, ${restart}`,
    ]);
    // The refused insert has taken 10031.
    const stands = [
      `check whether 10032 and the values after it fit there; if not: it stands there, ${restart}`,
    ];
    expect(await remedies('check')).toEqual(stands);
    expect(await remedies('failover')).toEqual(stands);
    await sides.follow({ remedy: stands[0] ?? '' });
    expect(await remedies('plan')).toEqual([
      `check whether 10031 and the values after it fit there; if not, ${again}`,
    ]);
    const overrides = [{ match: 'public.orders_id_seq', buffer: { calls: '100' } }];
    const last = await sides.plan({ ...policy, overrides });
    expect(last.rows).toMatchObject([{ outcome: 'kept', target: '131' }]);
    expect(await insert('INSERT INTO orders DEFAULT VALUES')).toEqual([{ id: '131' }]);
  });

  it('gives a sequence the definition of the primary, and its column room, in one round', async () => {
    const made = 'CREATE TABLE t (id smallint PRIMARY KEY DEFAULT nextval($$s$$))';
    await sides.primary.sql(
      "CREATE SEQUENCE s INCREMENT 5; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval($$s$$)); SELECT setval('s', 40001)",
    );
    await sides.standby.sql(`CREATE SEQUENCE s; ${made}`);
    expect(await follow()).toEqual(['DEFINITION_DIFFERS public.s', 'EXHAUSTED public.s']);
  });

  it('lets the rows be read, whatever hid them', async () => {
    await sides.sql(
      'CREATE TABLE t (id serial); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE TABLE u (id int DEFAULT nextval($$t_id_seq$$))',
    );
    const roles = await sides.asLimitedRoles();
    await sides.primary.sql(`GRANT SELECT ON SEQUENCE t_id_seq TO "${roles.primary}"`);
    await sides.standby.sql(`GRANT SELECT, UPDATE ON SEQUENCE t_id_seq TO "${roles.standby}"`);
    const { findings } = await sides.plan();
    expect(findings.map(({ code }) => code)).toEqual(['DATA_NOT_CHECKED', 'DATA_NOT_CHECKED']);
    for (const finding of findings) await sides.follow(finding);
    expect((await sides.plan()).findings).toEqual([]);
  });

  it.each([
    ['INCREMENT -1', 'INCREMENT 1'],
    ['INCREMENT 1', 'INCREMENT -1'],
    ['INCREMENT 5 MAXVALUE 5000000000', 'AS int INCREMENT 1'],
    ['AS smallint INCREMENT 2 MINVALUE -32768', 'AS smallint'],
    [
      'INCREMENT -7 MINVALUE -900 MAXVALUE 100 START 100',
      'AS smallint INCREMENT 3 MINVALUE 500 MAXVALUE 600',
    ],
  ])('gives a sequence the definition of the primary: %s instead of %s', async (primary, standby) => {
    await sides.primary.sql(`CREATE SEQUENCE s ${primary}; SELECT nextval('s') FROM generate_series(1, 20)`);
    await sides.standby.sql(`CREATE SEQUENCE s ${standby}`);
    expect(await follow({ buffer: { calls: '10' } })).toEqual(['DEFINITION_DIFFERS public.s']);
  });

  it.each([
    ['its limit', 'CREATE SEQUENCE s', 'CREATE SEQUENCE s MAXVALUE 1000'],
    [
      'its limit, downwards',
      'CREATE SEQUENCE s INCREMENT -1',
      'CREATE SEQUENCE s INCREMENT -1 MINVALUE -1000',
    ],
    ['its type', 'CREATE SEQUENCE s', 'CREATE SEQUENCE s AS smallint'],
    [
      'its column',
      'CREATE SEQUENCE s; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval($$s$$))',
      'CREATE SEQUENCE s; CREATE TABLE t (id smallint PRIMARY KEY DEFAULT nextval($$s$$))',
    ],
    [
      'its column and its type',
      'CREATE TABLE t (id bigserial PRIMARY KEY); ALTER SEQUENCE t_id_seq RENAME TO s',
      'CREATE TABLE t (id smallserial PRIMARY KEY); ALTER SEQUENCE t_id_seq RENAME TO s',
    ],
    [
      'its identity column',
      'CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY); ALTER SEQUENCE t_id_seq RENAME TO s',
      'CREATE TABLE t (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY); ALTER SEQUENCE t_id_seq RENAME TO s',
    ],
    [
      'the domain of its column, which has the default too',
      'CREATE SEQUENCE s; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval($$s$$))',
      'CREATE SEQUENCE s; CREATE DOMAIN d AS smallint DEFAULT nextval($$s$$) CHECK (VALUE > 0); CREATE TABLE t (id d PRIMARY KEY)',
    ],
    [
      'the digits of its column',
      'CREATE SEQUENCE s; CREATE TABLE t (id numeric PRIMARY KEY DEFAULT nextval($$s$$))',
      'CREATE SEQUENCE s MAXVALUE 900; CREATE TABLE t (id numeric(3) PRIMARY KEY DEFAULT nextval($$s$$))',
    ],
    ...[
      ['a cast in its default', 'bigint', 'nextval($$s$$)::smallint'],
      ['its column, and a cast in its default', 'int', 'nextval($$s$$)::smallint'],
      ['its column, and the same cast in its default', 'smallint', 'nextval($$s$$)::smallint'],
    ].map(([name = '', type = '', value = '']): [string, string, string] => [
      name,
      `CREATE SEQUENCE s; CREATE TABLE t (id ${type} PRIMARY KEY DEFAULT nextval($$s$$))`,
      `CREATE SEQUENCE s; CREATE TABLE t (id ${type} PRIMARY KEY DEFAULT ${value})`,
    ]),
    ...[
      [
        'the column that its table inherits',
        'CREATE TABLE "P" (id smallint); CREATE TABLE q () INHERITS ("P"); CREATE TABLE t (PRIMARY KEY (id)) INHERITS (q)',
      ],
      [
        'the column that its partition inherits',
        'CREATE TABLE p (id smallint, at int) PARTITION BY LIST (at); CREATE TABLE t PARTITION OF p (PRIMARY KEY (id)) FOR VALUES IN (1)',
      ],
    ].map(([name = '', tables = '']): [string, string, string] => {
      const made = `CREATE SEQUENCE s; ${tables}; ALTER TABLE t ALTER id SET DEFAULT nextval($$s$$)`;
      return [name, made.replace('smallint', 'bigint'), made];
    }),
  ])('gives a used up sequence more values: by %s', async (_, primary, standby) => {
    await sides.primary.sql(
      `${primary}; SELECT setval('s', 40000 * (SELECT sign(seqincrement)::int FROM pg_sequence))`,
    );
    await sides.standby.sql(standby);
    expect(await follow()).toEqual(['EXHAUSTED public.s']);
  });

  it.each([
    ['the length of its column', 'no varchar(4) PRIMARY KEY', "nextval('s')", 'varchar', '40001'],
    ['the length of its column, padded', 'no char(4) PRIMARY KEY', "nextval('s')", 'text', '40001'],
    [
      'a check of its table',
      'no int PRIMARY KEY CHECK (no BETWEEN 1 AND 9999)',
      "nextval('s')",
      'int',
      '40001',
    ],
    ['a check of its domain', 'no four PRIMARY KEY', "nextval('s')", 'int', '40001'],
    [
      'the padding in its default',
      'no text PRIMARY KEY',
      "'O-' || lpad(nextval('s')::text, 4, '0')",
      'text',
      'O-40001',
    ],
    ['a format in its default', 'no text PRIMARY KEY', "to_char(nextval('s'), 'FM0000')", 'text', '40001'],
    ['a cast in its default', 'no bigint PRIMARY KEY', "nextval('s')::numeric(6,2)", 'bigint', '40001'],
    ['a length in its default', 'no text PRIMARY KEY', "nextval('s')::varchar(4)", 'text', '40001'],
  ])('gives a used up sequence more values: by %s', async (_, column, value, on, first) => {
    await sides.primary.sql(
      `CREATE SEQUENCE s; CREATE TABLE t (no ${on} PRIMARY KEY DEFAULT ${value.replaceAll('4', '9')}); SELECT setval('s', 39900)`,
    );
    await sides.standby.sql(`
      CREATE DOMAIN four AS int CHECK (VALUE < 10000); CREATE SEQUENCE s;
      CREATE TABLE t (${column} DEFAULT ${value}); ALTER TABLE t ADD note text UNIQUE; INSERT INTO t VALUES (1, 'first')`);
    const used = (await sides.plan()).findings.filter(({ code }) => code === 'EXHAUSTED');
    expect(used).toHaveLength(1);
    for (const finding of used) await sides.follow(finding);
    const { rows, findings } = await sides.plan();
    expect(findings.filter(isBlock)).toEqual([]);
    await sides.apply(rows);
    expect(
      await sides.standby.sql('INSERT INTO t (note) VALUES ($$x$$) RETURNING trim(no::text) AS no'),
    ).toEqual([{ no: first }]);
    // Values that fit before keep their form.
    await sides.standby.sql('ALTER SEQUENCE s RESTART WITH 42');
    const [row] = await sides.standby.sql<{ no: string }>(
      'INSERT INTO t (note) VALUES ($$y$$) RETURNING trim(no::text) AS no',
    );
    expect(row?.no).toBe(/0000|lpad/u.test(value) ? first.replace('40001', '0042') : '42');
  });

  it('widens the columns that refer to a column with a length, and names those that refer to one with a check', async () => {
    await sides.sql('CREATE SEQUENCE s');
    await sides.primary.sql(`
      CREATE TABLE t (no text PRIMARY KEY DEFAULT nextval('s')); CREATE SEQUENCE u; SELECT setval('s', 39900), setval('u', 39900);
      CREATE TABLE u_t (no int PRIMARY KEY DEFAULT nextval('u'))`);
    await sides.standby.sql(`
      CREATE TABLE t (no varchar(4) PRIMARY KEY DEFAULT nextval('s'));
      CREATE SCHEMA "Other"; CREATE TABLE "Other".lines (id int, "No" varchar(4) REFERENCES t, long text REFERENCES t);
      CREATE SEQUENCE u; CREATE TABLE u_t (no int PRIMARY KEY DEFAULT nextval('u') CONSTRAINT "four!" CHECK (no <= 9999));
      CREATE TABLE u_lines (no int REFERENCES u_t)`);
    const used = (await sides.plan()).findings.filter(({ code }) => code === 'EXHAUSTED');
    const [s, u] = used.map(({ remedy }) => remedy);
    expect(s).toContain(
      'ALTER TABLE public.t ALTER COLUMN no TYPE character varying(20); ALTER TABLE "Other".lines ALTER COLUMN "No" TYPE character varying(20);',
    );
    expect(u).toContain(
      'ALTER TABLE public.u_t DROP CONSTRAINT "four!"; (the check constraint "four!" of public.u_t: it was CHECK ((no <= 9999)): if it has to stay, add it again with a wider limit. See whether the columns that refer to it have such a limit too: public.u_lines.no)',
    );
    for (const finding of used) await sides.follow(finding);
    const { rows, findings } = await sides.plan();
    expect(findings.filter(isBlock)).toEqual([]);
    await sides.apply(rows);
    await sides.standby.sql(`
      INSERT INTO t DEFAULT VALUES; INSERT INTO "Other".lines ("No") SELECT no FROM t;
      INSERT INTO u_t DEFAULT VALUES; INSERT INTO u_lines SELECT no FROM u_t`);
  });

  it('says how to widen partitions, and a column whose domain has a length', async () => {
    await sides.sql(`
      CREATE DOMAIN d AS varchar(2); CREATE SEQUENCE s; CREATE TABLE t (no d PRIMARY KEY DEFAULT nextval('s'));
      CREATE TABLE u (id bigserial) PARTITION BY RANGE (id); CREATE TABLE u1 PARTITION OF u FOR VALUES FROM (1) TO (100)`);
    await sides.primary.sql("SELECT setval('s', 99), setval('u_id_seq', 99)");
    const used = (await sides.plan()).findings.filter(isBlock);
    expect(used.map(({ remedy }) => remedy)).toEqual([
      'on the standby widen the column public.t.no by another type, since PostgreSQL does not change the length of its domain public.d',
      'on the standby widen the partitions of public.u: create one for further values, or drop the check constraint of the one that refuses them',
    ]);
  });

  it('says that a widened column loses its domain, and that no larger buffer fits at the end of bigint', async () => {
    await sides.sql(`
      CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE SEQUENCE s; CREATE TABLE t (id d PRIMARY KEY DEFAULT nextval('s'));
      CREATE SEQUENCE u`);
    await sides.primary.sql("SELECT setval('s', 2147483640), setval('u', 9223372036854775806)");
    const { findings } = await sides.plan();
    expect(findings.map(({ code, sequence }) => `${code} ${String(sequence)}`)).toEqual([
      ...['BUFFER_REDUCED public.s', 'BUFFER_REDUCED public.u', 'NO_HEADROOM public.u'],
    ]);
    const [ofS, ofU, headroom] = findings;
    expect(ofS?.remedy).toContain('(public.t.id then no longer has the domain public.d, nor its checks)');
    expect(ofU?.message).toContain('from 100 to 0 calls: 1 is left');
    expect(ofU?.remedy).toMatch(/^no integer type holds more: /u);
    expect(headroom?.remedy).toContain('a larger buffer does not fit');
  });

  it('names what it cannot alter where a column of a sequence is too small', async () => {
    await sides.sql(`
      CREATE SEQUENCE s; CREATE TABLE t (id smallint PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t;
      ALTER VIEW v ALTER id SET DEFAULT nextval('s'); CREATE TABLE u (id smallserial PRIMARY KEY)`);
    await sides.primary.sql("SELECT setval('s', 40000), setval('u_id_seq', 32767)");
    const { findings } = await sides.plan();
    expect(findings.filter(isBlock).map(({ remedy }) => remedy)).toEqual([
      "on the standby widen the table's column behind the view column public.v.id (drop the view first, and create it again afterwards)",
      'on the standby, as the owner or a superuser: ALTER SEQUENCE public.u_id_seq AS bigint MAXVALUE 9223372036854775807; ALTER TABLE public.u ALTER COLUMN id TYPE bigint; (if a view, a rule, a generated column or a trigger on the column uses it, PostgreSQL refuses: drop that first, and create it again afterwards. If it is in a partition key, PostgreSQL never changes its type: make a new partitioned table with a wider column, copy the rows while the subscription is disabled, swap the names of the tables in one transaction, and refresh the subscription without copying)',
    ]);
  });

  it('keeps an unlogged sequence through a crash', async (test) => {
    const [row] = await sides.standby.sql<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    test.skip((row?.version ?? 0) < 150000, 'sequences can be unlogged from PostgreSQL 15 on');
    await sides.sql('CREATE TABLE t (id serial PRIMARY KEY)');
    await sides.standby.sql('ALTER SEQUENCE t_id_seq SET UNLOGGED');
    expect(await follow()).toEqual(['UNLOGGED public.t_id_seq']);
  });

  it('renames a sequence whose name is not valid UTF-8, while all others are set', async () => {
    const ascii = await TwoSides.create(
      { primary: server, standby: server },
      {
        primary: `ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`,
        standby: `ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`,
      },
    );
    try {
      // gr\xfc\xdfe, as a client with LATIN1 has written it.
      const latin = (statement: string) =>
        `DO $$ BEGIN EXECUTE format('${statement}', convert_from('\\x6772fcdf65', 'SQL_ASCII')); END $$`;
      await ascii.sql("SET client_encoding TO 'SQL_ASCII'");
      await ascii.sql(`
        CREATE SEQUENCE fine; CREATE SEQUENCE "größe"; ${latin('CREATE SEQUENCE %I')};
        ${latin('CREATE TABLE %I (id serial)').replace('6772', '746772')}`);
      await ascii.primary.sql("SELECT setval('fine', 50); SELECT setval('\"größe\"', 60)");
      const first = await ascii.plan();
      expect(first.rows.map(({ sequence, outcome, target }) => [sequence, outcome, target])).toEqual([
        ['public.fine', 'applied', '151'],
        ['public."größe"', 'applied', '161'],
        ['public."gr\u{fffd}\u{fffd}e"', 'failed', null],
        ['public."tgr\u{fffd}\u{fffd}e_id_seq"', 'failed', null],
      ]);
      expect(named(first.findings)).toEqual([
        ...Array<string>(2).fill('READ_FAILED public."gr\u{fffd}\u{fffd}e"'),
        ...Array<string>(2).fill('READ_FAILED public."tgr\u{fffd}\u{fffd}e_id_seq"'),
      ]);
      for (const finding of first.findings.filter(({ code }) => code === 'READ_FAILED'))
        await ascii.follow(finding);
      const second = await ascii.plan();
      expect(named(second.findings)).toEqual([]);
      expect(second.rows.map(({ outcome }) => outcome)).toEqual(Array(4).fill('applied'));
      await ascii.apply(second.rows);
    } finally {
      await ascii.drop();
    }
  });

  it('distinguishes names that look alike, but are not valid UTF-8', async () => {
    const options = `ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`;
    const ascii = await TwoSides.create(
      { primary: server, standby: server },
      { primary: options, standby: options },
    );
    try {
      await ascii.sql("SET client_encoding TO 'SQL_ASCII'");
      for (const bytes of ['6772fc', '6772e4'])
        await ascii.sql(
          `DO $$ BEGIN EXECUTE format('CREATE SEQUENCE %I', convert_from('\\x${bytes}', 'SQL_ASCII')); END $$`,
        );
      const first = await ascii.plan();
      expect(first.rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
      expect(new Set(first.rows.map(({ sequence }) => sequence)).size).toBe(2);
      for (const finding of first.findings) await ascii.follow(finding);
      const second = await ascii.plan();
      expect(second.findings).toEqual([]);
      expect(second.rows.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
    } finally {
      await ascii.drop();
    }
  });
});

describe.each(versions)('the feeds of both sides on PostgreSQL $version', (version) => {
  let server: TestServer;
  let sides: TwoSides;
  eachWithTwoSides(version, (made, on) => {
    sides = made;
    server = on;
  });

  it('are no finding where only one side has the table, the column, or the shape of its partitions', async () => {
    await sides.sql(`
      CREATE SEQUENCE shared; CREATE SEQUENCE parted; CREATE SEQUENCE own; CREATE VIEW v AS SELECT 1::bigint AS id;
      ALTER VIEW v ALTER id SET DEFAULT nextval('shared');
      CREATE TABLE root (id bigint NOT NULL DEFAULT nextval('parted'), at int NOT NULL) PARTITION BY RANGE (at);
      CREATE TABLE leaf (id bigint NOT NULL DEFAULT nextval('parted'), at int NOT NULL);
      CREATE TABLE triggered (id bigint)`);
    await sides.primary.sql(`
      CREATE TABLE primary_only (id bigint DEFAULT nextval('shared')); ALTER TABLE triggered ADD extra bigint DEFAULT nextval('shared');
      ALTER TABLE root ATTACH PARTITION leaf FOR VALUES FROM (0) TO (10); ALTER SEQUENCE own OWNED BY triggered.id`);
    await sides.standby.sql(`CREATE TABLE standby_only (id bigint DEFAULT nextval('shared'))`);
    const { findings } = await sides.plan();
    expect(findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED')).toEqual([]);
  });

  it('are compared by the names of both, whatever the encodings', async () => {
    const latin = await TwoSides.create(
      { primary: server, standby: server },
      { standby: `ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0` },
    );
    try {
      await latin.primary.sql(`
        CREATE SEQUENCE "größe_1"; CREATE TABLE "größe" ("zähler" bigint DEFAULT nextval('"größe_1"'), "数" bigint DEFAULT nextval('"größe_1"'))`);
      await latin.standby.sql('CREATE SEQUENCE "größe_1"; CREATE TABLE "größe" ("zähler" bigserial)');
      const { findings } = await latin.plan();
      expect(findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED')).toMatchObject([
        {
          code: 'FEEDS_DIFFER',
          message:
            'public."größe"."zähler" takes its values from public."größe_1" on the primary, but from public."größe_zähler_seq" on the standby',
        },
      ]);
    } finally {
      await latin.drop();
    }
  });

  it('of members of an extension count where include names them', async () => {
    await sides.sql(`
      CREATE SCHEMA ext; CREATE TABLE ext.jobs (id serial PRIMARY KEY); ALTER EXTENSION plpgsql ADD SEQUENCE ext.jobs_id_seq`);
    await sides.primary.sql('INSERT INTO ext.jobs SELECT FROM generate_series(1, 50)');
    const outcome = async (include: string[]) =>
      (await sides.plan({ include })).rows.map((row) => row.outcome);
    expect(await outcome([])).toEqual(['skipped']);
    expect(await outcome(['*.jobs_id_seq'])).toEqual(['skipped']);
    expect(await outcome(['ext.jobs_id_seq'])).toEqual(['applied']);
    expect(await outcome(['ext.*'])).toEqual(['applied']);
  });
});
