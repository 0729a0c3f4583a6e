import { describe, expect, it } from 'vitest';
import { readPositions } from '../../../src/postgres/sequences/read-positions.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import type { SequenceReading } from '../../../src/postgres/sequences/sequence-reading.js';
import { hostileNames } from './hostile-names.js';
import { versions, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

const everything = { after: null, upTo: null };

describe.each(versions)('reading sequences on PostgreSQL $version', ({ version, binaries }) => {
  let database: TestDatabase;
  eachWithDatabase({ binaries }, (made) => {
    database = made;
  });

  async function read(role?: string): Promise<Map<string, SequenceReading>> {
    const endpoint = await database.endpoint(role === undefined ? {} : { role });
    const readings = await readSequences(endpoint, database.identity, everything);
    return new Map(readings.map((reading) => [reading.sequence, reading]));
  }

  it('reads everything from the catalog and the relation', async () => {
    await database.sql(`
      CREATE SEQUENCE "Odd One" AS smallint INCREMENT -3 MINVALUE -30 MAXVALUE 7 START 7 CACHE 4 CYCLE;
      SELECT setval('"Odd One"', -5)`);
    const oid = await database.oid('"Odd One"');
    expect(await read()).toEqual(
      new Map([
        [
          'public."Odd One"',
          {
            schema: 'public',
            name: 'Odd One',
            sequence: 'public."Odd One"',
            oid,
            definition: { increment: -3n, min: -30n, max: 7n, cache: 4n, cycle: true, start: 7n },
            persistence: 'permanent',
            extension: null,
            grantsToSet: null,
            feeds: [],
            reading: { position: { lastValue: -5n, isCalled: true } },
          },
        ],
      ]),
    );
  });

  it('tells never called, restarted and called apart, up to the ends of bigint', async () => {
    await database.sql(`
      CREATE SEQUENCE never; CREATE SEQUENCE called; SELECT nextval('called');
      CREATE SEQUENCE restarted; SELECT setval('restarted', 70); ALTER SEQUENCE restarted RESTART WITH 500000;
      CREATE SEQUENCE top; SELECT setval('top', 9223372036854775807);
      CREATE SEQUENCE bottom INCREMENT -1 MINVALUE -9223372036854775808 START -9223372036854775808;
      CREATE UNLOGGED TABLE t (id int GENERATED ALWAYS AS IDENTITY)`);
    const readings = await read();
    expect(
      [...readings.values()].map(({ name, reading, persistence }) => [name, reading, persistence]),
    ).toEqual([
      ['bottom', { position: { lastValue: -9223372036854775808n, isCalled: false } }, 'permanent'],
      ['called', { position: { lastValue: 1n, isCalled: true } }, 'permanent'],
      ['never', { position: { lastValue: 1n, isCalled: false } }, 'permanent'],
      ['restarted', { position: { lastValue: 500000n, isCalled: false } }, 'permanent'],
      // Before PostgreSQL 15 there are no unlogged sequences.
      [
        't_id_seq',
        { position: { lastValue: 1n, isCalled: false } },
        Number(version) < 15 ? 'permanent' : 'unlogged',
      ],
      ['top', { position: { lastValue: 9223372036854775807n, isCalled: true } }, 'permanent'],
    ]);
  });

  it('names the privilege that the role lacks on one of many sequences, and the GRANT', async () => {
    const role = await database.role();
    await database.sql(`
      CREATE SEQUENCE "may read"; GRANT SELECT ON SEQUENCE "may read" TO "${role}";
      CREATE SEQUENCE "may not"; GRANT UPDATE, USAGE ON SEQUENCE "may not" TO "${role}";
      CREATE SEQUENCE "may all"; GRANT ALL ON SEQUENCE "may all" TO "${role}";
      CREATE SCHEMA "Closed"; CREATE SEQUENCE "Closed".open; GRANT ALL ON SEQUENCE "Closed".open TO "${role}";
      CREATE SEQUENCE "Closed".shut`);
    const readings = [...(await read(role)).values()];
    const position = { position: { lastValue: 1n, isCalled: false } };
    expect(readings.map(({ name, reading }) => ({ name, reading }))).toEqual([
      {
        name: 'open',
        reading: {
          problem: {
            code: 'NO_READ_PRIVILEGE',
            reason: `On the standby, the role "${role}" lacks USAGE on the schema "Closed".`,
            remedy: `GRANT USAGE ON SCHEMA "Closed" TO "${role}";`,
            remedyIs: 'statements',
            role: `"${role}"`,
          },
        },
      },
      {
        name: 'shut',
        reading: {
          problem: {
            code: 'NO_READ_PRIVILEGE',
            reason: `On the standby, the role "${role}" lacks USAGE on the schema "Closed" and SELECT on the sequence "Closed".shut.`,
            remedy: `GRANT USAGE ON SCHEMA "Closed" TO "${role}"; GRANT SELECT ON SEQUENCE "Closed".shut TO "${role}";`,
            remedyIs: 'statements',
            role: `"${role}"`,
          },
        },
      },
      {
        name: 'may all',
        reading: position,
      },
      {
        name: 'may not',
        reading: {
          problem: {
            code: 'NO_READ_PRIVILEGE',
            reason: `On the standby, the role "${role}" lacks SELECT on the sequence public."may not".`,
            remedy: `GRANT SELECT ON SEQUENCE public."may not" TO "${role}";`,
            remedyIs: 'statements',
            role: `"${role}"`,
          },
        },
      },
      {
        name: 'may read',
        reading: position,
      },
    ]);
    expect(readings.map(({ grantsToSet }) => grantsToSet)).toEqual([
      `GRANT USAGE ON SCHEMA "Closed" TO "${role}";`,
      `GRANT USAGE ON SCHEMA "Closed" TO "${role}"; GRANT SELECT, UPDATE ON SEQUENCE "Closed".shut TO "${role}";`,
      null,
      `GRANT SELECT ON SEQUENCE public."may not" TO "${role}";`,
      `GRANT UPDATE ON SEQUENCE public."may read" TO "${role}";`,
    ]);

    for (const { reading, grantsToSet } of readings) {
      if ('problem' in reading) await database.sql(reading.problem.remedy);
      if (grantsToSet !== null) await database.sql(grantsToSet);
    }
    const mended = [...(await read(role)).values()];
    expect(mended.map(({ reading }) => reading)).toEqual(Array(5).fill(position));
    expect(mended.every(({ grantsToSet }) => grantsToSet === null)).toBe(true);
  });

  it('handles hostile names', async () => {
    await database.sql(
      hostileNames.map((name, i) => `CREATE SEQUENCE ${name.quoted} START ${i + 1};`).join('\n'),
    );
    await database.sql('CREATE SCHEMA "S\'.;\n"');
    await database.sql(
      'CREATE TABLE "S\'.;\n"."T""\\" ("C %s" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "S\'.;\n"."Q""\\"))',
    );
    const readings = [...(await read()).values()];
    const found = new Map(readings.map((reading) => [reading.name, reading]));
    expect(readings).toHaveLength(hostileNames.length + 1);
    for (const [i, { raw }] of hostileNames.entries()) {
      expect(found.get(raw)).toMatchObject({
        schema: 'public',
        name: raw,
        reading: { position: { lastValue: BigInt(i + 1), isCalled: false } },
      });
    }
    expect(found.get('Q"\\')).toMatchObject({
      sequence: '"S\'.;\n"."Q""\\"',
      feeds: [{ column: '"S\'.;\n"."T""\\"."C %s"' }],
      reading: { position: { lastValue: 1n, isCalled: false } },
    });
  });

  it('names the extension of a member', async () => {
    await database.sql(
      'CREATE SEQUENCE member; CREATE SEQUENCE other; ALTER EXTENSION plpgsql ADD SEQUENCE member',
    );
    const readings = await read();
    expect([...readings.values()].map(({ name, extension }) => [name, extension])).toEqual([
      ['member', 'plpgsql'],
      ['other', null],
    ]);
  });

  it('reads the others while one is locked, and says by whom', async () => {
    await database.sql('CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE c; CREATE SEQUENCE d');
    const blocker = await database.session();
    await blocker.query('BEGIN; DROP SEQUENCE b, d');
    const { rows } = await blocker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = String(rows[0]?.pid);
    const readings = await read();
    const locked = {
      problem: {
        code: 'READ_FAILED',
        reason: `On the standby it is locked by process ${pid} (AccessExclusiveLock).`,
        remedy: `Let that transaction end; what it is: SELECT * FROM pg_stat_activity WHERE pid = ${pid};`,
        remedyIs: 'advice',
      },
    };
    const position = { position: { lastValue: 1n, isCalled: false } };
    expect([...readings.values()].map(({ name, reading }) => [name, reading])).toEqual([
      ['a', position],
      ['b', locked],
      ['c', position],
      ['d', locked],
    ]);
  });

  it('reads what an ALTER SEQUENCE in flight holds, as it is until that is committed', async () => {
    await database.sql(`
      CREATE SEQUENCE a; CREATE SEQUENCE called; SELECT setval('called', 5); CREATE SEQUENCE uncalled; SELECT setval('uncalled', 7, false);
      CREATE SEQUENCE z; SELECT setval('z', 9)`);
    const altering = await database.session();
    await altering.query(
      'BEGIN; ALTER SEQUENCE called RESTART WITH 500; ALTER SEQUENCE uncalled MAXVALUE 100',
    );
    const readings = await read();
    expect([...readings.values()].map(({ name, reading }) => [name, reading])).toEqual([
      ['a', { position: { lastValue: 1n, isCalled: false } }],
      ['called', { position: { lastValue: 5n, isCalled: true } }],
      ['uncalled', { position: { lastValue: 7n, isCalled: false } }],
      ['z', { position: { lastValue: 9n, isCalled: true } }],
    ]);
  });

  it('reads the others when one is dropped, renamed or moved meanwhile', async () => {
    await database.sql(
      'CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE c; CREATE SEQUENCE d; CREATE SEQUENCE e; CREATE SCHEMA other',
    );
    const blocker = await database.session();
    await blocker.query('BEGIN; DROP SEQUENCE b; ALTER SEQUENCE d RENAME TO dd; CREATE SEQUENCE d START 99');
    const reading = read();
    await database.waitedFor('b');
    await blocker.query('COMMIT');
    const readings = await reading;
    const outcomes = new Map(
      [...readings.values()].map(({ name, reading }) => [
        name,
        'problem' in reading ? reading.problem.code : reading.position.lastValue,
      ]),
    );
    expect(outcomes.get('b')).toBe('READ_FAILED');
    // By oid or not at all: never the value of the one that took the name.
    expect(['READ_FAILED', 1n]).toContain(outcomes.get('d'));
    expect(['a', 'c', 'e'].map((name) => outcomes.get(name))).toEqual([1n, 1n, 1n]);
  });

  it('reads positions by oid, those of vanished ones as problems', async () => {
    await database.sql(`
      CREATE SEQUENCE a; SELECT setval('a', 12); CREATE SEQUENCE b; CREATE TABLE no_sequence (a int)`);
    const [a, b, table] = [
      await database.oid('a'),
      await database.oid('b'),
      await database.oid('no_sequence'),
    ];
    await database.sql('DROP SEQUENCE b');
    const endpoint = await database.endpoint({ side: 'primary' });
    const gone = (oid: number) => ({
      problem: {
        code: 'READ_FAILED',
        reason: `The sequence with oid ${oid} was dropped, moved or renamed on the primary while it was read.`,
        remedy: 'No action is needed if that was intended: the sequences are listed again',
        remedyIs: 'advice',
      },
    });
    expect(await readPositions(endpoint, database.identity, [b, a, table])).toEqual(
      new Map<number, unknown>([
        [a, { position: { lastValue: 12n, isCalled: true } }],
        [b, gone(b)],
        [table, gone(table)],
      ]),
    );
    expect(await readPositions(endpoint, database.identity, [])).toEqual(new Map());
  });

  it('reads no position in a schema that the role may not use, however many schemas there are', async () => {
    const role = await database.role();
    await database.sql(`
      DO $$ BEGIN
        FOR i IN 1..120 LOOP
          EXECUTE format('CREATE SCHEMA s%s; GRANT USAGE ON SCHEMA s%s TO "${role}"', i, i);
        END LOOP;
      END $$;
      CREATE SEQUENCE s1.open; CREATE SCHEMA last; CREATE SEQUENCE last.shut; GRANT SELECT ON SEQUENCE s1.open, last.shut TO "${role}";
      SELECT setval('s1.open', 5), setval('last.shut', 5)`);
    const endpoint = await database.endpoint({ role });
    const [open, shut] = [await database.oid('s1.open'), await database.oid('last.shut')];
    const readings = await readPositions(endpoint, database.identity, [open, shut]);
    expect(readings.get(open)).toEqual({ position: { lastValue: 5n, isCalled: true } });
    expect(readings.get(shut)).toMatchObject({ problem: { code: 'NO_READ_PRIVILEGE' } });
  });

  it('throws what concerns no single sequence', async () => {
    await database.sql('CREATE SEQUENCE a');
    const endpoint = await database.endpoint();
    const elsewhere = { ...database.identity, databaseOid: '1' };
    await expect(readSequences(endpoint, elsewhere, everything)).rejects.toThrow('leads to another database');
    await expect(readPositions(endpoint, elsewhere, [await database.oid('a')])).rejects.toThrow(
      'leads to another database',
    );
  });
});
