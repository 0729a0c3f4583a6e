import { scrub } from './secrets.js';

/** The `code` of an error of PostgreSQL, pg or Node; null if it has none. */
export function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The server's function that raised the error; null if the error does not say. */
export function routineOf(error: Error): string | null {
  return 'routine' in error && typeof error.routine === 'string' ? error.routine : null;
}

/** The message of an error as one line of at most 280 characters, without secrets. */
export function ownReason(error: unknown): string {
  let text = String(error);
  if (error instanceof Error) {
    text = error.message;
    // If a host has several addresses, Node's error has an empty message and one error for each address.
    if (text === '' && error instanceof AggregateError) {
      text = (error.errors as unknown[])
        .map((inner) => (inner instanceof Error ? inner.message : String(inner)))
        .join('; ');
    }
    if (text === '') text = codeOf(error) ?? error.name;
  }
  const line = scrub(text).replace(/\s+/g, ' ').trim();
  return line.length > 280 ? `${line.slice(0, 279)}…` : line;
}
