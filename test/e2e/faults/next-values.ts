import type pg from 'pg';

export interface NextValue {
  /** As the server quotes it. */
  sequence: string;
  increment: bigint;
  next: bigint;
}

/**
 * The next values of all sequences. Each sequence is read as a relation, which blocks nobody and works on every version. A sequence that is
 * dropped meanwhile is left out.
 */
export async function nextValues(client: pg.Client): Promise<NextValue[]> {
  if (!prepared.has(client)) {
    // For the transactions that follow.
    await client.query('SET default_transaction_read_only = off');
    await client.query(preparation);
    prepared.add(client);
  }
  const { rows } = await client.query<{ sequence: string; increment: string; last: string; called: boolean }>(
    sql,
  );
  return rows.map(({ sequence, increment, last, called }) => ({
    sequence,
    increment: BigInt(increment),
    next: BigInt(last) + (called ? BigInt(increment) : 0n),
  }));
}

const prepared = new WeakSet<pg.Client>();

const preparation = `
  CREATE OR REPLACE FUNCTION pg_temp.position_of(sequence oid) RETURNS TABLE (last bigint, called boolean) LANGUAGE plpgsql AS $$
    BEGIN
      RETURN QUERY EXECUTE format('SELECT last_value, is_called FROM %s', sequence::regclass);
    EXCEPTION WHEN undefined_table OR syntax_error THEN
    END
  $$`;

const sql = `
  SELECT format('%I.%I', nspname, relname) AS sequence, seqincrement::text AS increment, last::text, called
  FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace,
       pg_temp.position_of(seqrelid)`;
