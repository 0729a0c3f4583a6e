import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabasePair, startPair, type PostgresPair } from '../../../src/local/postgres-pair.js';
import { until } from '../../../src/local/until.js';
import { awaitConfirmedFlush } from '../../../src/postgres/replication/await-confirmed-flush.js';
import { hastenConfirmation } from '../../../src/postgres/replication/hasten-confirmation.js';
import { readWalPosition } from '../../../src/postgres/replication/read-wal-position.js';
import { readSide } from '../../../src/postgres/server/read-side.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import type { PairIdentity } from '../../../src/steps/identity.js';
import { versions } from './database.js';

/** The longest that a server can be told to wait before it flushes by itself. */
const lazy = { wal_writer_delay: '10s' };

describe.each(versions)('a confirmation on PostgreSQL $version', ({ binaries }) => {
  let servers: PostgresPair;
  beforeAll(async () => {
    servers = await startPair({ both: { binaries }, standby: { settings: lazy } });
    for (const server of [servers.primary, servers.standby])
      await sql(server.url(), "CREATE ROLE bare LOGIN PASSWORD 'bare'");
  });
  afterAll(() => servers.stop());

  /** A subscribed database, reached by a role without any privilege, whose sessions may not write. */
  async function subscribed() {
    const databases = await createDatabasePair(servers, { schema: 'CREATE TABLE orders (id int)' });
    onTestFinished(() => databases.drop());
    const { name, primaryUrl, standbyUrl } = databases;
    await databases.subscribe();
    for (const url of [primaryUrl, standbyUrl])
      await sql(url, `ALTER ROLE bare IN DATABASE ${name} SET default_transaction_read_only TO on`);
    const primary = openEndpoint('primary', servers.primary.url(name, 'bare', 'bare'), { env: {} });
    const standby = openEndpoint('standby', servers.standby.url(name, 'bare', 'bare'), { env: {} });
    onTestFinished(async () => {
      await Promise.all([primary.close(), standby.close()]);
    });
    const identity: PairIdentity = {
      pair: name,
      primary: (await readSide(primary, null)).facts.identity,
      standby: (await readSide(standby, null)).facts.identity,
    };
    return { ...databases, primary, standby, identity };
  }

  it('does not have to wait until the standby flushes by itself', async () => {
    const { name, primary, standby, primaryUrl, standbyUrl, identity } = await subscribed();
    await sql(primaryUrl, 'INSERT INTO orders VALUES (1)');
    const position = await readWalPosition(primary, null);
    await until(async () => (await sql(standbyUrl, 'SELECT id FROM orders')).length === 1, {
      what: 'the row to be visible on the standby',
    });
    const [applied] = await sql(standbyUrl, 'SELECT pg_current_wal_insert_lsn()::text AS lsn');
    await hastenConfirmation({ primary, standby }, identity);
    expect(
      await sql(
        standbyUrl,
        `SELECT pg_current_wal_flush_lsn() >= '${String(applied?.['lsn'])}' AS flushed, (SELECT count(*)::integer FROM orders) AS rows`,
      ),
    ).toEqual([{ flushed: true, rows: 1 }]);
    const onPoll = () => {
      hastenConfirmation({ primary, standby }, identity).catch(() => undefined);
    };
    expect(await awaitConfirmedFlush(primary, null, [name], position, { timeoutMs: 60_000, onPoll })).toEqual(
      [],
    );
  });

  it('is waited for as before where a server cannot be reached', async () => {
    const { primary, standby, identity } = await subscribed();
    await standby.close();
    await expect(hastenConfirmation({ primary, standby }, identity)).resolves.toBeUndefined();
  });
});

async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
