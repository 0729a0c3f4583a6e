/** The privileges of a role on a sequence and its schema, including those from pg_read_all_data, ownership and SUPERUSER. */
export interface Privileges {
  /** USAGE on the schema. */
  schemaUsage: boolean;
  select: boolean;
  update: boolean;
}

/** All names are quoted by the server. */
export interface Grantee {
  schema: string;
  sequence: string;
  role: string;
}

/**
 * The statements that grant a role the privileges that it lacks; null if it lacks none. Setting a sequence needs SELECT besides UPDATE, since
 * only a sequence that can be read is known to be behind.
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
