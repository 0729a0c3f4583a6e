import { describe, expect, it } from 'vitest';
import type { Setting } from '../../../src/steps/rows.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import { setSequences } from '../../../src/postgres/sequences/set-sequences.js';
import { advisoryLocksSql } from '../../../src/postgres/session/advisory-locks.js';
import { hostileNames } from './hostile-names.js';
import { versions, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

describe.each(versions)('setting sequences on PostgreSQL $version', (version) => {
  let database: TestDatabase;
  eachWithDatabase(version, (made) => {
    database = made;
  });

  /** So that the next value is `target`. */
  async function setting(sequence: string, target: bigint, increment = 1n): Promise<Setting> {
    return {
      oid: await database.oid(sequence),
      increment: String(increment),
      target: String(target),
      called: true,
    };
  }

  async function failure(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => {
        throw new Error('It should have failed.');
      },
      (error: unknown) => error,
    );
  }

  it('moves what is behind, in the direction of its increment, and leaves what is ahead', async () => {
    await database.sql(`
      CREATE SEQUENCE behind; SELECT setval('behind', 10000);
      CREATE SEQUENCE at; SELECT setval('at', 20000);
      CREATE SEQUENCE at_uncalled; SELECT setval('at_uncalled', 20001, false);
      CREATE SEQUENCE one_behind; SELECT setval('one_behind', 20000, false);
      CREATE SEQUENCE ahead; SELECT setval('ahead', 30000);
      CREATE SEQUENCE down INCREMENT -1; SELECT setval('down', -500);
      CREATE SEQUENCE down_ahead INCREMENT -1; SELECT setval('down_ahead', -20000);
      CREATE SEQUENCE by_ten INCREMENT 10; SELECT setval('by_ten', 1001)`);
    const targets: [string, bigint, bigint?][] = [
      ['behind', 20001n],
      ['at', 20001n],
      ['at_uncalled', 20001n],
      ['one_behind', 20001n],
      ['ahead', 20001n],
      ['down', -10501n, -1n],
      ['down_ahead', -10501n, -1n],
      ['by_ten', 101011n, 10n],
    ];
    const settings: Setting[] = [];
    for (const target of targets) settings.push(await setting(...target));
    const endpoint = await database.endpoint();
    const positions = async () => {
      const found = [];
      for (const [sequence] of targets) found.push(await database.position(sequence));
      return found;
    };
    const expected = [
      ['20000', true],
      ['20000', true],
      ['20001', false],
      ['20000', true],
      ['30000', true],
      ['-10500', true],
      ['-20000', true],
      ['101001', true],
    ];
    for (const time of ['first', 'again']) {
      const report = await setSequences(endpoint, database.identity, settings, { alone: null });
      expect(report, time).toEqual({ failed: [], done: 8 });
      expect(await positions(), time).toEqual(expected);
    }
  });

  it('is exact at the ends of bigint', async () => {
    await database.sql(`
      CREATE SEQUENCE top; CREATE SEQUENCE top_called; CREATE SEQUENCE full_already; SELECT setval('full_already', 9223372036854775807);
      CREATE SEQUENCE bottom INCREMENT -1 MINVALUE -9223372036854775808`);
    const settings: Setting[] = [
      { ...(await setting('top', 9223372036854775807n)), called: false },
      await setting('top_called', 9223372036854775808n),
      await setting('full_already', 9223372036854775807n),
      await setting('bottom', -9223372036854775808n, -1n),
    ];
    const report = await setSequences(await database.endpoint(), database.identity, settings, {
      alone: null,
    });
    expect(report).toEqual({ failed: [], done: 4 });
    expect(await database.position('top')).toEqual(['9223372036854775807', false]);
    expect(await database.position('top_called')).toEqual(['9223372036854775807', true]);
    expect(await database.position('full_already')).toEqual(['9223372036854775807', true]);
    expect(await database.position('bottom')).toEqual(['-9223372036854775807', true]);
  });

  it('handles hostile names', async () => {
    await database.sql(hostileNames.map(({ quoted }) => `CREATE SEQUENCE ${quoted};`).join('\n'));
    const endpoint = await database.endpoint();
    const everything = { after: null, upTo: null };
    const readings = await readSequences(endpoint, database.identity, everything);
    const settings = readings.map(({ oid }) => ({ oid, increment: '1', target: '501', called: true }));
    expect(await setSequences(endpoint, database.identity, settings, { alone: null })).toEqual({
      failed: [],
      done: hostileNames.length,
    });
    const after = await readSequences(endpoint, database.identity, everything);
    expect(after.map(({ reading }) => reading)).toEqual(
      hostileNames.map(() => ({ position: { lastValue: 500n, isCalled: true } })),
    );
  });

  it('reports each that fails by itself and sets the others', async () => {
    const role = await database.role();
    await database.sql(`
      CREATE SEQUENCE a; CREATE SEQUENCE "No Update"; CREATE SEQUENCE no_select; CREATE SEQUENCE small MAXVALUE 100; CREATE SEQUENCE gone;
      CREATE SEQUENCE other_increment; CREATE SEQUENCE z; CREATE SCHEMA closed; CREATE SEQUENCE closed.c;
      GRANT ALL ON ALL SEQUENCES IN SCHEMA public, closed TO "${role}";
      REVOKE UPDATE ON SEQUENCE "No Update" FROM "${role}"; REVOKE SELECT ON SEQUENCE no_select FROM "${role}"`);
    const names = ['a', '"No Update"', 'no_select', 'small', 'gone', 'other_increment', 'z', 'closed.c'];
    const settings: Setting[] = [];
    for (const name of names) settings.push(await setting(name, 20001n));
    const oidOf = (name: string) => settings[names.indexOf(name)]?.oid;
    await database.sql('DROP SEQUENCE gone; ALTER SEQUENCE other_increment INCREMENT BY 5');
    const endpoint = await database.endpoint({ role });
    const report = await setSequences(endpoint, database.identity, settings, { alone: null });
    expect(report).toEqual({
      done: 2,
      failed: [
        {
          oid: oidOf('"No Update"'),
          reason: `On the standby, the role "${role}" may not set public."No Update".`,
          remedy: `on the standby, as the owner or a superuser: GRANT UPDATE ON SEQUENCE public."No Update" TO "${role}";`,
          retryable: false,
        },
        {
          oid: oidOf('no_select'),
          reason: `On the standby, the role "${role}" may not set public.no_select.`,
          remedy: `on the standby, as the owner or a superuser: GRANT SELECT ON SEQUENCE public.no_select TO "${role}";`,
          retryable: false,
        },
        {
          oid: oidOf('small'),
          reason: '20000 is outside the bounds of public.small on the standby, 1 to 100.',
          remedy:
            'no action is needed if that was intended; otherwise on the standby, as the owner or a superuser: ALTER SEQUENCE public.small AS bigint MINVALUE 1 MAXVALUE 2147483647;',
          retryable: false,
        },
        {
          oid: oidOf('gone'),
          reason: `The sequence with oid ${oidOf('gone') ?? 0} was dropped, moved or renamed on the standby.`,
          remedy: 'No action is needed if that was intended: the sequences are listed again',
          retryable: false,
        },
        {
          oid: oidOf('other_increment'),
          reason: 'On the standby, public.other_increment has the increment 5 now; 1 was expected.',
          remedy:
            'no action is needed if that was intended; otherwise on the standby, as the owner or a superuser: ALTER SEQUENCE public.other_increment INCREMENT BY 1;',
          retryable: false,
        },
        {
          oid: oidOf('closed.c'),
          reason: `On the standby, the role "${role}" may not set closed.c.`,
          remedy: `on the standby, as the owner or a superuser: GRANT USAGE ON SCHEMA closed TO "${role}";`,
          retryable: false,
        },
      ],
    });
    for (const set of ['a', 'z']) expect(await database.position(set)).toEqual(['20000', true]);
    for (const left of ['"No Update"', 'no_select', 'small', 'closed.c']) {
      expect(await database.position(left), left).toEqual(['1', false]);
    }
  });

  it('reports all sequences that others have locked after a single timeout, and sets the rest', async () => {
    const count = 40;
    const names = Array.from({ length: count }, (_, i) => `s${i}`);
    await database.sql(names.map((name) => `CREATE SEQUENCE ${name};`).join(''));
    const settings: Setting[] = [];
    for (const name of names) settings.push(await setting(name, 20001n));
    const blocker = await database.session();
    await blocker.query('BEGIN');
    for (let i = 0; i < count; i += 2) await blocker.query(`ALTER SEQUENCE s${i} RESTART WITH 7`);
    const { rows } = await blocker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = String(rows[0]?.pid);
    const report = await setSequences(await database.endpoint(), database.identity, settings, {
      alone: null,
    });
    expect(database.errorsLogged('lock timeout')).toBe(1);
    expect(report).toEqual({
      done: 20,
      failed: names
        .filter((_, i) => i % 2 === 0)
        .map((name) => ({
          oid: settings[names.indexOf(name)]?.oid,
          reason: `On the standby it is locked by process ${pid} (ShareRowExclusiveLock).`,
          remedy: `Let that transaction end; what it is: SELECT * FROM pg_stat_activity WHERE pid = ${pid};`,
          retryable: true,
        })),
    });
    await blocker.query('ROLLBACK');
    expect(await database.position('s0')).toEqual(['1', false]);
    expect(await database.position('s39')).toEqual(['20000', true]);
  });

  it('for a single sequence, throws a temporary error and reports a permanent one', async () => {
    await database.sql('CREATE SEQUENCE locked; CREATE SEQUENCE small MAXVALUE 100');
    const endpoint = await database.endpoint();
    const blocker = await database.session();
    await blocker.query('BEGIN; ALTER SEQUENCE locked RESTART WITH 7');
    const error = await failure(
      setSequences(endpoint, database.identity, [await setting('locked', 20001n)], { alone: 'locked' }),
    );
    expect(classify(error)).toMatchObject({ retryable: true, sqlstate: '55P03' });
    expect((error as Error).message).toMatch(
      /^locked is not set yet\. On the standby it is locked by process \d+/,
    );
    await blocker.query('COMMIT');
    expect(
      await setSequences(endpoint, database.identity, [await setting('small', 20001n)], { alone: 'small' }),
    ).toMatchObject({ done: 0, failed: [{ oid: await database.oid('small'), retryable: false }] });
  });

  describe('while ALTER SEQUENCE … RESTART is in flight', () => {
    it('would lower it, were it read first and then set', async () => {
      await database.sql("CREATE SEQUENCE s; SELECT setval('s', 5)");
      const altering = await database.session();
      const naive = await database.session();
      await altering.query('BEGIN; ALTER SEQUENCE s RESTART WITH 1000000');
      const setting = naive.query(`
        SELECT CASE WHEN last_value + is_called::int < 20001 THEN setval('s', 20000) END FROM s`);
      await database.waitedFor('s');
      await altering.query('COMMIT');
      await setting;
      expect(await database.position('s')).toEqual(['20000', true]);
    });

    it('waits, and does not lower it', async () => {
      await database.sql("CREATE SEQUENCE s; SELECT setval('s', 5)");
      const altering = await database.session();
      await altering.query('BEGIN; ALTER SEQUENCE s RESTART WITH 1000000');
      const setting_ = setSequences(
        await database.endpoint(),
        database.identity,
        [await setting('s', 20001n)],
        {
          alone: 's',
        },
      );
      await database.waitedFor('s');
      await altering.query('COMMIT');
      expect(await setting_).toEqual({ failed: [], done: 1 });
      expect(await database.position('s')).toEqual(['1000000', false]);
    });

    it('sets it by what is committed: renamed, with another increment, dropped', async () => {
      await database.sql(
        'CREATE SEQUENCE renamed; CREATE SEQUENCE changed; CREATE SEQUENCE dropped; CREATE SEQUENCE z',
      );
      const settings: Setting[] = [];
      for (const name of ['renamed', 'changed', 'dropped', 'z']) settings.push(await setting(name, 20001n));
      const altering = await database.session();
      await altering.query(`
        BEGIN; ALTER SEQUENCE renamed RENAME TO anew; CREATE SEQUENCE renamed; ALTER SEQUENCE changed INCREMENT 2; DROP SEQUENCE dropped`);
      const report = setSequences(await database.endpoint(), database.identity, settings, { alone: null });
      await database.waitedFor('renamed');
      await altering.query('COMMIT');
      expect(await report).toMatchObject({
        done: 2,
        failed: [
          { oid: settings[1]?.oid, reason: expect.stringContaining('increment 2') as unknown },
          { oid: settings[2]?.oid, retryable: false },
        ],
      });
      expect(await database.position('anew')).toEqual(['20000', true]);
      expect(await database.position('renamed')).toEqual(['1', false]);
      expect(await database.position('changed')).toEqual(['1', false]);
      expect(await database.position('z')).toEqual(['20000', true]);
    });
  });

  it('ends at the furthest target when many set the same sequences at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await database.sql(names.map((name) => `CREATE SEQUENCE ${name};`).join(''));
    const endpoints = [await database.endpoint(), await database.endpoint(), await database.endpoint()];
    const targets = Array.from({ length: 30 }, (_, i) => BigInt(((i * 7919) % 30) * 100 + 101));
    const settings: Setting[][] = [];
    for (const target of targets) {
      const some: Setting[] = [];
      for (const name of names) some.push(await setting(name, target));
      settings.push(some);
    }
    const reports = await Promise.all(
      settings.map((some, i) =>
        setSequences(endpoints[i % 3] ?? fail(), database.identity, i % 2 === 0 ? some : some.toReversed(), {
          alone: null,
        }),
      ),
    );
    expect(reports).toEqual(targets.map(() => ({ failed: [], done: 4 })));
    for (const name of names) expect(await database.position(name)).toEqual(['3000', true]);
  });

  it.each([1, 2])(
    'takes its turn among those who set %i, and throws what can heal when that does not come',
    async (count) => {
      await database.sql('CREATE SEQUENCE s; CREATE SEQUENCE t');
      const oids = [await database.oid('s'), await database.oid('t')];
      const other = await database.session();
      await other.query('BEGIN');
      await other.query(advisoryLocksSql(oids));
      const settings = [await setting('s', 20001n), await setting('t', 20001n)].slice(0, count);
      const error = await failure(
        setSequences(await database.endpoint(), database.identity, settings, {
          alone: null,
          advisoryTimeoutMs: 100,
        }),
      );
      expect(classify(error)).toMatchObject({ retryable: true, sqlstate: '55P03' });
      expect((error as Error).message).toContain('Another transaction goes on setting sequences');
      expect(await database.position('s')).toEqual(['1', false]);
    },
  );

  it('does not wait for transactions that set other sequences, nor within a stripe if both set a single one', async () => {
    await database.sql('CREATE SEQUENCE s; CREATE SEQUENCE t');
    const far = [(await database.oid('s')) + 1_000, (await database.oid('s')) + 2_000];
    for (const held of [far, [await database.oid('t')]]) {
      const other = await database.session();
      await other.query('BEGIN');
      await other.query(advisoryLocksSql(held));
      const report = await setSequences(
        await database.endpoint(),
        database.identity,
        [await setting('s', 20001n)],
        {
          alone: null,
          advisoryTimeoutMs: 100,
        },
      );
      expect(report).toEqual({ failed: [], done: 1 });
      await other.query('ROLLBACK');
    }
  });

  it('does nothing, and says so, for an empty batch', async () => {
    expect(await setSequences(await database.endpoint(), database.identity, [], { alone: null })).toEqual({
      failed: [],
      done: 0,
    });
  });
});

function fail(): never {
  throw new Error('no endpoint');
}
