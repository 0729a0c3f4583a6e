import { crowdedRemedy } from './crowded.js';
import {
  crowded,
  type Kind,
  kindOfCode,
  kindOfMessage,
  kindOfSqlstate,
  login,
  notReplicated,
  setUp,
  unknown,
} from './error-kinds.js';
import {
  ConnectionError,
  InvalidConnectionError,
  NoPasswordError,
  NotReplicatedError,
  WrongServerError,
} from './errors.js';
import { codeOf, ownReason } from './own-reason.js';

/** What an error of PostgreSQL, of pg or of Node means for the work that met it. */
export interface Classification extends Kind {
  sqlstate: string | null;
  /** One line of at most 300 characters, without secrets. */
  reason: string;
}

/** Classifies an error by itself, or else by its nearest cause that is known. Never throws. */
export function classify(error: unknown): Classification {
  let whole = false;
  for (const candidate of chain(error)) {
    // Without a connection every statement fails, whatever the server gave as its reason.
    whole ||= candidate instanceof ConnectionError;
    const sqlstate = sqlstateOf(candidate);
    const found = kindOf(candidate, sqlstate);
    if (!found) continue;
    const scope = whole ? 'connection' : found.scope;
    const remedy = found === crowded && candidate instanceof Error ? crowdedRemedy(candidate) : found.remedy;
    return { ...found, scope, remedy, sqlstate, reason: reasonOf(error, sqlstate) };
  }
  return {
    ...unknown,
    scope: whole ? 'connection' : 'statement',
    sqlstate: null,
    reason: reasonOf(error, null),
  };
}

function kindOf(error: unknown, sqlstate: string | null): Kind | undefined {
  if (error instanceof WrongServerError || error instanceof InvalidConnectionError) return setUp;
  if (error instanceof NoPasswordError) return login;
  if (error instanceof NotReplicatedError) return notReplicated;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ConnectionError) return undefined;
  if (sqlstate !== null) return kindOfSqlstate(sqlstate, error.message);
  const code = codeOf(error);
  return (code === null ? undefined : kindOfCode(code)) ?? kindOfMessage(error.message);
}

/** The error, what it gathers, and their causes, the nearest first; a loop of causes ends. */
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

/** A SQLSTATE is only that with a severity next to it: EPIPE has five characters too. */
function sqlstateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('severity' in error)) return null;
  const code = codeOf(error);
  return code !== null && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

function reasonOf(error: unknown, sqlstate: string | null): string {
  const text = ownReason(error);
  return sqlstate === null || text.includes(sqlstate) ? text : `${text} (SQLSTATE ${sqlstate})`;
}
