import { classify } from '../failures/classify.js';

/** Of pg, when no answer came in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Whether the session is gone, or must not be used again: a timeout leaves an answer on its way. */
export function endsConnection(error: unknown): boolean {
  if (error instanceof Error && 'severity' in error)
    return error.severity === 'FATAL' || error.severity === 'PANIC';
  return classify(error).scope === 'connection';
}
