import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPrimaryPage } from '../../../activities/read-primary-page.js';
import { TestServer, versions, type TestDatabase } from './database.js';

const COUNT = 2_000;

let server: TestServer;
let database: TestDatabase;
let role: string;
beforeAll(async () => {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error('no version');
  server = await TestServer.start(newest);
  database = await server.database();
  role = await database.role();
});
afterAll(async () => {
  await database.drop();
  await server.stop();
});

it('says why of the first rows that it could not look at', async () => {
  await database.sql(`
    DO $$ BEGIN FOR i IN 1..210 LOOP EXECUTE format('CREATE TABLE t_%s (id serial)', lpad(i::text, 3, '0')); END LOOP; END $$;
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "${role}"`);
  const endpoint = await database.endpoint({ role });
  const page = await readPrimaryPage({
    pair: { primary: endpoint, standby: endpoint, ledger: null },
    identity: { pair: 'p', primary: database.identity, standby: database.identity },
    range: { after: null, upTo: ['public', 't_999'] },
  });
  expect(page).toHaveLength(210);
  expect(page[199]?.dataNotChecked?.reason).toContain('public.t_200');
  expect(page[200]?.dataNotChecked).toEqual({
    reason: 'only the first 200 reasons are listed',
    remedy:
      'a run in the mode verify with at most 200 such sequences in "include" has the reason and the remedy of each',
    remedyIs: 'advice',
  });
});

it('of which the role may read nothing fits in a payload, and says why of the first', async () => {
  await database.sql(`CREATE SCHEMA "${'S'.repeat(63)}"`);
  await database.sql(`
    DO $$ BEGIN
      FOR i IN 1..${COUNT} LOOP
        EXECUTE format('CREATE SEQUENCE "${'S'.repeat(63)}".%I', rpad('S' || lpad(i::text, 4, '0'), 63, 'x'));
        IF i % 500 = 0 THEN COMMIT; END IF;
      END LOOP;
    END $$`);
  const endpoint = await database.endpoint({ role });
  const page = await readPrimaryPage({
    pair: { primary: endpoint, standby: endpoint, ledger: null },
    identity: { pair: 'p', primary: database.identity, standby: database.identity },
    range: { after: null, upTo: ['a', 'a'] },
  });
  expect(page).toHaveLength(COUNT);
  expect(page.map(({ problem }) => problem?.code)).toEqual(Array(COUNT).fill('NO_READ_PRIVILEGE'));
  expect(page[199]?.problem?.remedy).toContain(`.${JSON.stringify(page[199]?.name)}`);
  const schema = JSON.stringify(page[200]?.schema);
  expect(page[200]?.problem?.remedy).toBe(
    `GRANT USAGE ON SCHEMA ${schema} TO "${role}"; GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO "${role}";`,
  );
  expect(page[201]?.problem?.remedy).toBe(
    'The GRANT on its schema in another NO_READ_PRIVILEGE finding covers it.',
  );
  // Temporal's limit is 2 MiB.
  expect(JSON.stringify(page).length).toBeLessThan(1.8 * 2 ** 20);
});

it('says why of a row that fails for another reason than hundreds before it', async () => {
  await database.sql(`
    CREATE SCHEMA mixed;
    DO $$ BEGIN FOR i IN 1..201 LOOP EXECUTE format('CREATE SEQUENCE mixed.a_%s', i); END LOOP; END $$;
    CREATE SEQUENCE mixed.z;
    GRANT USAGE ON SCHEMA mixed TO "${role}"; GRANT SELECT ON SEQUENCE mixed.z TO "${role}"`);
  const endpoint = await database.endpoint({ role });
  const blocker = await database.session();
  await blocker.query('BEGIN; DROP SEQUENCE mixed.z');
  const page = await readPrimaryPage({
    pair: { primary: endpoint, standby: endpoint, ledger: null },
    identity: { pair: 'p', primary: database.identity, standby: database.identity },
    range: { after: ['mixed', 'a'], upTo: ['mixed', 'z'] },
  });
  expect(page).toHaveLength(202);
  expect(page[200]?.problem?.reason).toBe('The role lacks the privilege to read it.');
  expect(page[201]?.problem).toMatchObject({
    code: 'READ_FAILED',
    reason: expect.stringMatching(/is locked by process \d+/u) as string,
  });
});
