import { escapeIdentifier, escapeLiteral } from 'pg';
import type { FenceMemory, ForwardSubscription, OpeningMemory } from '../../steps/promotion-steps.js';
import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import { catalogLocks, type Endpoint } from '../endpoint.js';
import { closeStatements, fenceStatements, liftStatements, openStatements } from './fence-statements.js';

const writing = (expected: Identity) =>
  ({
    access: 'read write',
    expected,
    locks: catalogLocks,
    lockTimeoutMs: 2_000,
    statementTimeoutMs: 10_000,
  }) as const;

/** One transaction: the fence stands, or nothing has changed. */
export async function raise(primary: Endpoint, expected: Identity, memory: FenceMemory): Promise<void> {
  await primary.transaction(writing(expected), (query) =>
    query.last(fenceStatements(expected.database, memory)),
  );
}

/** Puts back what was there. A role that has been dropped meanwhile is left out: nothing of it is left. */
export async function lift(primary: Endpoint, expected: Identity, memory: FenceMemory): Promise<void> {
  await endAttempts(primary, expected);
  const known = await withoutDropped(primary, expected, memory);
  await primary.transaction(writing(expected), (query) =>
    query.last(liftStatements(expected.database, known)),
  );
}

/** What a worker that is gone has left waiting for a lock must not come through after the undo. */
async function endAttempts(primary: Endpoint, expected: Identity): Promise<void> {
  await primary.read({ expected, locks: 0 }, [
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND state = 'active'
       AND application_name = current_setting('application_name')
       AND query LIKE 'ALTER DATABASE % SET default\\_transaction\\_read\\_only TO %'`,
  ]);
}

/** The subscriptions end, and sessions may write. */
export async function open(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
): Promise<void> {
  const known = await knownOpening(standby, expected, memory);
  await alter(standby, expected, subscriptions, 'DISABLE', openStatements(expected.database, known));
}

/** As it was before `open`, whether that had come through or not. */
export async function close(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
): Promise<void> {
  const known = await knownOpening(standby, expected, memory);
  await alter(standby, expected, subscriptions, 'ENABLE', closeStatements(expected.database, known));
}

/** One transaction: all of it, or nothing. */
async function alter(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  to: 'ENABLE' | 'DISABLE',
  others: readonly string[],
): Promise<void> {
  const first = subscriptions.map(({ name }) => `ALTER SUBSCRIPTION ${escapeIdentifier(name)} ${to}`);
  await standby.transaction(writing(expected), (query) => query.last([...first, ...others]));
}

/** Whether a session that begins now is read-only unless it asks; by a new connection, since the settings of others may be old. */
export async function isReadOnly(standby: Endpoint, expected: Identity): Promise<boolean> {
  const [[row] = []] = await standby.read<{ setting: string }>(
    { expected, locks: 0, byNewConnection: true },
    [`SELECT current_setting('default_transaction_read_only') AS setting`],
  );
  return row?.setting === 'on';
}

/** Where the server itself is configured read-only by default, its database has to say otherwise. */
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
    readOnly: { ...readOnly, roles: readOnly.roles.filter(({ role }) => here.has(role)) },
    connect: connect && {
      revoked: connect.revoked.filter(({ role }) => role === null || here.has(role)),
      granted: connect.granted.filter((role) => here.has(role)),
    },
  };
}
