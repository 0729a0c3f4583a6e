import { escapeIdentifier, escapeLiteral } from 'pg';
import type { WayBackNames } from '../../steps/promotion-steps.js';
import type { Identity } from '../../steps/identity.js';
import { catalogLocks, type Endpoint, type Query } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';
import { scrub } from '../failures/secrets.js';
import { type CommitLimit, isInTime } from './commit-in-time.js';
import type { WayBackTable } from './way-back-tables.js';

/**
 * The server_version_num from which PostgreSQL has each option: publishing TRUNCATE, publishing a partitioned table as itself, advancing a
 * slot, and `origin` of a subscription.
 */
const since = { truncate: 110_000, viaRoot: 130_000, advance: 110_000, origin: 160_000 };

const writing = (expected: Identity, locks: number = catalogLocks) =>
  ({ access: 'read write', expected, locks }) as const;

const ofDatabase = 'subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())';

/** Publishes exactly these tables on the standby. A publication of the same name comes from an earlier promotion, and is replaced. */
export async function createPublication(
  standby: Endpoint,
  expected: Identity,
  publication: string,
  tables: readonly WayBackTable[],
): Promise<void> {
  const version = await standby.version(expected);
  const name = escapeIdentifier(publication);
  const viaRoot = tables.some(({ partitioned }) => partitioned) && version >= since.viaRoot;
  const publish = ['insert', 'update', 'delete', ...(version >= since.truncate ? ['truncate'] : [])].join(
    ', ',
  );
  const options = [`publish = '${publish}'`, ...(viaRoot ? ['publish_via_partition_root = true'] : [])];
  await standby.transaction(writing(expected), (query) =>
    query.last([
      `DROP PUBLICATION IF EXISTS ${name}`,
      `CREATE PUBLICATION ${name} WITH (${options.join(', ')})`,
    ]),
  );
  const chunk = Math.max(1, (await standby.locksPerTransaction()) - catalogLocks);
  for (let at = 0; at < tables.length; at += chunk) {
    const some = tables.slice(at, at + chunk).map((table) => table.name);
    await standby.transaction(writing(expected, some.length + catalogLocks), (query) =>
      query.last([`ALTER PUBLICATION ${name} ADD TABLE ${some.join(', ')}`]),
    );
  }
}

/** Does nothing if there is no such publication. */
export async function dropPublication(
  endpoint: Endpoint,
  expected: Identity,
  publication: string,
): Promise<void> {
  await endpoint.transaction(writing(expected), (query) =>
    query.last([`DROP PUBLICATION IF EXISTS ${escapeIdentifier(publication)}`]),
  );
}

const slotOf = (slot: string) =>
  `FROM pg_replication_slots WHERE slot_name = ${escapeLiteral(slot)} AND database = current_database()`;

/** A slot of the same name comes from an earlier promotion, and keeps WAL that nobody needs. */
export async function createSlot(standby: Endpoint, expected: Identity, slot: string): Promise<void> {
  await dropSlot(standby, expected, slot);
  // The creation waits until the present transactions have ended.
  await standby.read({ expected, locks: 0, statementTimeoutMs: 30_000 }, [
    `SELECT pg_create_logical_replication_slot(${escapeLiteral(slot)}, 'pgoutput')`,
  ]);
}

/** Does nothing if there is no such slot. @throws object_in_use while a receiver is connected to it */
export async function dropSlot(endpoint: Endpoint, expected: Identity, slot: string): Promise<void> {
  await endpoint.read({ expected, locks: 0 }, [`SELECT pg_drop_replication_slot(slot_name) ${slotOf(slot)}`]);
}

/**
 * Whether the subscription of the way back gets only rows that were written on the standby itself, by the option `origin = none`. Otherwise it
 * gets every row after the position of its slot, also those that the standby received from the primary.
 */
export function filtersByOrigin(primaryVersion: number, standbyVersion: number): boolean {
  return Math.min(primaryVersion, standbyVersion) >= since.origin;
}

/**
 * Advances the slot to the present WAL position, so that older changes are not sent through it. Changes that applications have made since the
 * standby was opened must be sent, so nothing is done if it is open.
 *
 * @param limit null: no limit of time, and the standby is not open
 */
export async function advanceSlot(
  standby: Endpoint,
  expected: Identity,
  slot: string,
  limit: CommitLimit | null = null,
): Promise<void> {
  const condition = limit === null ? 'true' : `${STILL_READ_ONLY} AND ${isInTime(limit)}`;
  if ((await standby.version(expected)) < since.advance) {
    const [mayCreate = []] = await standby.read({ expected, locks: 0 }, [`SELECT WHERE ${condition}`]);
    if (mayCreate.length > 0) await createSlot(standby, expected, slot);
    return;
  }
  await standby.read({ expected, locks: 0 }, [
    `SELECT pg_replication_slot_advance(slot_name, pg_current_wal_flush_lsn()) ${slotOf(slot)}
       AND confirmed_flush_lsn < pg_current_wal_flush_lsn() AND ${condition}`,
  ]);
}

/** As the step `makeStandbyReadOnly` has set it, and the opening sets anything else. */
const STILL_READ_ONLY = `EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND 'default_transaction_read_only=on' = ANY (setconfig))`;

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
): Promise<void> {
  await dropSubscription(primary, expected, subscription);
  const version = await primary.version(expected);
  const options = [
    ...['enabled = false', 'create_slot = false', 'copy_data = false', `slot_name = ${escapeLiteral(slot)}`],
    ...(version >= since.origin ? ['origin = none'] : []),
  ];
  try {
    await primary.transaction({ ...writing(expected), statementTimeoutMs: 20_000 }, async (query) => {
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
    });
  } catch (error) {
    const { retryable, reason, sqlstate } = classify(error);
    if (retryable) throw error;
    // The subscription of a role that is no superuser has to use a password.
    const lacksPassword = sqlstate === SQLSTATE.prohibitedSqlStatementAttempted;
    throw new WayBackError(scrub(reason, [connection, ...secrets]), lacksPassword);
  }
}

/** The primary's server could not create its subscription to the standby. */
export class WayBackError extends Error {
  override readonly name = 'WayBackError';

  constructor(
    message: string,
    /** Whether the connection used no password, which only a superuser's subscription may do. */
    readonly lacksPassword: boolean,
  ) {
    super(message);
  }
}

/** Does nothing if there is no such subscription. The slot is kept, since its server may be unreachable. */
export async function dropSubscription(
  endpoint: Endpoint,
  expected: Identity,
  subscription: string,
): Promise<void> {
  await endpoint.transaction(writing(expected), async (query) => {
    if (!(await detach(query, subscription))) return;
    await query(`DROP SUBSCRIPTION ${escapeIdentifier(subscription)}`);
  });
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

/** Enables a subscription that exists. It can be repeated. */
export async function enableSubscription(
  endpoint: Endpoint,
  expected: Identity,
  subscription: string,
): Promise<void> {
  await endpoint.transaction(writing(expected), (query) =>
    query.last([`ALTER SUBSCRIPTION ${escapeIdentifier(subscription)} ENABLE`]),
  );
}
