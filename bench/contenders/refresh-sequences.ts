import pg from 'pg';
import { until } from '../../src/local/until.js';
import { timed, type Contender } from '../contender.js';
import { withClient } from '../../src/local/with-client.js';
import type { Reached } from '../stage.js';

/** The command of PostgreSQL 19, until the last relation of the subscription is ready. */
export const refreshSequences: Contender = {
  name: 'REFRESH SEQUENCES',
  description:
    '`ALTER SUBSCRIPTION … REFRESH SEQUENCES` of PostgreSQL 19, until every relation of the subscription is ready: the publisher’s exact values, without a buffer. Nothing is verified or recorded.',
  unavailable: (serverVersion) =>
    Promise.resolve(parseInt(serverVersion) < 19 ? 'PostgreSQL has it from 19 on' : null),
  run: async ({ direct, size }) => {
    const subscription = await subscribed(direct, size);
    return withClient(direct.standbyUrl, (client) =>
      timed(async () => {
        await client.query(`ALTER SUBSCRIPTION ${subscription} REFRESH SEQUENCES`);
        await allReady(client, size);
      }),
    );
  },
};

/** Runs once for each pair of databases, and is not measured. @returns the subscription, which carries only sequences */
async function subscribed(
  { name, primaryUrl, standbyUrl }: Reached['direct'],
  size: number,
): Promise<string> {
  // Names of slots are unique on a server, not only in a database.
  const subscription = `${name}_refreshed`;
  await withClient(standbyUrl, async (client) => {
    const { rows } = await client.query(
      `SELECT FROM pg_subscription WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [subscription],
    );
    if (rows.length > 0) return;
    await withClient(primaryUrl, (primary) =>
      primary.query(`CREATE PUBLICATION ${subscription} FOR ALL SEQUENCES`),
    );
    await client.query(
      `CREATE SUBSCRIPTION ${subscription} CONNECTION ${pg.escapeLiteral(primaryUrl)} PUBLICATION ${subscription}`,
    );
    await allReady(client, size);
  });
  return subscription;
}

/** Asked a hundred times a second, and ten times where each answer takes as long as a hundred thousand rows do. */
async function allReady(client: pg.Client, size: number): Promise<void> {
  await until(
    async () => {
      const { rows } = await client.query(`SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r' LIMIT 1`);
      return rows.length === 0;
    },
    {
      timeout: 300_000,
      interval: size < 100_000 ? 10 : 100,
      what: 'every relation of the subscription to be ready',
    },
  );
}
