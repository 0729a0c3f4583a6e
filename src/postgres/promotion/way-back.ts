import { DatabaseError, escapeIdentifier, escapeLiteral } from 'pg';
import type { WayBackNames } from '../../steps/promotion-steps.js';
import type { Identity } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint, type Query } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';
import { scrub } from '../failures/secrets.js';
import { OID_OF_DATABASE } from '../this-database.js';
import {
  type CommitLimit,
  commitInTime,
  lastIfInTime,
  orTooLate,
  TooLateError,
  transactInTime,
} from './commit-in-time.js';
import type { WayBackTable } from './way-back-tables.js';

/**
 * The server_version_num from which PostgreSQL has each option: publishing TRUNCATE, publishing a partitioned table as itself, and `origin` of a
 * subscription.
 */
const since = { truncate: 110_000, viaRoot: 130_000, origin: 160_000 };

const writing = (expected: Identity, locks: number = CATALOG_LOCKS) =>
  ({ access: 'read write', expected, locks }) as const;

const ofDatabase = `subdbid = ${OID_OF_DATABASE}`;

/** Makes a change within a limit of time. Null is no limit. */
export type InTime = (change: (limit: CommitLimit | null) => Promise<void>) => Promise<void>;

/**
 * Publishes exactly these tables on the standby. A publication of the same name comes from an earlier promotion, and is replaced.
 *
 * @param inTime is called for each transaction
 * @throws TooLateError
 */
export async function createPublication(
  standby: Endpoint,
  expected: Identity,
  publication: string,
  tables: readonly WayBackTable[],
  inTime: InTime = (change) => change(null),
): Promise<void> {
  const version = await standby.version(expected);
  const name = escapeIdentifier(publication);
  const viaRoot = tables.some(({ partitioned }) => partitioned) && version >= since.viaRoot;
  const publish = ['insert', 'update', 'delete', ...(version >= since.truncate ? ['truncate'] : [])].join(
    ', ',
  );
  const options = [`publish = '${publish}'`, ...(viaRoot ? ['publish_via_partition_root = true'] : [])];
  const change = (locks: number, statements: readonly string[]) =>
    inTime((limit) => transactInTime(standby, writing(expected, locks), statements, limit));
  await change(CATALOG_LOCKS, [
    `DROP PUBLICATION IF EXISTS ${name}`,
    `CREATE PUBLICATION ${name} WITH (${options.join(', ')})`,
  ]);
  const chunk = Math.max(1, (await standby.locksPerTransaction()) - CATALOG_LOCKS);
  for (let at = 0; at < tables.length; at += chunk) {
    const some = tables.slice(at, at + chunk).map((table) => table.name);
    await change(some.length + CATALOG_LOCKS, [`ALTER PUBLICATION ${name} ADD TABLE ${some.join(', ')}`]);
  }
}

/** Does nothing if there is no such publication. @throws TooLateError */
export async function dropPublication(
  endpoint: Endpoint,
  expected: Identity,
  publication: string,
  limit: CommitLimit | null = null,
): Promise<void> {
  const [found = []] = await endpoint.read({ expected, locks: 0 }, [
    `SELECT FROM pg_publication WHERE pubname = ${escapeLiteral(publication)}`,
  ]);
  // An event trigger may refuse the statement although it would do nothing.
  if (found.length === 0) return;
  await commitInTime(
    endpoint,
    expected,
    [`DROP PUBLICATION IF EXISTS ${escapeIdentifier(publication)}`],
    limit,
  );
}

/**
 * Whether the subscription of the way back gets only rows that were written on the standby itself, by the option `origin = none`. Otherwise it
 * gets every row after the position of its slot, also those that the standby received from the primary.
 */
export function filtersByOrigin(primaryVersion: number, standbyVersion: number): boolean {
  return Math.min(primaryVersion, standbyVersion) >= since.origin;
}

/**
 * Creates the disabled subscription. The primary's server connects to the standby for it, which proves that it can.
 *
 * @param connection the connection string to the standby, with a password. No error and no log line of this worker shows it
 * @param secrets further texts that are removed from messages
 */
export async function createSubscription(
  primary: Endpoint,
  expected: Identity,
  { subscription, publication, slot }: WayBackNames,
  { connection, secrets }: { connection: string; secrets: readonly string[] },
  limit: CommitLimit | null = null,
): Promise<void> {
  await dropSubscription(primary, expected, subscription, limit);
  const version = await primary.version(expected);
  const options = [
    ...['enabled = false', 'create_slot = false', 'copy_data = false', `slot_name = ${escapeLiteral(slot)}`],
    ...(version >= since.origin ? ['origin = none'] : []),
  ];
  const create = () =>
    primary.transaction({ ...writing(expected), statementTimeoutMs: 20_000 }, async (query) => {
      // The server logs the text of a failing statement. Only a superuser may turn this off.
      await query(
        `SELECT set_config(name, value, true)
         FROM (VALUES ('log_min_error_statement', 'panic'), ('log_statement', 'none'), ('log_min_duration_statement', '-1')) AS quiet (name, value)
         WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`,
      );
      await query(
        `CREATE SUBSCRIPTION ${escapeIdentifier(subscription)} CONNECTION ${escapeLiteral(connection)}
         PUBLICATION ${escapeIdentifier(publication)} WITH (${options.join(', ')})`,
      );
      for (const last of lastIfInTime(limit)) await query(last);
    });
  await orTooLate(limit, create).catch((error: unknown) => {
    if (error instanceof TooLateError) throw error;
    const { retryable, reason, sqlstate } = classify(error);
    // The server itself says so: it could not connect to the standby. Before PostgreSQL 15 it says that by an internal error.
    const isUnreachable = error instanceof DatabaseError && /^08|^XX000$/u.test(sqlstate ?? '');
    if (retryable && !isUnreachable) throw error;
    // The subscription of a role that is no superuser has to use a password.
    const isWithoutPassword = sqlstate === SQLSTATE.prohibitedSqlStatementAttempted;
    const obstacle = isWithoutPassword ? 'no password' : isUnreachable ? 'unreachable' : 'other';
    throw new WayBackError(scrub(reason, [connection, ...secrets]), obstacle);
  });
}

/** The primary's server could not create its subscription to the standby. */
export class WayBackError extends Error {
  override readonly name = 'WayBackError';

  constructor(
    message: string,
    /** `no password`: only a superuser's subscription may connect without one. `unreachable`: the connection failed. */
    readonly obstacle: 'no password' | 'unreachable' | 'other',
  ) {
    super(message);
  }
}

/** Does nothing if there is no such subscription. The slot is kept, since its server may be unreachable. @throws TooLateError */
export async function dropSubscription(
  endpoint: Endpoint,
  expected: Identity,
  subscription: string,
  limit: CommitLimit | null = null,
): Promise<void> {
  const drop = async (query: Query) => {
    if (!(await detach(query, subscription))) return;
    await query(`DROP SUBSCRIPTION ${escapeIdentifier(subscription)}`);
    for (const last of lastIfInTime(limit)) await query(last);
  };
  await orTooLate(limit, () => endpoint.transaction(writing(expected), drop));
}

/** Takes the slot from a subscription and disables it. */
export async function detachSubscription(
  endpoint: Endpoint,
  expected: Identity,
  subscription: string,
): Promise<void> {
  await endpoint.transaction(writing(expected), (query) => detach(query, subscription));
}

/** @returns whether there is such a subscription */
async function detach(query: Query, subscription: string): Promise<boolean> {
  const [found] = await query<{ slot: string | null }>(
    `SELECT subslotname AS slot FROM pg_subscription WHERE ${ofDatabase} AND subname = ${escapeLiteral(subscription)}`,
  );
  if (found === undefined) return false;
  const name = escapeIdentifier(subscription);
  if (found.slot !== null) {
    // One without a slot is disabled already.
    await query(`ALTER SUBSCRIPTION ${name} DISABLE`);
    await query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
  }
  return true;
}

/** Enables a subscription. It can be repeated. @returns whether there is such a subscription */
export async function enableSubscription(
  endpoint: Endpoint,
  expected: Identity,
  subscription: string,
): Promise<boolean> {
  return endpoint.transaction(writing(expected), async (query) => {
    const found = await query(
      `SELECT FROM pg_subscription WHERE ${ofDatabase} AND subname = ${escapeLiteral(subscription)}`,
    );
    if (found.length === 0) return false;
    await query.last([`ALTER SUBSCRIPTION ${escapeIdentifier(subscription)} ENABLE`]);
    return true;
  });
}
