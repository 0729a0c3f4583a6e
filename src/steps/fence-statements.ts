/** What a fence and the opening of a standby change, and how it is restored: by an activity, or by a person. */
import { inQuotes, quoteLiteral } from '../sequences/identifier.js';
import { isOn, readPgBoolean } from './pg-boolean.js';
import type {
  ConnectGrant,
  FenceMemory,
  OpeningMemory,
  OpenStandbyInput,
  ReadOnlySettings,
} from './promotion-steps.js';

const SETTING = 'default_transaction_read_only';

/** Sets the default of new sessions: for the whole database, or for one role in it. */
function setReadOnly(database: string, role: string | null, value: string | null): string {
  const whose =
    role === null
      ? `ALTER DATABASE ${inQuotes(database)}`
      : `ALTER ROLE ${inQuotes(role)} IN DATABASE ${inQuotes(database)}`;
  return value === null ? `${whose} RESET ${SETTING}` : `${whose} SET ${SETTING} TO ${quoteLiteral(value)}`;
}

function restoreReadOnly(database: string, { database: own, roles }: ReadOnlySettings): string[] {
  return [
    setReadOnly(database, null, own),
    ...roles.map(({ role, value }) => setReadOnly(database, role, value)),
  ];
}

const named = (role: string | null) => (role === null ? 'PUBLIC' : inQuotes(role));

const revoke = (database: string, role: string | null) =>
  `REVOKE CONNECT ON DATABASE ${inQuotes(database)} FROM ${named(role)}`;

const grant = (database: string, { role, grantable }: ConnectGrant) =>
  `GRANT CONNECT ON DATABASE ${inQuotes(database)} TO ${named(role)}${grantable ? ' WITH GRANT OPTION' : ''}`;

/** The statements run in one transaction, and each can be repeated. */
export function fenceStatements(database: string, { readOnly, connect }: FenceMemory): string[] {
  return [
    setReadOnly(database, null, 'on'),
    ...readOnly.roles.map(({ role }) => setReadOnly(database, role, 'on')),
    // The grants come first, so that roles that have to stay are never shut out.
    ...(connect?.granted.map((role) => grant(database, { role, grantable: false })) ?? []),
    ...(connect?.revoked.map(({ role }) => revoke(database, role)) ?? []),
  ];
}

/** Restores the state before `fenceStatements`. */
export function liftStatements(database: string, { readOnly, connect }: FenceMemory): string[] {
  return [...restoreReadOnly(database, readOnly), ...connectStatements(database, connect)];
}

/** Lets those connect who could before the fence; none if the fence has not changed this. */
export function connectStatements(database: string, connect: FenceMemory['connect']): string[] {
  return [
    ...(connect?.revoked.map((one) => grant(database, one)) ?? []),
    ...(connect?.granted.map((role) => revoke(database, role)) ?? []),
  ];
}

const NO_FENCE: FenceMemory = { readOnly: { database: null, roles: [] }, connect: null };

/** Makes new sessions of a standby read-only, except for roles that have a setting of their own. */
export function readOnlyStatement(database: string): string {
  return setReadOnly(database, null, 'on');
}

/** Makes new sessions writable whatever the server's configuration says, except for roles that have a setting of their own. */
export function writableStatement(database: string): string {
  return setReadOnly(database, null, 'off');
}

/**
 * Since when new sessions of the standby are read-only; undefined if they are not. It is `-infinity` if an earlier fence did it. A session that
 * began as read-only stays so until it ends.
 */
export function readOnlySessionsSince({
  memory,
  readOnlySince,
}: Pick<OpenStandbyInput, 'memory' | 'readOnlySince'>): string | undefined {
  return isOn(memory.readOnly.database) ? '-infinity' : readOnlySince;
}

/** Lets sessions of a standby write: lifts an earlier fence of this database, and every read-only default. */
export function openStatements(database: string, { readOnly, before }: OpeningMemory): string[] {
  const { readOnly: earlier, connect } = before ?? NO_FENCE;
  const earlierOf = (role: string) => earlier.roles.find((one) => one.role === role)?.value ?? null;
  return [
    setReadOnly(database, null, writable(earlier.database)),
    ...readOnly.roles.map(({ role }) => setReadOnly(database, role, writable(earlierOf(role)))),
    ...connectStatements(database, connect),
  ];
}

/** Null if the default was read-only before the fence: to restore it would not open the server. */
function writable(value: string | null): string | null {
  return value !== null && readPgBoolean(value) === false ? value : null;
}

/** Restores the state before `openStatements`. */
export function closeStatements(database: string, { readOnly, before }: OpeningMemory): string[] {
  const connect = before?.connect ?? null;
  return [
    ...restoreReadOnly(database, readOnly),
    ...(connect?.granted.map((role) => grant(database, { role, grantable: false })) ?? []),
    ...(connect?.revoked.map(({ role }) => revoke(database, role)) ?? []),
  ];
}
