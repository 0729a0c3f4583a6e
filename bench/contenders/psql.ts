import { timed, type Contender } from '../contender.js';
import { run, whyNotInstalled } from '../program.js';
import { withClient } from '../../src/local/with-client.js';

/** The way of a shell script: one psql is started on the primary, and one more for each sequence of the standby. */
export const psql: Contender = {
  name: 'one psql a sequence',
  description:
    'The loop of a shell script: psql is started once on the primary, then anew for each sequence of the standby. The values are read outside of the measured time.',
  unavailable: () => whyNotInstalled('psql'),
  sampleAtMost: ({ line }) => (line === 'loopback' ? 40 : 10),
  run: async ({ primaryUrl, standbyUrl, direct }, buffer, limit) => {
    const names = await withClient(direct.primaryUrl, async (client) => {
      const { rows } = await client.query<{ name: string; last: string }>(
        `SELECT schemaname || '.' || sequencename AS name, last_value AS last FROM pg_sequences LIMIT $1`,
        [Math.min(limit, 1e9)],
      );
      return rows;
    });
    return timed(async () => {
      await run('psql', [primaryUrl, '-XqAtc', 'SELECT 1']);
      for (const { name, last } of names) {
        await run('psql', [standbyUrl, '-XqAtc', `SELECT setval('${name}', ${Number(last) + buffer})`]);
      }
    });
  },
};
