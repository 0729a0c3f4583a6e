import { scrub } from './secrets.js';

/** The `code` of an error of PostgreSQL, of pg or of Node; null where it has none. */
export function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What an error says of itself: one line of at most 280 characters, without secrets. */
export function ownReason(error: unknown): string {
  let text = String(error);
  if (error instanceof Error) {
    text = error.message;
    // Node gathers the failures of a host's several addresses under an empty message.
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
