import { classify } from '../failures/classify.js';

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
