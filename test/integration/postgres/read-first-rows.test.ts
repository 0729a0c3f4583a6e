import { describe, expect, it } from 'vitest';
import { readFirstRows } from '../../../src/postgres/sequences/read-first-rows.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import type { RowsAhead } from '../../../src/sequences/rows.js';
import { oldestAndNewest, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

describe.each(oldestAndNewest)('the first rows on PostgreSQL $version', (version) => {
  let database: TestDatabase;
  eachWithDatabase(version, (made) => {
    database = made;
  });

  /** By the name of the sequence, from `from` on. */
  async function firstRows(from: Record<string, bigint>): Promise<Record<string, RowsAhead | undefined>> {
    const endpoint = await database.endpoint();
    const readings = await readSequences(endpoint, database.identity, { after: null, upTo: null });
    const asked = readings.map((reading) => ({ ...reading, from: from[reading.name] ?? 0n }));
    const found = await readFirstRows(endpoint, database.identity, asked);
    return Object.fromEntries(readings.map(({ name, oid }) => [name, found.get(oid)]));
  }

  it('are the first at or beyond a value, in the direction of the increment, of all columns fed', async () => {
    await database.sql(`
      CREATE SEQUENCE up MINVALUE -2147483648;
      CREATE TABLE a (id int DEFAULT nextval('up') PRIMARY KEY); INSERT INTO a VALUES (-2147483648), (7), (2147483647);
      CREATE SEQUENCE down INCREMENT -1;
      CREATE TABLE b (id int DEFAULT nextval('down') UNIQUE, x int); INSERT INTO b VALUES (-3), (-90), (NULL);
      CREATE SEQUENCE shared;
      CREATE TABLE c (id bigint DEFAULT nextval('shared'), d bigint DEFAULT nextval('shared'));
      CREATE INDEX ON c (id DESC NULLS LAST); CREATE INDEX ON c (d, id); INSERT INTO c VALUES (5, 60), (50, 6);
      CREATE TABLE p (id bigserial, at int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
      INSERT INTO p VALUES (100, 1), (90, 11), (10, 2);
      CREATE SEQUENCE fine; CREATE TABLE n (id numeric DEFAULT nextval('fine') UNIQUE);
      INSERT INTO n VALUES (41.5), ('NaN')`);
    const from = { up: -2_147_473_148n, down: -4n, shared: 6n, p_id_seq: 11n, fine: 41n };
    expect(await firstRows(from)).toEqual({
      up: { from: from.up, first: 7n, unique: true, uniqueAlone: true },
      down: { from: from.down, first: -90n, unique: true, uniqueAlone: true },
      shared: { from: from.shared, first: 6n, unique: false, uniqueAlone: false },
      p_id_seq: { from: from.p_id_seq, first: 90n, unique: true, uniqueAlone: false },
      fine: { from: from.fine, first: 41n, unique: true, uniqueAlone: true },
    });
    expect(
      await firstRows({ up: 2_147_483_648n, down: -91n, shared: 61n, p_id_seq: 101n, fine: 43n }),
    ).toMatchObject({
      up: { first: null },
      down: { first: null },
      shared: { first: null },
      p_id_seq: { first: null },
      fine: { first: null },
    });
  });

  it('are those that the sequence would hand out: rows of another phase do not count', async () => {
    await database.sql(`
      CREATE SEQUENCE q INCREMENT 100 START 1; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('q'));
      INSERT INTO t SELECT generate_series(2, 100002, 100); INSERT INTO t VALUES (90001);
      CREATE SEQUENCE r INCREMENT -10; CREATE TABLE u (id int PRIMARY KEY DEFAULT nextval('r')); INSERT INTO u VALUES (-14), (-25), (-31);
      CREATE SEQUENCE n INCREMENT 10; CREATE TABLE v (id numeric UNIQUE DEFAULT nextval('n')); INSERT INTO v VALUES (30.5), (41), (42);
      CREATE SEQUENCE far INCREMENT 10 MINVALUE -9223372036854775808; CREATE TABLE w (id bigint PRIMARY KEY DEFAULT nextval('far'));
      INSERT INTO w VALUES (9223372036854775802)`);
    expect(await firstRows({ q: 1_001n, r: -5n, n: 31n, far: -9_223_372_036_854_775_808n })).toMatchObject({
      q: { first: 90_001n },
      r: { first: -25n },
      n: { first: 41n },
      far: { first: 9_223_372_036_854_775_802n },
    });
    expect(await firstRows({ q: 90_101n, r: -6n, n: 51n, far: -1n })).toMatchObject({
      ...{ q: { first: null }, r: { first: null }, n: { first: null }, far: { first: null } },
    });
  });

  it('say whether a unique index has the column, also among others, in an expression, or for a part of the rows', async (test) => {
    test.skip(version.version.startsWith('10'), 'INCLUDE came with PostgreSQL 11');
    await database.sql(`
      CREATE TABLE a (id bigserial, b int); CREATE INDEX ON a (id); CREATE UNIQUE INDEX ON a (b, id);
      CREATE TABLE b (id bigserial, b int); CREATE INDEX ON b (id); CREATE UNIQUE INDEX ON b (id) WHERE b > 0;
      CREATE TABLE c (id bigserial, b int); CREATE INDEX ON c (id); CREATE UNIQUE INDEX ON c (b) INCLUDE (id);
      CREATE TABLE d (id bigserial, EXCLUDE USING btree (id WITH =));
      CREATE TABLE e (id bigserial, b int); CREATE INDEX ON e (id); CREATE UNIQUE INDEX ON e ((id % 1000));
      CREATE TABLE f (b int, id bigserial); CREATE INDEX ON f (id); CREATE UNIQUE INDEX ON f ((b % 1000))`);
    expect(await firstRows({})).toMatchObject({
      a_id_seq: { unique: true, uniqueAlone: false },
      b_id_seq: { unique: true, uniqueAlone: false },
      c_id_seq: { unique: false },
      d_id_seq: { unique: true, uniqueAlone: true },
      e_id_seq: { unique: true, uniqueAlone: false },
      f_id_seq: { unique: false },
    });
  });

  it('are not told of a sequence of which a column cannot be read', async () => {
    await database.sql(`
      CREATE SEQUENCE s; CREATE TABLE a (id bigint DEFAULT nextval('s') PRIMARY KEY, b bigint DEFAULT nextval('s'));
      CREATE TABLE c (id bigserial PRIMARY KEY); INSERT INTO c VALUES (3)`);
    expect(await firstRows({})).toEqual({
      s: undefined,
      c_id_seq: { from: 0n, first: 3n, unique: true, uniqueAlone: true },
    });
  });
});
