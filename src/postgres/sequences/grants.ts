/** What a role holds on a sequence and its schema; pg_read_all_data, ownership and superuser included. */
export interface Privileges {
  /** USAGE on the schema. */
  schemaUsage: boolean;
  select: boolean;
  update: boolean;
}

/** Each as the server quotes it. */
export interface Grantee {
  schema: string;
  sequence: string;
  role: string;
}

/**
 * The statements that give a role what it lacks; null if it lacks nothing. Setting takes SELECT besides UPDATE: what
 * cannot be read is never known to be behind.
 */
export function missingGrants(
  held: Privileges,
  purpose: 'read' | 'set',
  { schema, sequence, role }: Grantee,
): string | null {
  const wanted = [
    ...(held.select ? [] : ['SELECT']),
    ...(held.update || purpose === 'read' ? [] : ['UPDATE']),
  ];
  const statements = [
    ...(held.schemaUsage ? [] : [`GRANT USAGE ON SCHEMA ${schema} TO ${role};`]),
    ...(wanted.length === 0 ? [] : [`GRANT ${wanted.join(', ')} ON SEQUENCE ${sequence} TO ${role};`]),
  ];
  return statements.length === 0 ? null : statements.join(' ');
}
