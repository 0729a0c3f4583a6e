import { escapeIdentifier, escapeLiteral } from 'pg';
import type { FenceMemory, ForwardSubscription, OpeningMemory } from '../../steps/promotion-steps.js';
import type { Identity } from '../../steps/identity.js';
import {
  closeStatements,
  fenceStatements,
  liftStatements,
  openStatements,
  readOnlyStatement,
} from '../../steps/fence-statements.js';
import { textArray } from '../array-literal.js';
import { catalogLocks, type Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';

const writing = (expected: Identity) =>
  ({
    access: 'read write',
    expected,
    locks: catalogLocks,
    lockTimeoutMs: 2_000,
    statementTimeoutMs: 10_000,
  }) as const;

/** Raises the fence in one transaction. */
export async function applyFence(primary: Endpoint, expected: Identity, memory: FenceMemory): Promise<void> {
  await primary.transaction(writing(expected), (query) =>
    query.last(fenceStatements(expected.database, memory)),
  );
}

/** Restores the state before the fence. Roles that were dropped since are left out. */
export async function removeFence(primary: Endpoint, expected: Identity, memory: FenceMemory): Promise<void> {
  await endAbandonedStatements(primary, expected);
  const known = await withoutDropped(primary, expected, memory);
  await primary.transaction(writing(expected), (query) =>
    query.last(liftStatements(expected.database, known)),
  );
}

/** Ends statements of a killed worker that still wait for a lock: they must not run after the undo. */
async function endAbandonedStatements(endpoint: Endpoint, expected: Identity): Promise<void> {
  await endpoint.read({ expected, locks: 0 }, [
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND state = 'active'
       AND application_name = current_setting('application_name')
       AND query LIKE 'ALTER DATABASE % SET default\\_transaction\\_read\\_only TO %'`,
  ]);
}

/**
 * New sessions of the standby are read-only by default from now on. The subscription's workers write nevertheless, and existing sessions keep
 * their setting.
 */
export async function makeReadOnly(standby: Endpoint, expected: Identity): Promise<void> {
  await standby.transaction(writing(expected), (query) => query.last([readOnlyStatement(expected.database)]));
}

/** Disables the subscriptions and lets sessions write. */
export async function openForWrites(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
): Promise<void> {
  const known = await knownOpening(standby, expected, memory);
  await alterTogether(standby, expected, subscriptions, 'DISABLE', openStatements(expected.database, known));
}

/** Restores the state before `makeReadOnly` and `openForWrites`, whether or not they had succeeded. */
export async function closeForWrites(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
): Promise<void> {
  await endAbandonedStatements(standby, expected);
  const known = await knownOpening(standby, expected, memory);
  const settings = closeStatements(expected.database, known);
  try {
    await alterTogether(standby, expected, subscriptions, 'ENABLE', settings);
  } catch (error) {
    // A role that may not alter the subscriptions has not disabled them. The settings must not stay read-only because of them.
    if (classify(error).sqlstate !== SQLSTATE.insufficientPrivilege) throw error;
    if ((await readDisabled(standby, expected, subscriptions)).length > 0) throw error;
    await alterTogether(standby, expected, [], 'ENABLE', settings);
  }
}

async function readDisabled(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
): Promise<unknown[]> {
  const [rows = []] = await standby.read({ expected, locks: 0 }, [
    `SELECT FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND NOT subenabled AND subname = ANY (${textArray(subscriptions.map(({ name }) => name))})`,
  ]);
  return rows;
}

/** Runs all of it in one transaction. */
async function alterTogether(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  to: 'ENABLE' | 'DISABLE',
  others: readonly string[],
): Promise<void> {
  const first = subscriptions.map(({ name }) => `ALTER SUBSCRIPTION ${escapeIdentifier(name)} ${to}`);
  await standby.transaction(writing(expected), (query) => query.last([...first, ...others]));
}

/** Whether a new session is read-only by default. It uses a new connection, since existing ones may have older settings. */
export async function isReadOnly(standby: Endpoint, expected: Identity): Promise<boolean> {
  const [[row] = []] = await standby.read<{ setting: string }>(
    { expected, locks: 0, byNewConnection: true },
    [`SELECT current_setting('default_transaction_read_only') AS setting`],
  );
  return row?.setting === 'on';
}

/** If the server's configuration is read-only by default, the database needs a setting of its own. */
export async function setWritable(standby: Endpoint, expected: Identity): Promise<void> {
  const name = escapeIdentifier(expected.database);
  await standby.transaction(writing(expected), (query) =>
    query.last([`ALTER DATABASE ${name} SET default_transaction_read_only TO ${escapeLiteral('off')}`]),
  );
}

async function knownOpening(
  standby: Endpoint,
  expected: Identity,
  memory: OpeningMemory,
): Promise<OpeningMemory> {
  if (memory.before === null) return memory;
  return { ...memory, before: await withoutDropped(standby, expected, memory.before) };
}

async function withoutDropped(
  endpoint: Endpoint,
  expected: Identity,
  memory: FenceMemory,
): Promise<FenceMemory> {
  const { readOnly, connect } = memory;
  const names = [
    ...readOnly.roles.map(({ role }) => role),
    ...(connect?.granted ?? []),
    ...(connect?.revoked.flatMap(({ role }) => role ?? []) ?? []),
  ];
  if (names.length === 0) return memory;
  const [rows = []] = await endpoint.read<{ role: string }>({ expected, locks: 0 }, [
    `SELECT rolname::text AS role FROM pg_roles WHERE rolname = ANY (${textArray(names)})`,
  ]);
  const here = new Set(rows.map(({ role }) => role));
  return {
    ...memory,
    readOnly: { ...readOnly, roles: readOnly.roles.filter(({ role }) => here.has(role)) },
    connect: connect && {
      revoked: connect.revoked.filter(({ role }) => role === null || here.has(role)),
      granted: connect.granted.filter((role) => here.has(role)),
    },
  };
}
