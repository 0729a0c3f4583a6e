/**
 * Text that PostgreSQL can store: neither text nor jsonb accepts NUL or half of a surrogate pair, and a client can send both in
 * a name or a reason. Each becomes U+FFFD.
 */
export function storable<T extends string | null>(text: T): T {
  return text === null ? text : (text.replaceAll('\0', '\uFFFD').toWellFormed() as T);
}

/** JSON in which all texts are {@link storable}. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}
