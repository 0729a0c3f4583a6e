import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { withAdmin } from './admin-connection.js';
import { startPostgres, type PostgresOptions, type PostgresServer } from './postgres-server.js';
import { createDatabase } from './create-database.js';
import { dropDatabase } from './drop-database.js';
import { until } from './until.js';
import { withClient } from './with-client.js';

/** A primary and a standby. Nothing is replicated until a subscription is created. */
export interface PostgresPair {
  readonly primary: PostgresServer;
  readonly standby: PostgresServer;
  /** Stops both and removes their files. */
  stop(): Promise<void>;
}

export interface PairOptions {
  /** Options of both servers. The options of each server take precedence. */
  readonly both?: Omit<PostgresOptions, 'name' | 'dataDirectory'>;
  readonly primary?: Partial<PostgresOptions>;
  readonly standby?: Partial<PostgresOptions>;
}

/** Starts both servers at the same time. They have different system identifiers. */
export async function startPair({ both, primary, standby }: PairOptions = {}): Promise<PostgresPair> {
  const [first, second] = await Promise.allSettled([
    startPostgres({
      name: 'primary',
      ...both,
      ...primary,
      settings: { ...both?.settings, ...primary?.settings },
    }),
    startPostgres({
      name: 'standby',
      ...both,
      ...standby,
      settings: { ...both?.settings, ...standby?.settings },
    }),
  ]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') {
    const pair = { primary: first.value, standby: second.value };
    return {
      ...pair,
      stop: async () => {
        // Stop the standby first, because a primary's shutdown waits until its subscribers have received everything.
        await pair.standby.stop();
        await pair.primary.stop();
      },
    };
  }
  for (const result of [first, second]) if (result.status === 'fulfilled') await result.value.stop();
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
}

export interface ReplicationOptions {
  /** Connection strings of superusers. The standby's server uses the first to connect to the primary. */
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** The name of publication, subscription and slot: lower-case letters, digits and underscores. Default: `failover`. */
  readonly name?: string;
  /** Whether to copy the existing rows of the primary; false if the standby has them already. Default: true. */
  readonly copyData?: boolean;
  /** How long to wait until the tables are ready, in milliseconds. Default: 120,000. */
  readonly timeout?: number;
}

/**
 * Publishes all tables of the primary, subscribes the standby to them, and waits until the state of each table
 * (`pg_subscription_rel.srsubstate`) is `r`, ready: copied and caught up. The tables must already exist on both sides.
 *
 * @throws Error with the tables' states if they are not ready in time, for example because a row exists already
 */
export async function publishAndSubscribe(options: ReplicationOptions): Promise<void> {
  const { primaryUrl, standbyUrl, name = 'failover', copyData = true, timeout = 120_000 } = options;
  await withClient(primaryUrl, (primary) =>
    primary.query(`CREATE PUBLICATION ${pg.escapeIdentifier(name)} FOR ALL TABLES`),
  );
  await withClient(standbyUrl, async (standby) => {
    await standby.query(
      `CREATE SUBSCRIPTION ${pg.escapeIdentifier(name)} CONNECTION ${pg.escapeLiteral(primaryUrl)}
       PUBLICATION ${pg.escapeIdentifier(name)} WITH (copy_data = ${String(copyData)})`,
    );
    await tablesReady(standby, name, timeout);
  });
}

/**
 * Waits until the standby has confirmed everything that the primary has written until now.
 *
 * @param slot the slot of the subscription; default: the name of the subscription
 * @throws Error if it has not within the timeout (milliseconds, default 120,000)
 */
export async function caughtUp(primaryUrl: string, slot = 'failover', timeout = 120_000): Promise<void> {
  await withClient(primaryUrl, async (primary) => {
    const { rows: now } = await primary.query<{ lsn: string }>(
      'SELECT pg_current_wal_insert_lsn()::text AS lsn',
    );
    await until(
      async () => {
        const { rows } = await primary.query<{ caught_up: boolean }>(
          'SELECT confirmed_flush_lsn >= $2::pg_lsn AS caught_up FROM pg_replication_slots WHERE slot_name = $1',
          [slot, now[0]?.lsn],
        );
        return rows[0]?.caught_up;
      },
      { timeout, what: `the subscription ${slot} to confirm ${now[0]?.lsn ?? 'the WAL'}` },
    );
  });
}

/** Two databases with the same name, one on each server of a pair. */
export interface DatabasePair {
  readonly name: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Like `publishAndSubscribe`, with the name of the database, so that each subscription of the pair has its own name. */
  subscribe(options?: Pick<ReplicationOptions, 'copyData' | 'timeout'>): Promise<void>;
  /** Waits until the standby has everything that the primary has written until now. */
  caughtUp(timeout?: number): Promise<void>;
  /** Drops both databases, their subscriptions and slots. */
  drop(): Promise<void>;
}

export interface DatabasePairOptions {
  /** Lower-case letters, digits and underscores; default: `test_` and random digits. */
  readonly name?: string;
  /** SQL to run in both databases, for tables and sequences. */
  readonly schema?: string;
}

/** Creates a database on both servers. Test files can use one pair of servers at the same time. */
export async function createDatabasePair(
  { primary, standby }: Pick<PostgresPair, 'primary' | 'standby'>,
  { name = `test_${randomBytes(6).toString('hex')}`, schema }: DatabasePairOptions = {},
): Promise<DatabasePair> {
  const primaryUrl = primary.url(name);
  const standbyUrl = standby.url(name);
  await Promise.all(
    [primary, standby].map(async (server) => {
      await withAdmin(server, (admin) => createDatabase(admin, name));
      if (schema !== undefined) await withClient(server.url(name), (client) => client.query(schema));
    }),
  );
  return {
    name,
    primaryUrl,
    standbyUrl,
    subscribe: (options) => publishAndSubscribe({ ...options, primaryUrl, standbyUrl, name }),
    caughtUp: (timeout) => caughtUp(primaryUrl, name, timeout),
    drop: async () => {
      // After a promotion the primary has one too.
      for (const server of [standby, primary]) await dropSubscriptions(server, name);
      for (const server of [standby, primary]) await withAdmin(server, (admin) => dropDatabase(admin, name));
    },
  };
}

async function tablesReady(standby: pg.Client, subscription: string, timeout: number): Promise<void> {
  const states = async () => {
    const { rows } = await standby.query<{ table: string; state: string }>(
      `SELECT srrelid::regclass::text AS table, srsubstate AS state
       FROM pg_subscription_rel JOIN pg_subscription ON pg_subscription.oid = srsubid WHERE subname = $1`,
      [subscription],
    );
    return rows;
  };
  try {
    await until(async () => (await states()).every(({ state }) => state === 'r'), {
      timeout,
      what: `the tables of the subscription ${subscription} to be ready`,
    });
  } catch (cause) {
    const unready = (await states())
      .filter(({ state }) => state !== 'r')
      .map(({ table, state }) => `${table}: ${state}`);
    throw new Error(
      `The standby's subscription ${subscription} is not ready within ${timeout} ms (${unready.join(', ')}). ` +
        "The standby's log says why.",
      { cause },
    );
  }
}

async function dropSubscriptions(server: PostgresServer, database: string): Promise<void> {
  const { rows } = await withAdmin(server, (admin) =>
    admin.query<{ name: string }>(
      'SELECT quote_ident(subname) AS name FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid WHERE datname = $1',
      [database],
    ),
  );
  if (rows.length === 0) return;
  await withClient(server.url(database), async (standby) => {
    await standby.query('SET default_transaction_read_only TO off');
    for (const { name } of rows) await dropSubscription(standby, name);
  });
}

async function dropSubscription(standby: pg.Client, name: string): Promise<void> {
  try {
    await standby.query(`DROP SUBSCRIPTION ${name}`);
  } catch {
    // It could not drop its slot on the primary. The slot is removed with the primary's database.
    await standby.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
    await standby.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
    await standby.query(`DROP SUBSCRIPTION ${name}`);
  }
}
