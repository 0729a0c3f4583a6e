/**
 * Text as PostgreSQL can store it: neither text nor jsonb takes the character 0 or half of a surrogate pair, both of
 * which a client can send in a name or a reason. Each becomes U+FFFD.
 */
export function storable<T extends string | null>(text: T): T {
  return text === null ? text : (text.replaceAll('\0', '\uFFFD').toWellFormed() as T);
}

/** JSON whose texts are {@link storable}. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}
