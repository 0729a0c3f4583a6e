import { afterAll, beforeAll, expect, it } from 'vitest';
import { readColumnFacts } from '../../../activities/read-column-facts.js';
import { readPrimaryPage } from '../../../activities/read-primary-page.js';
import { readStandbyPage } from '../../../activities/read-standby-page.js';
import { TestServer, versions, type TestDatabase } from './database.js';

let server: TestServer;
let databases: { primary: TestDatabase; standby: TestDatabase };
beforeAll(async () => {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error('no version');
  server = await TestServer.start(newest);
  databases = { primary: await server.database(), standby: await server.database() };
});
afterAll(async () => {
  await databases.primary.drop();
  await databases.standby.drop();
  await server.stop();
});

it('fails if the primary is gone by then, instead of taking its columns for different ones', async () => {
  const { primary, standby } = databases;
  const role = await primary.role();
  await primary.sql('CREATE TABLE orders (id serial)');
  await primary.sql(`GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "${role}"`);
  await standby.sql('CREATE SEQUENCE orders_id_seq; CREATE TABLE orders (id int)');
  const pair = {
    primary: await primary.endpoint({ side: 'primary', role }),
    standby: await standby.endpoint({ side: 'standby' }),
    ledger: null,
  };
  const identity = { pair: 'p', primary: primary.identity, standby: standby.identity };
  const range = { after: null, upTo: null };
  const there = await readPrimaryPage({ pair, identity, range });
  const here = await readStandbyPage({ pair, identity, range });
  await primary.sql(`ALTER ROLE "${role}" NOLOGIN`);
  await primary.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
  const policy = { include: [], exclude: [], overrides: [], buffer: { calls: '100' } };
  await expect(
    readColumnFacts({ pair, identity }, policy, { primary: there, standby: here }),
  ).rejects.toMatchObject({
    type: 'PrimaryUnreachable',
  });
});
