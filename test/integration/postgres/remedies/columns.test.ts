import { randomBytes } from 'node:crypto';
import { escapeIdentifier } from 'pg';
import { describe, expect, it } from 'vitest';
import { foldFindings } from '../../../../src/findings/fold-findings.js';
import { type TestServer, oldestAndNewest } from '../database.js';
import { eachWithTwoSides } from '../each-test.js';
import { paste } from '../paste.js';
import { TwoSides } from '../two-sides.js';
import { isBlock, remediesOn, named } from './remedies-on.js';

describe.each(oldestAndNewest)('a remedy, followed word for word on PostgreSQL $version,', (version) => {
  let sides: TwoSides;
  eachWithTwoSides(version, (made) => {
    sides = made;
  });
  const { follow, insert } = remediesOn(() => sides);

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

  it.each([
    ['of a serial column', 'id bigserial PRIMARY KEY', ''],
    ['of an IDENTITY column', 'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY', ''],
    [
      'that no column owns, into another schema',
      'id bigint PRIMARY KEY DEFAULT nextval(\'"Old"\')',
      'ALTER SEQUENCE "Old" SET SCHEMA "My shop"',
    ],
  ])('renames a sequence that was renamed on the primary alone: one %s', async (_, column, more) => {
    const old = more === '' ? 't_id_seq' : '"Old"';
    await sides.sql(`CREATE SEQUENCE "Old"; CREATE TABLE t (${column}); CREATE SCHEMA "My shop"`);
    await sides.primary.sql(
      `INSERT INTO t SELECT FROM generate_series(1, 50); ALTER SEQUENCE ${old} RENAME TO "New no"; ${more.replace('Old', 'New no')}`,
    );
    await sides.standby.sql('INSERT INTO t OVERRIDING SYSTEM VALUE SELECT generate_series(1, 50)');
    const found = await follow();
    const name = more === '' ? 'public."New no"' : '"My shop"."New no"';
    expect(found).toContain(`MISSING_ON_STANDBY ${name}`);
    const sequences = `SELECT relnamespace::regnamespace::text || '.' || relname AS name FROM pg_class WHERE relkind = 'S' ORDER BY 1`;
    expect(await sides.standby.sql(sequences)).toEqual(await sides.primary.sql(sequences));
    expect(await insert('INSERT INTO t DEFAULT VALUES')).toEqual([{ id: '151' }]);
    // The column still owns it, or nothing does.
    await sides.sql('DROP TABLE t');
    expect(await sides.standby.sql(sequences)).toEqual(await sides.primary.sql(sequences));
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
    expect(named(findings.filter(isBlock))).toEqual([
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
    expect((await sides.plan()).findings.filter(isBlock)).toEqual([]);
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
});

describe.each(oldestAndNewest)('the feeds of both sides on PostgreSQL $version', (version) => {
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
