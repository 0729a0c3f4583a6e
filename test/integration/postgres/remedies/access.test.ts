import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { describe, expect, it } from 'vitest';
import { parseRemedy } from '../../../../src/findings/remedy-text.js';
import { foldFindings } from '../../../../src/findings/fold-findings.js';
import { readOnlyByDefault, unmatchedPattern } from '../../../../src/planning/pair/readiness-findings.js';
import { missingSequencePrivileges } from '../../../../src/planning/promotion/sequence-privileges.js';
import { runSynchronously } from '../../../../src/concurrency/run-synchronously.js';
import { unmatchedPatterns } from '../../../../src/sequences/selection.js';
import { replicationFindings } from '../../../../src/planning/pair/replication-findings.js';
import { subscriptionsGone } from '../../../../src/planning/pair/subscriptions-gone.js';
import { readSide } from '../../../../src/postgres/server/read-side.js';
import { type TestServer, oldestAndNewest } from '../database.js';
import { eachWithTwoSides } from '../each-test.js';
import { paste } from '../paste.js';
import { TwoSides } from '../two-sides.js';
import { remediesOn, named } from './remedies-on.js';

describe.each(oldestAndNewest)('a remedy, followed word for word on PostgreSQL $version,', (version) => {
  let server: TestServer;
  let sides: TwoSides;
  eachWithTwoSides(version, (made, on) => {
    sides = made;
    server = on;
  });
  const { follow } = remediesOn(() => sides);

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

  it('lets the rows of a table be read beside a view, whose rows a person has to look at', async () => {
    await sides.sql(`
      CREATE TABLE t (id serial PRIMARY KEY); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
      CREATE VIEW a AS SELECT * FROM t; ALTER VIEW a ALTER id SET DEFAULT nextval('t_id_seq');
      CREATE TABLE b (no text DEFAULT 'B' || nextval('t_id_seq'))`);
    const roles = await sides.asLimitedRoles();
    await sides.primary.sql(`GRANT SELECT ON SEQUENCE t_id_seq TO "${roles.primary}"`);
    await sides.standby.sql(`GRANT SELECT, UPDATE ON SEQUENCE t_id_seq TO "${roles.standby}"`);
    const { findings } = await sides.plan();
    expect(findings.map(({ code }) => code)).toEqual(['DATA_NOT_CHECKED', 'DATA_NOT_CHECKED']);
    for (const { remedy } of findings) {
      const [prose, ...parts] = parseRemedy(remedy);
      const side = /^on the (primary|standby), as the owner or a superuser: $/u.exec(prose?.text ?? '')?.[1];
      const statements = parts.filter(({ kind }) => kind === 'statement').map(({ text }) => text);
      expect(statements).toEqual([
        expect.stringMatching(/^GRANT SELECT \(id\) ON TABLE public\.t TO/u),
        expect.stringMatching(/^ALTER ROLE .* BYPASSRLS;$/u),
        'SELECT min(id), max(id) FROM public.a;',
      ]);
      for (const statement of statements)
        await (side === 'primary' ? sides.primary : sides.standby).sql(statement);
    }
    const left = (await sides.plan()).findings.map(({ message }) => message);
    expect(left).toEqual([
      expect.stringMatching(/on the primary: public\.b\.no holds an expression .*, and 1 more$/u),
      expect.stringMatching(/on the standby: public\.b\.no holds an expression .*, and 1 more$/u),
    ]);
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
