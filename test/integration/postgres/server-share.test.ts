import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { startPostgres } from '../../../src/local/postgres-server.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { ServerShare } from '../../../src/postgres/session/server-share.js';

const MOST = 5;

it('all databases of a server together take no more connections than their share', async () => {
  const server = await startPostgres({ name: 'shared' });
  onTestFinished(() => server.stop());
  const admin = new pg.Client(server.url());
  await admin.connect();
  const names = Array.from({ length: 8 }, (_, index) => `database_${index}`);
  for (const name of names) await admin.query(`CREATE DATABASE ${name}`);
  const share = new ServerShare(MOST);
  const endpoints = names.map((name) => openEndpoint('primary', server.url(name), { share }));
  let watching = true;
  const watch = async () => {
    let most = 0;
    while (watching) {
      const { rows } = await admin.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE application_name = 'sequence-failover'`,
      );
      most = Math.max(most, rows[0]?.count ?? 0);
    }
    return most;
  };
  const watched = watch();
  // Twice, so that the second time meets connections that idle, and several at once on each database.
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(
      endpoints.flatMap((endpoint) =>
        Array.from({ length: 4 }, () =>
          endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
            query<{ name: string }>('SELECT current_database() AS name'),
          ),
        ),
      ),
    );
    expect(answers.map(([row]) => row?.name)).toEqual(names.flatMap((name) => [name, name, name, name]));
  }
  watching = false;
  expect(await watched).toBe(MOST);
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  await admin.end();
});
