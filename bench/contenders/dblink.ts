import pg from 'pg';
import { timed, type Contender } from '../contender.js';
import { withClient } from '../../src/local/with-client.js';

/**
 * The usual manual way: a function on the standby that reads one sequence after the other from the primary. It takes last_value
 * for the next value, ignores the increment and verifies nothing. One missing sequence ends it.
 */
const definition = `
  CREATE EXTENSION IF NOT EXISTS dblink;
  CREATE OR REPLACE FUNCTION move_sequences(conninfo text, buffer bigint, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    one record;
    primary_value bigint;
    standby_value bigint;
    moved bigint := 0;
  BEGIN
    PERFORM dblink_connect('bench', conninfo);
    FOR one IN
      SELECT n.nspname AS schema, c.relname AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      LIMIT most
    LOOP
      SELECT value INTO primary_value
      FROM dblink('bench', format('SELECT last_value FROM %I.%I', one.schema, one.name)) AS answer (value bigint);
      EXECUTE format('SELECT last_value FROM %I.%I', one.schema, one.name) INTO standby_value;
      IF primary_value + buffer > standby_value THEN
        EXECUTE format('SELECT setval(%L, %s)', format('%I.%I', one.schema, one.name), primary_value + buffer);
        moved := moved + 1;
      END IF;
    END LOOP;
    PERFORM dblink_disconnect('bench');
    RETURN moved;
  END $$`;

export const dblink: Contender = {
  name: 'dblink function',
  description:
    'A PL/pgSQL function on the standby loops over the sequences: one dblink query, one read and one setval for each, all in one transaction, which keeps a lock on every sequence. Nothing is verified or recorded.',
  unavailable: () => Promise.resolve(null),
  // About 20 ms for each sequence, always the same. 10,000 would take minutes.
  sampleAtMost: ({ line }) => (line === 'loopback' ? Infinity : 250),
  run: async ({ standbyUrl, dblinkUrl, direct }, buffer, limit) => {
    await withClient(direct.standbyUrl, (client) => client.query(definition));
    const client = new pg.Client(standbyUrl);
    return timed(async () => {
      await client.connect();
      try {
        await client.query('SELECT move_sequences($1, $2, $3)', [
          dblinkUrl,
          buffer,
          // LIMIT NULL is no limit.
          Number.isFinite(limit) ? limit : null,
        ]);
      } finally {
        await client.end();
      }
    });
  },
};
