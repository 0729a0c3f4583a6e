import pg from 'pg';
import { timed, type Contender } from '../contender.js';

/** As many as one transaction may lock without crowding out the application. */
const BATCH = 500;

/**
 * The limit: nothing is checked, verified or recorded. It needs PostgreSQL 18, where pg_get_sequence_data reads a sequence
 * without keeping a lock on it.
 */
export const bareSql: Contender = {
  name: 'bare SQL',
  description:
    'One statement reads every sequence of the primary, and one setval statement for each 500 sets the standby, over two connections. Nothing is checked, verified or recorded: the limit of what can be reached.',
  unavailable: () => Promise.resolve(null),
  run: ({ primaryUrl, standbyUrl }, buffer) =>
    timed(async () => {
      const [primary, standby] = [new pg.Client(primaryUrl), new pg.Client(standbyUrl)];
      await Promise.all([primary.connect(), standby.connect()]);
      try {
        const { rows } = await primary.query<{ schema: string; name: string; value: string }>(
          `SELECT n.nspname AS schema, c.relname AS name, d.last_value + $1::bigint AS value
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_get_sequence_data(c.oid) d
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
