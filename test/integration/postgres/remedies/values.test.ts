import { describe, expect, it } from 'vitest';
import type { Mode } from '../../../../src/contract/modes.js';
import { oldestAndNewest } from '../database.js';
import { eachWithTwoSides } from '../each-test.js';
import type { TwoSides } from '../two-sides.js';
import { isBlock, remediesOn, named } from './remedies-on.js';

describe.each(oldestAndNewest)('a remedy, followed word for word on PostgreSQL $version,', (version) => {
  let sides: TwoSides;
  eachWithTwoSides(version, (made) => {
    sides = made;
  });
  const { follow, insert } = remediesOn(() => sides);

  it('gives a sequence with a phase of its own more values', async () => {
    await sides.primary.sql(
      'CREATE SEQUENCE s AS smallint INCREMENT 100 START 67; SELECT setval($$s$$, 32667)',
    );
    await sides.standby.sql('CREATE SEQUENCE s AS smallint INCREMENT 100 START 68; SELECT nextval($$s$$)');
    const { findings } = await sides.plan();
    expect(named(findings)).toContain('EXHAUSTED public.s');
    for (const finding of findings.filter(isBlock)) await sides.follow(finding);
    expect(named((await sides.plan()).findings)).not.toContain('EXHAUSTED public.s');
  });

  it('lets a sequence with CYCLE begin again, which has reached its end on the standby', async () => {
    await sides.sql('CREATE SEQUENCE shard MAXVALUE 4 CYCLE');
    await sides.primary.sql("SELECT setval('shard', 2)");
    await sides.standby.sql("SELECT setval('shard', 4)");
    const { findings } = await sides.plan();
    const block = findings.find(isBlock);
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
    expect(findings.filter(isBlock)).toEqual([]);
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

  it('widens an integer column together with those that refer to it', async () => {
    await sides.sql(`
      CREATE TABLE t (id serial PRIMARY KEY, note text); CREATE TABLE a (id int REFERENCES t); CREATE TABLE b (id bigint REFERENCES t)`);
    await sides.primary.sql("SELECT setval('t_id_seq', 2147483647)");
    const [used] = (await sides.plan()).findings.filter(isBlock);
    expect(used?.remedy).toContain('ALTER TABLE public.a ALTER COLUMN id TYPE bigint; ALTER TABLE public.t ');
    expect(used?.remedy).not.toContain('public.b');
    if (used !== undefined) await sides.follow(used);
    const { rows, findings } = await sides.plan();
    expect(findings.filter(isBlock)).toEqual([]);
    await sides.apply(rows);
    await sides.standby.sql('INSERT INTO t DEFAULT VALUES; INSERT INTO a SELECT id FROM t');
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
});
