import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfiguration } from '../../src/config/configuration.js';
import { startPostgres, type PostgresServer } from '../../src/local/postgres-server.js';
import { inspectPairs } from '../../src/worker/inspect-pairs.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ name: 'inspected' });
});
afterAll(async () => {
  await server.stop();
});

async function failuresOf(environment: Record<string, string>) {
  const found = await inspectPairs(readConfiguration(environment), environment);
  return found.filter(({ ok }) => !ok);
}

it('sees that both URLs lead to one database', async () => {
  const url = server.url('postgres');
  expect(await failuresOf({ PRIMARY_URL: url, STANDBY_URL: url })).toEqual([
    {
      ...{ pair: 'default', part: 'both sides', ok: false },
      text: expect.stringMatching(/^both sides lead to the same database, .*\/postgres$/u) as string,
      remedy: "point STANDBY_URL (or the pair's standby.url) at the standby",
    },
  ]);
  expect(await failuresOf({ PRIMARY_URL: url, STANDBY_URL: server.url('template1') })).toEqual([]);
});

it('tells of a database that does not exist once, though the ledger would be there', async () => {
  const failures = await failuresOf({ PRIMARY_URL: server.url('postgres'), STANDBY_URL: server.url('none') });
  expect(failures).toMatchObject([{ part: 'standby', text: expect.stringContaining('3D000') as string }]);
});
