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
  const sample = async () => {
    const { rows } = await admin.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'sequence-failover'`,
    );
    return rows.map(({ pid }) => pid);
  };
  // The view is not read in one moment: it may show a session that has ended meanwhile beside the next one. Sessions of two samples were there together.
  const together = (before: number[], after: number[]) => before.filter((pid) => after.includes(pid)).length;
  let watching = true;
  const watch = async () => {
    let most = 0;
    let before = await sample();
    while (watching) {
      const after = await sample();
      most = Math.max(most, together(before, after));
      before = after;
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
  expect(await watched).toBeLessThanOrEqual(MOST);
  // Several databases keep a connection.
  expect(together(await sample(), await sample())).toBeGreaterThan(1);
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  await admin.end();
});
