import pg from 'pg';
import { timed, type Contender } from '../contender.js';

/** How many sequences one transaction may lock without filling the server's lock table. */
const BATCH = 500;

/** The lower limit: nothing is checked, verified or recorded. Before PostgreSQL 18 it does not distinguish a sequence that was never called from one at its start. */
export const bareSql: Contender = {
  name: 'bare SQL',
  description:
    'One statement reads every sequence of the primary, and one setval statement for each 500 sets the standby, over two connections. Nothing is checked, verified or recorded: the lower limit of the time.',
  unavailable: () => Promise.resolve(null),
  run: ({ primaryUrl, standbyUrl }, buffer) =>
    timed(async () => {
      const [primary, standby] = [new pg.Client(primaryUrl), new pg.Client(standbyUrl)];
      await Promise.all([primary.connect(), standby.connect()]);
      try {
        const { rows } = await primary.query<{ schema: string; name: string; value: string }>(
          `SELECT n.nspname AS schema, c.relname AS name, ${await lastValue(primary)} + $1::bigint AS value
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
           WHERE c.relkind = 'S' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
          [buffer],
        );
        for (let start = 0; start < rows.length; start += BATCH) {
          const batch = rows.slice(start, start + BATCH);
          await standby.query(
            `SELECT setval(c.oid, w.value)
             FROM unnest($1::text[], $2::text[], $3::bigint[]) w (schema, name, value)
             JOIN pg_namespace n ON n.nspname = w.schema
             JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind = 'S'`,
            [
              batch.map(({ schema }) => schema),
              batch.map(({ name }) => name),
              batch.map(({ value }) => value),
            ],
          );
        }
      } finally {
        await Promise.all([primary.end(), standby.end()]);
      }
    }),
};

async function lastValue(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::integer AS version`,
  );
  return (rows[0]?.version ?? 0) >= 180_000
    ? '(SELECT d.last_value FROM pg_get_sequence_data(c.oid) d)'
    : 'coalesce(pg_sequence_last_value(c.oid), s.seqstart)';
}
