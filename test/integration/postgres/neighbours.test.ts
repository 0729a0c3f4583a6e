import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../src/local/until.js';
import { SlotRegistry } from '../../../src/postgres/connection/connection-slots.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { NotReplicatedError } from '../../../src/postgres/failures/errors.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import type { Endpoint, TransactionOptions } from '../../../src/postgres/endpoint.js';
import { setSequences } from '../../../src/postgres/sequences/set-sequences.js';
import { type TestServer, oldestAndNewest, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

const reading: TransactionOptions = { access: 'read only', expected: null, locks: 0 };
const writing: TransactionOptions = { access: 'read write', expected: null, locks: 0 };

/** What our sessions do to others on a server, and others to ours. */
describe.each(oldestAndNewest)('beside others on PostgreSQL $version', (version) => {
  let server: TestServer;
  let database: TestDatabase;
  eachWithDatabase(version, (made, on) => {
    database = made;
    server = on;
  });

  async function failure(work: Promise<unknown>): Promise<Error> {
    const error: unknown = await work.then(
      () => new Error('It should have failed.'),
      (thrown: unknown) => thrown,
    );
    return error as Error;
  }

  /** Until no session of ours holds an advisory lock or runs a statement. */
  async function quiet(): Promise<void> {
    await until(
      async () => {
        const rows = await database.sql(
          `SELECT FROM pg_stat_activity a WHERE application_name = 'sequence-failover' AND state <> 'idle' AND datname = current_database()
           UNION ALL SELECT FROM pg_locks WHERE locktype = 'advisory'`,
        );
        return rows.length === 0;
      },
      { what: 'our sessions to have ended' },
    );
  }

  /** Until commits wait for a standby that is not there. The server's processes hear of a setting some time after the reload. */
  async function letCommitsWait(): Promise<void> {
    await database.sql(`ALTER SYSTEM SET synchronous_standby_names TO 'nobody'`);
    await database.sql('SELECT pg_reload_conf()');
    const other = await database.session();
    const seen = { waiting: false, ended: false };
    const commits = (async () => {
      while (!seen.waiting) await database.sql(`SELECT pg_logical_emit_message(true, '', '')`);
      seen.ended = true;
    })();
    await until(
      async () => {
        const waiting = await other.query(
          `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()`,
        );
        seen.waiting ||= waiting.rows.length > 0;
        return seen.ended;
      },
      { what: 'a commit to wait' },
    );
    await commits;
  }

  it('keeps what an operator chose of synchronous_commit, but waits for the disk', async () => {
    const role = await database.role();
    const seen: unknown[] = [];
    for (const setting of ['on', 'remote_write', 'local', 'off']) {
      await database.sql(`ALTER ROLE "${role}" SET synchronous_commit TO ${setting}`);
      const endpoint = await database.endpoint({ role });
      seen.push(
        await endpoint.transaction(writing, (query) =>
          query(`SELECT current_setting('synchronous_commit') AS value`),
        ),
      );
    }
    expect(seen.flat()).toEqual(['on', 'remote_write', 'local', 'local'].map((value) => ({ value })));
  });

  it('cancels what it gives up waiting for, and names the setting that a COMMIT waits for', async () => {
    await database.sql('CREATE SEQUENCE s');
    const setting = { oid: await database.oid('s'), increment: '1', target: '20001', called: true };
    const [endpoint, other] = [await database.endpoint(), await database.endpoint()];
    await letCommitsWait();
    const hurried: Endpoint = {
      ...endpoint.withAffinity('s'),
      locksPerTransaction: () => endpoint.locksPerTransaction(),
      transaction: (options, work) => endpoint.transaction({ ...options, statementTimeoutMs: 6_000 }, work),
    };
    const set = () => setSequences(hurried, database.identity, [setting], { alone: null });
    try {
      const [unreplicated, slow] = await Promise.all([
        failure(set()),
        failure(
          other.transaction({ ...reading, statementTimeoutMs: 6_000 }, async (query) => {
            await query('SET LOCAL statement_timeout TO 0');
            await query('SELECT pg_sleep(1000)');
          }),
        ),
      ]);
      expect(unreplicated).toBeInstanceOf(NotReplicatedError);
      expect(unreplicated.message).toContain('COMMIT on the standby waited for synchronous replication');
      expect(classify(unreplicated)).toMatchObject({
        retryable: true,
        scope: 'statement',
        remedy: expect.stringContaining('ALTER SYSTEM SET synchronous_standby_names') as unknown,
      });
      expect(classify(slow)).toMatchObject({ retryable: true, scope: 'connection' });
      await quiet();
      // It is set, but nobody else has it: a second try finds that out as well, although it has nothing to set.
      expect(await failure(set())).toBeInstanceOf(NotReplicatedError);
    } finally {
      // Nothing would commit any more, not even the end of the test.
      await database.sql('ALTER SYSTEM RESET synchronous_standby_names');
      await database.sql('SELECT pg_reload_conf()');
    }
    expect(await set()).toEqual({ failed: [], done: 1 });
    expect(await database.position('s')).toEqual(['20000', true]);
  });

  it('soon names a COMMIT that waits for a synchronous standby which is not there, however long its timeout is', async () => {
    const endpoint = await database.endpoint();
    await database.sql('CREATE TABLE t ()');
    await letCommitsWait();
    try {
      const waited = await failure(
        endpoint.transaction(writing, (query) => query('INSERT INTO public.t DEFAULT VALUES')),
      );
      expect(waited).toBeInstanceOf(NotReplicatedError);
      await quiet();
    } finally {
      await database.sql('ALTER SYSTEM RESET synchronous_standby_names');
      await database.sql('SELECT pg_reload_conf()');
    }
  });

  it('lets the server notice a worker that was killed, unless its operator has chosen otherwise', async (test) => {
    const [{ number } = { number: 0 }] = await database.sql<{ number: number }>(
      "SELECT current_setting('server_version_num')::int AS number",
    );
    test.skip(number < 140000, 'servers look from PostgreSQL 14 on');
    const role = await database.role();
    const interval = async () => {
      const endpoint = await database.endpoint({ role });
      return endpoint.transaction(writing, (query) =>
        query(`SELECT current_setting('client_connection_check_interval') AS value`),
      );
    };
    expect(await interval()).toEqual([{ value: '2s' }]);
    await database.sql(`ALTER ROLE "${role}" SET client_connection_check_interval TO '7s'`);
    expect(await interval()).toEqual([{ value: '7s' }]);
  });

  it('cancels what is still running when it is closed', async () => {
    const endpoint = await database.endpoint();
    const sleeping = failure(endpoint.transaction(reading, (query) => query('SELECT pg_sleep(50)')));
    await until(
      async () =>
        (
          await database.sql(
            `SELECT FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep' AND state = 'active'`,
          )
        ).length > 0,
      { what: 'the statement to run' },
    );
    await endpoint.close();
    await sleeping;
    await quiet();
  });

  describe.each([1, 2, 3])('with a role that may have %i connections', (limit) => {
    it('works with those, over several databases', async () => {
      const role = await database.role();
      const elsewhere = await server.database();
      onTestFinished(() => elsewhere.drop());
      await database.sql(`ALTER ROLE "${role}" CONNECTION LIMIT ${limit}`);
      const slots = new SlotRegistry();
      const endpoints = [database, database, elsewhere].map((one) => {
        const endpoint = openEndpoint('standby', one.url(role), { env: {}, slots });
        onTestFinished(() => endpoint.close());
        return endpoint;
      });
      for (const round of ['first', 'again']) {
        const works = endpoints.flatMap((endpoint) =>
          Array.from({ length: 6 }, (_, index) =>
            index % 3 === 0
              ? endpoint.read({ expected: null, locks: 0, byNewConnection: true }, ['SELECT pg_sleep(0.01)'])
              : endpoint
                  .withAffinity(`page ${index}`)
                  .transaction(writing, (query) => query('SELECT pg_sleep(0.01)')),
          ),
        );
        expect(await Promise.all(works), round).toHaveLength(18);
      }
    });

    it('says which limit keeps it out where others have them all', async () => {
      const role = await database.role();
      await database.sql(`ALTER ROLE "${role}" CONNECTION LIMIT ${limit}`);
      for (let index = 0; index < limit; index += 1) await database.session(role);
      const error = await failure((await database.endpoint({ role })).read({ expected: null, locks: 0 }, []));
      expect(classify(error)).toMatchObject({
        retryable: true,
        sqlstate: '53300',
        remedy: expect.stringContaining(`ALTER ROLE "${role}" CONNECTION LIMIT 4;`) as unknown,
      });
    });
  });

  it('names the database where that has the limit', async () => {
    const role = await database.role();
    const [row] = await database.sql<{ name: string }>('SELECT current_database() AS name');
    await database.sql(`ALTER DATABASE ${row?.name ?? ''} CONNECTION LIMIT 0`);
    const error = await failure((await database.endpoint({ role })).read({ expected: null, locks: 0 }, []));
    expect(classify(error).remedy).toContain(`ALTER DATABASE "${row?.name ?? ''}" CONNECTION LIMIT -1;`);
  });
});
