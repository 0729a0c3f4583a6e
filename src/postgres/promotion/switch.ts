import { setTimeout as delay } from 'node:timers/promises';
import { escapeIdentifier } from 'pg';
import type { FenceMemory, ForwardSubscription, OpeningMemory } from '../../steps/promotion-steps.js';
import type { Identity } from '../../steps/identity.js';
import {
  closeStatements,
  fenceStatements,
  liftStatements,
  openStatements,
  readOnlyStatement,
  writableStatement,
} from '../../steps/fence-statements.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';
import { OID_OF_DATABASE } from '../this-database.js';
import { type CommitLimit, commitInTime } from './commit-in-time.js';
import { readReadOnly } from './fence-state.js';
import { isOn } from '../../steps/pg-boolean.js';

/** Raises the fence in one transaction. @throws TooLateError */
export async function applyFence(
  primary: Endpoint,
  expected: Identity,
  memory: FenceMemory,
  limit: CommitLimit | null = null,
): Promise<void> {
  await commitInTime(primary, expected, fenceStatements(expected.database, memory), limit);
}

/** Restores the state before the fence. Roles that were dropped since are left out. @throws TooLateError */
export async function removeFence(
  primary: Endpoint,
  expected: Identity,
  memory: FenceMemory,
  limit: CommitLimit | null = null,
): Promise<void> {
  await endAbandonedStatements(primary, expected);
  const known = await withoutDropped(primary, expected, memory);
  await commitInTime(primary, expected, liftStatements(expected.database, known), limit);
}

/** How long to wait for ended statements to be gone, and the pause between two checks, in milliseconds. */
const GONE = { withinMs: 2_000, pauseMs: 20 };

/** Ends statements of a killed worker that still wait for a lock, or for a synchronous standby: they must not take effect after the undo. */
async function endAbandonedStatements(endpoint: Endpoint, expected: Identity): Promise<void> {
  const deadline = performance.now() + GONE.withinMs;
  while ((await endAbandoned(endpoint, expected)) > 0 && performance.now() < deadline)
    await delay(GONE.pauseMs);
}

/** @returns how many there were */
async function endAbandoned(endpoint: Endpoint, expected: Identity): Promise<number> {
  const [ended = []] = await endpoint.read({ expected, locks: 0 }, [
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND state = 'active'
       AND application_name = current_setting('application_name')
       AND query LIKE 'ALTER %default\\_transaction\\_read\\_only%'`,
  ]);
  return ended.length;
}

/**
 * New sessions of the standby are read-only by default from now on. The subscription's workers write nevertheless, and existing sessions keep
 * their setting.
 *
 * @throws TooLateError
 */
export async function makeReadOnly(
  standby: Endpoint,
  expected: Identity,
  limit: CommitLimit | null = null,
): Promise<void> {
  await commitInTime(standby, expected, [readOnlyStatement(expected.database)], limit);
}

/** Disables the subscriptions and lets sessions write. @throws TooLateError */
export async function openForWrites(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
  limit: CommitLimit | null = null,
): Promise<void> {
  const known = await knownOpening(standby, expected, memory);
  const present = await readPresent(standby, expected, subscriptions);
  const settings = openStatements(expected.database, known);
  await commitInTime(standby, expected, [...alterAll(present, 'DISABLE'), ...settings], limit);
}

/**
 * Whether an opening was committed: its subscriptions are disabled, and the database is no longer read-only by default, as `makeReadOnly` has
 * made it.
 */
export async function isOpened(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
): Promise<boolean> {
  if (isOn((await readReadOnly(standby, expected)).database)) return false;
  const present = await readPresent(standby, expected, subscriptions);
  return present.every(({ enabled }) => !enabled);
}

/** Restores the state before `makeReadOnly` and `openForWrites`, whether or not they had succeeded. @throws TooLateError */
export async function closeForWrites(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
  limit: CommitLimit | null = null,
): Promise<void> {
  await endAbandonedStatements(standby, expected);
  const known = await knownOpening(standby, expected, memory);
  const settings = closeStatements(expected.database, known);
  // Somebody may have dropped one, or taken its slot: then it cannot be enabled.
  const read = async () =>
    (await readPresent(standby, expected, subscriptions)).filter(({ hasSlot }) => hasSlot);
  try {
    // Those that are enabled are left alone: an event trigger may refuse every ALTER SUBSCRIPTION.
    const disabled = async () => (await read()).filter(({ enabled }) => !enabled);
    await commitInTime(standby, expected, [...alterAll(await disabled(), 'ENABLE'), ...settings], limit);
    // A late attempt of the opening may have disabled one meanwhile.
    const late = await disabled();
    if (late.length > 0) await commitInTime(standby, expected, alterAll(late, 'ENABLE'), limit);
  } catch (error) {
    // A role that may not alter the subscriptions has not disabled them. The settings must not stay read-only because of them.
    if (classify(error).sqlstate !== SQLSTATE.insufficientPrivilege) throw error;
    if ((await read()).some(({ enabled }) => !enabled)) throw error;
    await commitInTime(standby, expected, settings, limit);
  }
}

interface PresentSubscription extends Row {
  name: string;
  enabled: boolean;
  hasSlot: boolean;
}

/** Those of the subscriptions that the standby still has. */
async function readPresent(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly ForwardSubscription[],
): Promise<PresentSubscription[]> {
  if (subscriptions.length === 0) return [];
  const [rows = []] = await standby.read<PresentSubscription>({ expected, locks: 0 }, [
    `SELECT subname::text AS name, subenabled AS enabled, subslotname IS NOT NULL AS "hasSlot" FROM pg_subscription
     WHERE subdbid = ${OID_OF_DATABASE}
       AND subname = ANY (${textArray(subscriptions.map(({ name }) => name))}) ORDER BY subname`,
  ]);
  return rows;
}

function alterAll(subscriptions: readonly { name: string }[], to: 'ENABLE' | 'DISABLE'): string[] {
  return subscriptions.map(({ name }) => `ALTER SUBSCRIPTION ${escapeIdentifier(name)} ${to}`);
}

/** Whether a new session is read-only by default. It uses a new connection, since existing ones may have older settings. */
export async function isReadOnly(standby: Endpoint, expected: Identity): Promise<boolean> {
  const [[row] = []] = await standby.read<{ setting: string }>(
    { expected, locks: 0, byNewConnection: true },
    [`SELECT current_setting('default_transaction_read_only') AS setting`],
  );
  return row?.setting === 'on';
}

/** If the server's configuration is read-only by default, the database needs a setting of its own. @throws TooLateError */
export async function setWritable(
  standby: Endpoint,
  expected: Identity,
  limit: CommitLimit | null = null,
): Promise<void> {
  await commitInTime(standby, expected, [writableStatement(expected.database)], limit);
}

async function knownOpening(
  standby: Endpoint,
  expected: Identity,
  memory: OpeningMemory,
): Promise<OpeningMemory> {
  const { readOnly } = await withoutDropped(standby, expected, { readOnly: memory.readOnly, connect: null });
  const before = memory.before && (await withoutDropped(standby, expected, memory.before));
  return { ...memory, readOnly, before };
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
