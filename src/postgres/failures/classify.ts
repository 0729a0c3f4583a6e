import { shellQuoted } from '../../contract/shell.js';
import { tooManyConnectionsRemedy } from './too-many-connections.js';
import { missingPrivilegeRemedy } from './missing-privilege.js';
import { notReplicatedRemedy } from './not-replicated.js';
import type { Kind } from './error-kind.js';
import {
  tooManyConnections,
  kindOfCode,
  kindOfMessage,
  kindOfSqlstate,
  login,
  notReplicated,
  misconfigured,
  privilege,
  unknown,
} from './error-kinds.js';
import {
  ConnectionError,
  InvalidConnectionError,
  NoPasswordError,
  NotReplicatedError,
  WrongServerError,
} from './errors.js';
import { codeOf, ownReason, routineOf } from './own-reason.js';
import { refusedLoginRemedy } from './refused-login.js';

/** The meaning of an error of PostgreSQL, pg or Node for the work in which it occurred. */
export interface Classification extends Kind {
  sqlstate: string | null;
  /** One line of at most 300 characters, without secrets. */
  reason: string;
}

/** Classifies an error by itself, or else by the nearest of its causes that is known. Never throws. */
export function classify(error: unknown): Classification {
  let connection: ConnectionError | null = null;
  for (const candidate of chain(error)) {
    // Without a connection every statement fails, so the reason of the server does not matter.
    if (candidate instanceof ConnectionError) connection ??= candidate;
    const sqlstate = sqlstateOf(candidate);
    const found = kindOf(candidate, sqlstate);
    if (!found) continue;
    const scope = connection === null ? found.scope : 'connection';
    return {
      ...found,
      scope,
      remedy: remedyOf(found, candidate, connection, sqlstate),
      sqlstate,
      reason: reasonOf(error, sqlstate),
    };
  }
  return {
    ...unknown,
    scope: connection === null ? 'statement' : 'connection',
    sqlstate: null,
    reason: reasonOf(error, null),
  };
}

function remedyOf(
  kind: Kind,
  error: unknown,
  connection: ConnectionError | null,
  sqlstate: string | null,
): string {
  if (!(error instanceof Error)) return kind.remedy;
  if (kind === tooManyConnections) return tooManyConnectionsRemedy(error);
  if (kind === notReplicated) return notReplicatedRemedy(error);
  if (kind === privilege) return missingPrivilegeRemedy(error);
  const refused = refusedLoginRemedy(error, sqlstate, connection?.side ?? null);
  const remedy = refused === null ? kind.remedy : `${kind.remedy} ${refused}`;
  return connection === null ? remedy : withAddress(remedy, connection.address);
}

/** The command of the remedy, as it can be pasted. */
function withAddress(remedy: string, { host, port }: ConnectionError['address']): string {
  const withPort = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return remedy
    .replace('<host>:<port>', () => shellQuoted(withPort))
    .replace('<host>', () => shellQuoted(host))
    .replace('<port>', String(port));
}

function kindOf(error: unknown, sqlstate: string | null): Kind | undefined {
  if (error instanceof WrongServerError || error instanceof InvalidConnectionError) return misconfigured;
  if (error instanceof NoPasswordError) return login;
  if (error instanceof NotReplicatedError) return notReplicated;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ConnectionError) return undefined;
  if (sqlstate !== null) return kindOfSqlstate(sqlstate, error.message, routineOf(error));
  const code = codeOf(error);
  return (code === null ? undefined : kindOfCode(code)) ?? kindOfMessage(error.message);
}

/** The error, the errors of an AggregateError, and their causes, nearest first. A cycle of causes is cut. */
function* chain(error: unknown): Generator {
  const seen = new Set<unknown>();
  const waiting = [error];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    if (next instanceof AggregateError) waiting.push(...(next.errors as unknown[]));
    if (next instanceof Error && next.cause !== undefined) waiting.push(next.cause);
  }
}

/** A code of five characters is a SQLSTATE only if the error also has a severity: EPIPE has five characters too. */
function sqlstateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('severity' in error)) return null;
  const code = codeOf(error);
  return code !== null && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

function reasonOf(error: unknown, sqlstate: string | null): string {
  const text = ownReason(error);
  return sqlstate === null || text.includes(sqlstate) ? text : `${text} (SQLSTATE ${sqlstate})`;
}
