import { describe, expect, it } from 'vitest';
import { readColumnLimits } from '../../../src/postgres/sequences/column-limits.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import { oldestAndNewest } from './database.js';
import { eachWithTwoSides } from './each-test.js';
import type { TwoSides } from './two-sides.js';

describe.each(oldestAndNewest)('limits that are no type on PostgreSQL $version', (version) => {
  let sides: TwoSides;
  eachWithTwoSides(version, (made) => {
    sides = made;
  });

  /** Of a column `no` of each table, at 42 on the primary: what is left up to 9999 is halved, and inserts work there. */
  it.each([
    [
      'a check constraint',
      'no int DEFAULT nextval($s) CHECK (no BETWEEN 1 AND 9999)',
      'the check constraint t_no_check of public.t',
    ],
    [
      'one of several constraints of the table',
      'no bigint DEFAULT nextval($s), b int CHECK (b > 0), CONSTRAINT "No four" CHECK (no < 10000 AND b IS NOT NULL), CHECK (no > 0)',
      'the check constraint "No four" of public.t',
    ],
    [
      'one that was not validated, on a name in quotes',
      '"No" numeric DEFAULT nextval($s), CONSTRAINT c CHECK ("No" <= 9999.5)',
      'the check constraint c of public.t',
    ],
    ['a domain', 'no four DEFAULT nextval($s)', 'the check constraint four_check of the domain public.four'],
    [
      'a domain over a domain',
      'no of_four DEFAULT nextval($s)',
      'the check constraint four_check of the domain public.four',
    ],
    [
      'a check of the table on a column of a domain',
      'no whole DEFAULT nextval($s) CHECK (no BETWEEN 1 AND 9999)',
      'the check constraint t_no_check of public.t',
    ],
    [
      'a negated check',
      'no int DEFAULT nextval($s) CHECK (NOT (no < 1 OR no > 9999))',
      'the check constraint t_no_check of public.t',
    ],
    [
      'a check that null passes',
      'no int DEFAULT nextval($s) CHECK (no IS NULL OR no BETWEEN 1 AND 9999)',
      'the check constraint t_no_check of public.t',
    ],
    [
      'a check of several ranges',
      'no bigint DEFAULT nextval($s) CHECK (no < 10000 OR no > 20000)',
      'the check constraint t_no_check of public.t',
    ],
    [
      'a check of the length',
      'no bigint DEFAULT nextval($s) CHECK (length(no::text) <= 4)',
      'the check constraint t_no_check of public.t',
    ],
    [
      'a domain over text',
      'no short DEFAULT nextval($s)',
      'the check constraint short_check of the domain public.short',
    ],
    [
      'a domain of several ranges',
      'no ranges DEFAULT nextval($s)',
      'the check constraint ranges_check of the domain public.ranges',
    ],
    ['a length', 'no char(4) DEFAULT nextval($s)', 'its character(4) column public.t.no'],
    [
      'a length that may vary',
      'no varchar(4) DEFAULT nextval($s)::text',
      'its character varying(4) column public.t.no',
    ],
    ['a domain with a length', 'no text4 DEFAULT nextval($s)', 'its character varying(4) column public.t.no'],
    [
      'padding',
      "no text DEFAULT lpad(nextval($s)::text, 4, '0')",
      'the default of public.t.no, which keeps 4 digits',
    ],
    [
      'padding within a number',
      "no varchar(20) DEFAULT 'ORD-' || lpad(nextval($s)::text, 4, '0')",
      'the default of public.t.no, which keeps 4 digits',
    ],
    [
      'a length in a cast',
      'no bigint DEFAULT nextval($s)::text::varchar(4)::int8',
      'the default of public.t.no, which keeps 4 digits',
    ],
    [
      'a precision in a cast',
      'no bigint DEFAULT nextval($s)::numeric(6,2)',
      'the default of public.t.no, which keeps 4 digits',
    ],
    [
      'a format',
      "no text DEFAULT to_char(nextval($s), 'FM0000')",
      'the default of public.t.no, which keeps 4 digits',
    ],
  ])('halve what is left: %s', async (_, columns, of) => {
    await sides.sql(`
      CREATE SEQUENCE s; CREATE DOMAIN four AS int CHECK (VALUE >= 1 AND VALUE <= 9999); CREATE DOMAIN of_four AS four;
      CREATE DOMAIN text4 AS varchar(4); CREATE DOMAIN whole AS int; CREATE DOMAIN short AS text CHECK (length(VALUE) <= 4);
      CREATE DOMAIN ranges AS int CHECK (VALUE BETWEEN 1 AND 9999 OR VALUE BETWEEN 50000 AND 60000);
      CREATE TABLE t (${columns.replace('$s', "'s'")}, note text UNIQUE);
      ALTER TABLE t ADD c2 int`);
    await sides.primary.sql("SELECT setval('s', 42)");
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows[0]).toMatchObject({ outcome: 'applied', target: '5021', buffer: '4978' });
    const reduced = findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED');
    expect(reduced.map(({ code, message }) => [code, message])).toEqual([
      [
        'BUFFER_REDUCED',
        `the buffer of public.s was reduced from 10000 to 4978 calls: 9957 are left up to 9999, the limit of ${of}`,
      ],
    ]);
    await sides.apply(rows);
    const b = columns.includes('b int') ? ['b, ', '1, '] : ['', ''];
    for (let i = 0; i < 10; i += 1)
      await sides.standby.sql(`INSERT INTO t (${b[0] ?? ''}note) VALUES (${b[1] ?? ''}'${String(i)}')`);
    const [row] = await sides.standby.sql<{ no: string }>(
      `SELECT ${columns.includes('"No"') ? '"No"' : 'no'}::text AS no FROM t WHERE note = '0'`,
    );
    expect(row?.no).toMatch(/5021$/u);
  });

  it.each([
    "no text DEFAULT lpad(nextval('s')::text, 4, '0')",
    "no char(4) DEFAULT nextval('s')",
    "no bigint DEFAULT nextval('s')::numeric(4)",
    "no bigint DEFAULT nextval('s')::text::varchar(4)::int8",
    "no int DEFAULT nextval('s') CHECK (no::bigint BETWEEN 1 AND 9999)",
  ])('are computed also if the server prints every name in quotes: %s', async (column) => {
    await sides.sql(`CREATE SEQUENCE s; CREATE TABLE t (${column})`);
    for (const side of [sides.primary, sides.standby]) {
      const [row] = await side.sql<{ name: string }>('SELECT current_database() AS name');
      await side.sql(`ALTER DATABASE ${row?.name ?? ''} SET quote_all_identifiers = on`);
    }
    await sides.primary.sql("SELECT setval('s', 42)");
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows[0]).toMatchObject({ outcome: 'applied', target: '5021', buffer: '4978' });
    expect(findings.map(({ code }) => code)).not.toContain('LIMIT_NOT_COMPUTED');
  });

  it.each([
    ['oid', '4294967295', 4294957000n],
    ['real', '16777216', 16777000n],
    ['double precision', '9007199254740992', 9007199254740000n],
    ['wide', '9007199254740992', 9007199254740000n],
  ])('are those of the type %s', async (type, limit, last) => {
    await sides.sql(
      `CREATE SEQUENCE s; CREATE DOMAIN wide AS float8; CREATE TABLE t (no ${type} PRIMARY KEY DEFAULT nextval('s'))`,
    );
    await sides.primary.sql(`SELECT setval('s', ${String(last)})`);
    const { rows, findings } = await sides.plan({ buffer: { calls: '100000' } });
    const shown = type === 'wide' ? 'double precision' : type;
    expect(findings.filter(({ code }) => code === 'BUFFER_REDUCED')).toMatchObject([
      {
        message: expect.stringContaining(
          `up to ${limit}, the limit of its ${shown} column public.t.no`,
        ) as string,
      },
    ]);
    await sides.apply(rows);
    await sides.standby.sql('INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES');
  });

  it.each([
    ['real', 16777216n],
    ['double precision', 9007199254740992n],
  ])('are none beyond the last integer that %s holds exactly, which is a warning', async (type, last) => {
    await sides.sql(`CREATE SEQUENCE s; CREATE TABLE t (no ${type} DEFAULT nextval('s'))`);
    await sides.primary.sql(`SELECT setval('s', ${String(last)})`);
    const { rows, findings } = await sides.plan({ buffer: { calls: '100000' } });
    expect(rows).toMatchObject([{ outcome: 'applied', target: String(last + 100_001n) }]);
    expect(
      findings
        .filter(({ code }) => code !== 'DATA_NOT_CHECKED')
        .map(({ severity, code, message }) => [severity, code, message]),
    ).toEqual([
      [
        'warn',
        'LIMIT_NOT_COMPUTED',
        `the values of public.s may be limited by its ${type} column public.t.no, which rounds values beyond ${String(last)}: then a unique index refuses some of them; this limit was not computed`,
      ],
    ]);
    await sides.apply(rows);
    await sides.standby.sql('INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES');
  });

  it('halve what is left of partitions, unless there is a default one', async () => {
    await sides.sql(`
      CREATE TABLE p (id bigserial PRIMARY KEY, note text) PARTITION BY RANGE (id);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5000); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5000) TO (10000);
      CREATE TABLE d (id bigserial PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE d1 PARTITION OF d FOR VALUES FROM (1) TO (10000); CREATE TABLE d2 PARTITION OF d DEFAULT;
      CREATE TABLE o (id serial PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE o1 PARTITION OF o FOR VALUES FROM (MINVALUE) TO (9) ; CREATE TABLE o2 PARTITION OF o FOR VALUES FROM (9) TO (MAXVALUE)`);
    await sides.primary.sql("SELECT setval('p_id_seq', 42), setval('d_id_seq', 42), setval('o_id_seq', 42)");
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows.map(({ sequence, target }) => [sequence, target])).toEqual([
      ['public.d_id_seq', '10043'],
      ['public.o_id_seq', '10043'],
      ['public.p_id_seq', '5021'],
    ]);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/the limit of the partitions of public\.p$/u),
    ]);
    await sides.apply(rows);
    for (const table of ['d', 'o']) await sides.standby.sql(`INSERT INTO ${table} DEFAULT VALUES`);
    await sides.standby.sql("INSERT INTO p (note) VALUES ('x')");
  });

  /** Of a column `id` at 42: the next buffer of 10,000 calls is reduced to half of what is left, and the insert on the standby works. */
  it.each([
    [
      'a check of one partition',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (d); CREATE TABLE a PARTITION OF t (CONSTRAINT few CHECK (id < 5000)) FOR VALUES FROM (1) TO (9);
       CREATE TABLE b PARTITION OF t FOR VALUES FROM (9) TO (19)`,
      ['2521', '4999, the limit of the check constraint few of public.a'],
    ],
    [
      'a check of the only partition',
      'CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (d); CREATE TABLE a PARTITION OF t (CHECK (id < 5000)) FOR VALUES FROM (1) TO (9)',
      ['2521', '4999, the limit of the partitions of public.t'],
    ],
    [
      'a check of an inheriting table',
      'CREATE TABLE t (id bigserial, d int); CREATE TABLE a (CONSTRAINT few CHECK (id < 9000)) INHERITS (t)',
      ['4521', '8999, the limit of the check constraint few of public.a'],
    ],
    [
      'the tightest check, two levels down',
      `CREATE TABLE t (id bigserial, d int); CREATE TABLE m (CONSTRAINT most CHECK (id < 20000)) INHERITS (t);
       CREATE TABLE a (CONSTRAINT few CHECK (id < 9000)) INHERITS (m)`,
      ['4521', '8999, the limit of the check constraint few of public.a'],
    ],
    [
      'ranges of a partition',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY LIST (d); CREATE TABLE x PARTITION OF t FOR VALUES IN (1) PARTITION BY RANGE (id);
       CREATE TABLE a PARTITION OF x FOR VALUES FROM (1) TO (10000); CREATE TABLE b PARTITION OF t FOR VALUES IN (2)`,
      ['5021', '9999, the limit of the partitions of public.x'],
    ],
    [
      'ranges within ranges',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (id); CREATE TABLE x PARTITION OF t FOR VALUES FROM (1) TO (20000) PARTITION BY RANGE (id);
       CREATE TABLE a PARTITION OF x FOR VALUES FROM (1) TO (10000); CREATE TABLE b PARTITION OF t FOR VALUES FROM (20000) TO (30000)`,
      ['5021', '9999, the limit of the partitions of public.t'],
    ],
    [
      'a gap between ranges',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t FOR VALUES FROM (1) TO (10000);
       CREATE TABLE b PARTITION OF t FOR VALUES FROM (20000) TO (90000)`,
      ['5021', '9999, the limit of the partitions of public.t'],
    ],
    [
      'a range that ends within the other keys',
      `CREATE TABLE t (id bigserial, d int DEFAULT 1) PARTITION BY RANGE (id, d); CREATE TABLE a PARTITION OF t FOR VALUES FROM (1, 1) TO (5000, MAXVALUE);
       CREATE TABLE b PARTITION OF t FOR VALUES FROM (5001, MINVALUE) TO (10000, 1)`,
      ['5021', '9999, the limit of the partitions of public.t'],
    ],
    [
      'lists of values',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY LIST (id); CREATE TABLE a PARTITION OF t FOR VALUES IN (1, 900);
       CREATE TABLE b PARTITION OF t FOR VALUES IN (43, 45, 44, 46, NULL)`,
      ['45', '46, the limit of the partitions of public.t'],
    ],
    [
      'lists of values beside a default partition',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY LIST (id); CREATE TABLE a PARTITION OF t FOR VALUES IN (1, 900);
       CREATE TABLE b PARTITION OF t DEFAULT`,
      ['10043', null],
    ],
    [
      'checks that repeat the ranges',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t (CHECK (id < 5000)) FOR VALUES FROM (1) TO (5000);
       CREATE TABLE b PARTITION OF t (CHECK (id >= 5000 AND id < 10000)) FOR VALUES FROM (5000) TO (10000)`,
      ['5021', '9999, the limit of the partitions of public.t'],
    ],
    [
      'a check of the values of partitions by another column, and none after it',
      `CREATE TABLE t (id bigserial, d int DEFAULT 12) PARTITION BY RANGE (d); CREATE TABLE a PARTITION OF t (CHECK (id < 40)) FOR VALUES FROM (1) TO (9);
       CREATE TABLE b PARTITION OF t (CHECK (id >= 40 AND d > 2)) FOR VALUES FROM (9) TO (19)`,
      ['10043', null],
    ],
    [
      'partitions by a hash, and a default partition',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY LIST (id); CREATE TABLE a PARTITION OF t FOR VALUES IN (1); CREATE TABLE x PARTITION OF t DEFAULT PARTITION BY HASH (id);
       CREATE TABLE b PARTITION OF x FOR VALUES WITH (modulus 2, remainder 0); CREATE TABLE c PARTITION OF x FOR VALUES WITH (modulus 4, remainder 1);
       CREATE TABLE e PARTITION OF x FOR VALUES WITH (modulus 4, remainder 3)`,
      ['10043', null],
    ],
    [
      'a check of a partition beside a default one',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t (CHECK (id < 5000)) FOR VALUES FROM (1) TO (10000);
       CREATE TABLE b PARTITION OF t DEFAULT`,
      ['2521', '4999, the limit of the partitions of public.t'],
    ],
    [
      'a check of a default partition, which is reached after its siblings',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t FOR VALUES FROM (1) TO (1000);
       CREATE TABLE b PARTITION OF t (CHECK (id < 5000)) DEFAULT`,
      ['2521', '4999, the limit of the partitions of public.t'],
    ],
    [
      'a check of a default partition that no value reaches',
      `CREATE TABLE t (id bigserial, d int) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t FOR VALUES FROM (1) TO (MAXVALUE);
       CREATE TABLE b PARTITION OF t (CHECK (id < 0)) DEFAULT`,
      ['10043', null],
    ],
    [
      'ranges of a number that is no integer',
      `CREATE TABLE t (id float8, d int) PARTITION BY RANGE (id); CREATE SEQUENCE t_id_seq; ALTER TABLE t ALTER id SET DEFAULT nextval('t_id_seq');
       CREATE TABLE a PARTITION OF t FOR VALUES FROM (1) TO (10000)`,
      ['5021', '9999, the limit of the partitions of public.t'],
    ],
  ])('are those of the tables below: %s', async (_, schema, [target, of]) => {
    await sides.sql(schema);
    await sides.primary.sql("SELECT setval('t_id_seq', 42)");
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows.map((row) => row.target)).toEqual([target]);
    const told = findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED');
    const message = expect.stringMatching(new RegExp(`${String(of)}$`, 'u')) as string;
    expect(told).toMatchObject(of === null ? [] : [{ code: 'BUFFER_REDUCED', message }]);
    await sides.apply(rows);
    await sides.standby.sql(
      'INSERT INTO t (d) VALUES (1)'.replace('1', schema.includes('DEFAULT 12') ? '12' : '1'),
    );
  });

  it('are those of the range that contains the next value', async () => {
    await sides.sql(`
      CREATE TABLE t (id bigserial PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t FOR VALUES FROM (1) TO (10000);
      CREATE TABLE b PARTITION OF t FOR VALUES FROM (20000) TO (90000)`);
    await sides.primary.sql("SELECT setval('t_id_seq', 89980)");
    const later = await sides.plan();
    expect(later.rows.map(({ target }) => target)).toEqual(['89990']);
    await sides.primary.sql("SELECT setval('t_id_seq', 9999)");
    const { rows, findings } = await sides.plan();
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(findings).toMatchObject([
      {
        code: 'EXHAUSTED',
        message: expect.stringMatching(/up to 9999, the limit of the partitions of public\.t/u) as string,
        remedy:
          'on the standby widen the partitions of public.t: create one for further values, or drop the check constraint of the one that refuses them',
      },
    ]);
  });

  it.each([
    ['a list of texts', 'PARTITION BY LIST (id)', "FOR VALUES IN ('1', '2')", 'text'],
    ['a later key', 'PARTITION BY RANGE (d, id)', 'FOR VALUES FROM (1, 1) TO (1, 10000)'],
    ['an expression', 'PARTITION BY RANGE ((id % 20000))', 'FOR VALUES FROM (0) TO (10000)'],
    ['a part of a hash', 'PARTITION BY HASH (id)', 'FOR VALUES WITH (modulus 4, remainder 0)'],
    ['a range of text', 'PARTITION BY RANGE (id)', "FOR VALUES FROM ('1') TO ('5000')", 'text'],
  ])('are named where partitions cannot be computed: %s', async (_, by, bounds, type = 'bigint') => {
    await sides.sql(`
      CREATE SEQUENCE s; CREATE TABLE t (id ${type} DEFAULT nextval('s'), d int) ${by}; CREATE TABLE a PARTITION OF t ${bounds}`);
    const { findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED')).toMatchObject([
      {
        code: 'LIMIT_NOT_COMPUTED',
        message: expect.stringMatching(/may be limited by the partitions of public\.t; this/u) as string,
      },
    ]);
  });

  it('are named where those of a table below cannot be computed', async () => {
    await sides.sql(`
      CREATE TABLE u (id bigint PRIMARY KEY); CREATE TABLE t (id bigserial, d int);
      CREATE TABLE a (CONSTRAINT odd CHECK (id % 2 = 1), CONSTRAINT to_u FOREIGN KEY (id) REFERENCES u) INHERITS (t)`);
    const { findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED')).toMatchObject([
      {
        code: 'LIMIT_NOT_COMPUTED',
        message: expect.stringMatching(
          /the foreign key to_u of public\.a, the check constraint odd of public\.a/u,
        ) as string,
      },
    ]);
  });

  it.each([
    ['smallint', 42],
    ['int', 43],
    ['bigint', 44],
    ['numeric', 45],
  ])('are those of a list of values: %s', async (type, last) => {
    const list = [...Array.from({ length: 60 }, (_, i) => i + 1), 900].join(', ');
    await sides.sql(
      `CREATE SEQUENCE s; CREATE TABLE t (no ${type} PRIMARY KEY DEFAULT nextval('s') CONSTRAINT few CHECK (no IN (${list})))`,
    );
    await sides.primary.sql(`SELECT setval('s', ${last})`);
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    const left = 60 - last;
    expect(rows[0]?.target).toBe(String(last + 1 + Math.floor(left / 2)));
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      [
        'BUFFER_REDUCED',
        expect.stringMatching(/ up to 60, the limit of the check constraint few of public\.t$/u),
      ],
    ]);
    await sides.apply(rows);
    await sides.standby.sql('INSERT INTO t DEFAULT VALUES');
    // Between two of the values, no insert succeeds until the constraint is dropped.
    await sides.primary.sql("SELECT setval('s', 60)");
    const used = await sides.plan();
    expect(used.findings.map(({ code }) => code)).toEqual(['EXHAUSTED']);
    for (const finding of used.findings) await sides.follow(finding);
    const mended = await sides.plan();
    expect(mended.findings.filter(({ severity }) => severity === 'block')).toEqual([]);
    await sides.apply(mended.rows);
    await sides.standby.sql('INSERT INTO t DEFAULT VALUES');
  });

  it('are none where a check refuses only single values', async () => {
    await sides.sql(
      `CREATE SEQUENCE s; CREATE TABLE t (no int PRIMARY KEY DEFAULT nextval('s') CHECK (no <> 0 AND no NOT IN (13, 4000)))`,
    );
    await sides.primary.sql("SELECT setval('s', 42)");
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows.map(({ target }) => target)).toEqual(['10043']);
    expect(findings).toEqual([]);
  });

  it('limit a descending sequence at its other end', async () => {
    await sides.sql(`
      CREATE SEQUENCE s INCREMENT -1; CREATE TABLE t (no int PRIMARY KEY DEFAULT nextval('s') CHECK (no >= -100 AND no < 0));
      CREATE SEQUENCE c INCREMENT -1; CREATE TABLE u (no varchar(4) DEFAULT nextval('c'))`);
    const { rows } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows.map(({ target }) => target)).toEqual(['-500', '-51']);
    await sides.apply(rows);
    await sides.standby.sql('INSERT INTO t DEFAULT VALUES; INSERT INTO u DEFAULT VALUES');
  });

  it('are used up beyond them, and the remedy names them', async () => {
    await sides.sql(
      `CREATE SEQUENCE s; CREATE TABLE t (no int PRIMARY KEY DEFAULT nextval('s') CONSTRAINT few CHECK (no < 100))`,
    );
    await sides.primary.sql("SELECT setval('s', 99)");
    const { findings } = await sides.plan();
    expect(findings.map(({ code, message, remedy }) => [code, message, remedy])).toEqual([
      [
        'EXHAUSTED',
        "public.s has no value left up to 99, the limit of the check constraint few of public.t: the primary's next value is 100",
        'on the standby, as the owner or a superuser: ALTER TABLE public.t DROP CONSTRAINT few; (the check constraint few of public.t: it was CHECK ((no < 100)): if it has to stay, add it again with a wider limit)',
      ],
    ]);
  });

  it.each([
    [
      'CHECK (no % 2 = 1)',
      'no int DEFAULT nextval($s) CONSTRAINT odd CHECK (no % 2 = 1)',
      /the check constraint odd of public\.t: CHECK \(\(\(no % 2\) = 1\)\)/u,
    ],
    [
      'a second column',
      'no int DEFAULT nextval($s), most int, CONSTRAINT few CHECK (no < most)',
      /the check constraint few of public\.t: CHECK \(\(no < most\)\)/u,
    ],
    [
      'a domain over text',
      'no short DEFAULT nextval($s)',
      /the check constraint short_check of the domain public\.short/u,
    ],
    [
      'a function in the default',
      'no int DEFAULT (nextval($s) * 10)',
      /the default of public\.t\.no: \(nextval\('public\.s'::regclass\) \* 10\)/u,
    ],
    [
      'a length behind a prefix',
      "no varchar(8) DEFAULT 'ORD-' || nextval($s)",
      /the length of public\.t\.no, character varying\(8\)/u,
    ],
    ['a type', 'no money DEFAULT nextval($s)', /the type of public\.t\.no, money/u],
    ['a cast to real', 'no bigint DEFAULT nextval($s)::real::int8', /the default of public\.t\.no: .*real/u],
    [
      'a length of a text with a prefix',
      "no text DEFAULT ('O' || nextval($s)::text)::varchar(5)",
      /the default of public\.t\.no: .*character varying\(5\)/u,
    ],
    [
      'a longer prefix',
      "no text DEFAULT ('ORDER-' || nextval($s))::char(10)",
      /the default of public\.t\.no: .*character\(10\)/u,
    ],
    [
      'a number with a digit after it',
      "no bigint DEFAULT (nextval($s)::text || '0')::int2",
      /the default of public\.t\.no: .*smallint/u,
    ],
    [
      'a check of the whole row',
      'no int DEFAULT nextval($s)); ALTER TABLE t ADD CONSTRAINT few CHECK (ok(t)',
      /the check constraint few of public\.t: CHECK \(.*ok\(t\.\*\)\)/u,
    ],
    [
      'a check of the whole row of a table below',
      'no int DEFAULT nextval($s)); CREATE TABLE b (CONSTRAINT few CHECK (ok(b))) INHERITS (t',
      /the check constraint few of public\.b: CHECK \(public\.ok\(b\.\*\)\)/u,
    ],
    [
      'a CASE',
      'no int DEFAULT nextval($s) CONSTRAINT few CHECK (CASE WHEN no > 0 THEN no < 9 ELSE true END)',
      /CASE/u,
    ],
    [
      'a check of a cast',
      'no bigint DEFAULT nextval($s), CONSTRAINT few CHECK (no::numeric(4,0) > 0)',
      /the check constraint few of public\.t/u,
    ],
    [
      'a generated column',
      'no int DEFAULT nextval($s), code char(4) GENERATED ALWAYS AS (lpad(no::text, 4)) STORED',
      /the generated column public\.t\.code/u,
    ],
    [
      'a unique index on an expression',
      'no text DEFAULT nextval($s)); CREATE UNIQUE INDEX "By four" ON t (left(no, 4)',
      /the unique index "By four" of public\.t, on an expression/u,
    ],
    [
      'a partial unique index on an expression',
      'n text, no text DEFAULT nextval($s)); CREATE UNIQUE INDEX "By four" ON t (left(no, 4)) WHERE no > $s; CREATE UNIQUE INDEX other ON t (lower(n)) WHERE (no > $s',
      /by the unique index "By four" of public\.t, on an expression; this/u,
    ],
    [
      'an exclusion constraint on an expression',
      'no int DEFAULT nextval($s), CONSTRAINT "No two" EXCLUDE USING btree ((no % 1000) WITH =)',
      /by the exclusion constraint "No two" of public\.t, on an expression; this/u,
    ],
    ...[
      ['an index', 'no bigint', '((no::int2))'],
      ['a computed index', 'no bigint', '(((10 + no * 2)::int))'],
      ['the condition of an index', 'no int', '(n) WHERE no::int2 > 0'],
      ['an index on digits', 'no numeric', '((no::numeric(4, 0)))'],
      ['an index on a text as a number', 'no text', '((no::int))'],
    ].map(([what = '', column = '', on = '']): [string, string, RegExp] => [
      `a cast in ${what}`,
      `n text, ${column} DEFAULT nextval($s)); CREATE INDEX "Small" ON t ${on}; CREATE INDEX ON t (no, lower(n)) WHERE (n > ''`,
      /by the index "Small" of public\.t, which casts the values to a smaller type; this/u,
    ]),
    [
      'a function in a check',
      'no int DEFAULT nextval($s) CONSTRAINT few CHECK (ok(no))',
      /the check constraint few of public\.t: CHECK \(.*ok\(no\)\)/u,
    ],
    [
      'a foreign key',
      'no int DEFAULT nextval($s) CONSTRAINT "To u" REFERENCES u',
      /the foreign key "To u" of public\.t/u,
    ],
  ])('are named where they cannot be computed: %s', async (_, columns, named) => {
    await sides.sql(`
      CREATE SEQUENCE s; CREATE DOMAIN short AS text CHECK (VALUE ~ '^\\d{1,4}$'); CREATE TABLE u (id int PRIMARY KEY);
      CREATE FUNCTION ok(anyelement) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
      CREATE TABLE t (${columns.replaceAll('$s', "'s'")})`);
    const { findings } = await sides.plan({ buffer: { calls: '10000' } });
    const told = findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED');
    expect(told).toMatchObject([
      {
        severity: 'warn',
        code: 'LIMIT_NOT_COMPUTED',
        sequence: 'public.s',
        message: expect.stringMatching(named) as string,
        remedy: expect.stringMatching(/^check whether 10001 and the values after it fit/u) as string,
      },
    ]);
  });

  it('are none where nothing limits a column, or only from below', async () => {
    await sides.sql(`
      CREATE TABLE a (id serial PRIMARY KEY, b int CHECK (b < 5), CHECK (id > 0), CHECK (id IS NOT NULL));
      CREATE TABLE b (id bigint GENERATED ALWAYS AS IDENTITY UNIQUE); CREATE SEQUENCE s; CREATE TABLE c (no text DEFAULT 'ORD-' || nextval('s'));
      CREATE TABLE d (id serial PRIMARY KEY, n text, other bigint);
      CREATE INDEX ON d (id, lower(n), (other::int2)) WHERE id > 5;
      CREATE INDEX ON d ((id::bigint), (id::numeric), (id::text)) WHERE other::int2 > 5 AND id > 5;
      CREATE INDEX ON d ((id % 1000))`);
    const endpoint = await sides.standby.endpoint();
    const readings = await readSequences(endpoint, sides.standby.identity, { after: null, upTo: null });
    const found = await readColumnLimits(
      endpoint,
      sides.standby.identity,
      readings.flatMap(({ feeds }) => feeds),
    );
    expect([...found.values()].flatMap(({ notComputed }) => notComputed)).toEqual([]);
    expect([...found.values()].flatMap(({ limits }) => limits)).toMatchObject([{ high: null }]);
  });

  it.each([
    { of: 'its type', column: 'no int', at: 2_147_483_000n, target: '2147483324' },
    { of: 'a check constraint', column: 'no bigint CHECK (no < 10000)', at: 41n, target: '5021' },
    { of: 'its length', column: 'no varchar(4)', at: 41n, target: '5021' },
    // Hibernate's hi/lo, for example: the values are computed from those of the sequence.
    { of: 'a type that the sequence has passed', column: 'no int', at: 2_147_483_647n, target: '2147493648' },
    { of: 'a check that it has passed', column: 'no bigint CHECK (no < 100)', at: 500n, target: '10501' },
    { of: 'a foreign key', column: 'no bigint REFERENCES u', at: 41n, target: '10042' },
  ])('of a column that only owns the sequence count while the next value is within: $of', async (given) => {
    const { column, at, target } = given;
    await sides.sql(`
      CREATE TABLE u (id bigint PRIMARY KEY); CREATE TABLE t (${column}); CREATE SEQUENCE s OWNED BY t.no`);
    await sides.primary.sql(`SELECT setval('s', ${String(at)})`);
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows.map((row) => row.target)).toEqual([target]);
    expect(findings.filter(({ code }) => code === 'LIMIT_NOT_COMPUTED')).toEqual([]);
    expect(findings.filter(({ severity }) => severity === 'block')).toEqual([]);
  });

  it.each([
    { fed: 'bigint', refers: 'integer', at: 2_147_483_000n, target: '2147483324' },
    { fed: 'int', refers: 'smallint', at: 32_001n, target: '32385' },
    { fed: 'numeric', refers: 'numeric(4,0)', at: 41n, target: '5021' },
    { fed: 'text', refers: 'character varying(4)', at: 41n, target: '5021' },
    { fed: 'bigint', refers: 'whole', type: 'integer', at: 2_147_483_000n, target: '2147483324' },
    { fed: 'bigint', refers: 'integer', at: 2_147_483_647n, target: '2147493648', isPassed: true },
  ])(
    'are those of a column that refers to it, while the next value is within: $fed, $refers, at $at',
    async ({ fed, refers, type = refers, at, target, isPassed = false }) => {
      await sides.sql(`
        CREATE DOMAIN whole AS int; CREATE SEQUENCE s; CREATE TABLE t (k int, no ${fed} DEFAULT nextval('s'), PRIMARY KEY (no, k));
        CREATE TABLE c (k int, no ${refers}, FOREIGN KEY (k, no) REFERENCES t (k, no))`);
      await sides.primary.sql(`SELECT setval('s', ${String(at)})`);
      const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
      expect(rows.map((row) => row.target)).toEqual([target]);
      const reduced = findings.filter(({ code }) => code !== 'DATA_NOT_CHECKED');
      expect(reduced.map(({ code, message }) => [code, /the limit of (.*)$/u.exec(message)?.[1]])).toEqual(
        isPassed ? [] : [['BUFFER_REDUCED', `the ${type} column public.c.no, which refers to public.t.no`]],
      );
    },
  );

  it.each([
    { of: 'has no default yet', onStandby: 'id smallint PRIMARY KEY', code: 'NO_DEFAULT' },
    { of: 'calls another sequence', onStandby: "id smallint DEFAULT nextval('o')", code: 'FEEDS_DIFFER' },
  ])(
    'count of a column that is fed on the primary, and that $of on the standby',
    async ({ onStandby, code }) => {
      await sides.sql('CREATE SEQUENCE s; CREATE SEQUENCE o');
      await sides.primary.sql("CREATE TABLE t (id smallint DEFAULT nextval('s')); SELECT setval('s', 29999)");
      await sides.standby.sql(`CREATE TABLE t (${onStandby})`);
      const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
      expect(findings.map((one) => one.code)).toEqual(expect.arrayContaining([code, 'BUFFER_REDUCED']));
      expect(rows.find(({ sequence }) => sequence === 'public.s')?.target).toBe('31384');
    },
  );

  it('are read of the others while one table is locked, and that is said', async () => {
    await sides.sql(`
      CREATE TABLE a (id serial PRIMARY KEY CHECK (id < 1000)); CREATE TABLE b (id serial PRIMARY KEY CHECK (id < 1000))`);
    const blocker = await sides.standby.session();
    await blocker.query('BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE');
    const { rows, findings } = await sides.plan({ buffer: { calls: '10000' } });
    expect(rows.map(({ target }) => target)).toEqual(['10001', '500']);
    expect(findings.filter(({ code }) => code === 'LIMIT_NOT_COMPUTED')).toMatchObject([
      {
        sequence: 'public.a_id_seq',
        message: expect.stringMatching(/which could not be read: .* locked by process/u) as string,
      },
    ]);
  });
});
