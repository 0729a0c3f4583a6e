import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';

/** Whether the error is pg's own, since no answer came in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Whether the session has ended, or must not be used again. After a timeout, for example, a late answer may still arrive. */
export function endsConnection(error: unknown): boolean {
  if (error instanceof Error && 'severity' in error)
    return error.severity === 'FATAL' || error.severity === 'PANIC';
  return classify(error).scope === 'connection';
}

/** A plan that the session kept is gone: somebody else has dropped its prepared statements. */
export class PlansLostError extends Error {}

/** Whether an error says that a prepared statement does not exist. */
export function isPlanLost(error: unknown): boolean {
  return classify(error).sqlstate === SQLSTATE.invalidSqlStatementName;
}
