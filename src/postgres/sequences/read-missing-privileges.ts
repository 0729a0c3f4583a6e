import { LEDGER_SCHEMA } from '../../contract/names.js';
import type { Identity } from '../../steps/identity.js';
import type { UnprivilegedSequence } from '../../steps/privileges.js';
import { CATALOG_LOCKS, type Endpoint, type Row } from '../endpoint.js';
import { missingGrants, type Privileges } from './grants.js';
import { isListed } from './listed-sequences.js';

/** The names also as they are stored. */
export interface NamedUnprivileged extends UnprivilegedSequence {
  rawSchema: string;
  name: string;
}

type PrivilegesRow = Row & Privileges & Omit<NamedUnprivileged, 'readable' | 'grants'>;

/**
 * Sequences that a run would move: not those of the ledger and of extensions, and no temporary ones. It reads no sequence, so it locks none.
 * has_sequence_privilege fails for another relation, and only CASE keeps the planner from calling it with one.
 */
const privilegesSql = `
  SELECT n.nspname AS "rawSchema", c.relname AS name, quote_ident(n.nspname) AS schema,
         quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence, quote_ident(current_user) AS role,
         has_schema_privilege(n.oid, 'USAGE') AS "schemaUsage", has_sequence_privilege(c.oid, 'SELECT') AS "select",
         has_sequence_privilege(c.oid, 'UPDATE') AS "update"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${isListed} AND c.relpersistence <> 't' AND n.nspname <> '${LEDGER_SCHEMA}'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    AND CASE WHEN c.relkind = 'S' THEN NOT (has_schema_privilege(n.oid, 'USAGE')
      AND has_sequence_privilege(c.oid, 'SELECT') AND has_sequence_privilege(c.oid, 'UPDATE')) ELSE false END
  ORDER BY 3, 4`;

/**
 * The sequences of a server that the worker's role may not read, or may not set.
 *
 * @param purpose whether the role only reads them, or also sets them
 */
export async function readMissingPrivileges(
  endpoint: Endpoint,
  expected: Identity,
  purpose: 'read' | 'set',
): Promise<NamedUnprivileged[]> {
  const [rows = []] = await endpoint.read<PrivilegesRow>({ expected, locks: CATALOG_LOCKS }, [privilegesSql]);
  return rows.flatMap((row) => {
    const { rawSchema, name, schema, sequence, role, schemaUsage, select } = row;
    const grants = missingGrants(row, purpose, { schema, sequence, role });
    const readable = schemaUsage && select;
    return grants === null ? [] : [{ rawSchema, name, schema, sequence, role, readable, grants }];
  });
}
