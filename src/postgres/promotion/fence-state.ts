import type { FencePolicy } from '../../contract/promotion-input.js';
import type { FenceMemory, ReadOnlySettings } from '../../steps/promotion-steps.js';
import type { Identity, PairIdentity } from '../../steps/identity.js';
import { isOn } from '../../steps/pg-boolean.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

interface SettingRow extends Row {
  role: string | null;
  inDatabase: string | null;
  everywhere: string | null;
  overrides: boolean;
}

/** A part of a WITH clause: all settings of default_transaction_read_only that may hold in the connected database. */
export const readOnlySettings = `setting AS (
    SELECT setrole, setdatabase, substr(entry, strpos(entry, '=') + 1) AS value
    FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS entry
    WHERE entry LIKE 'default\\_transaction\\_read\\_only=%'
      AND setdatabase IN (0, ${OID_OF_DATABASE})
  )`;

/**
 * The settings of default_transaction_read_only in the catalog: that of the database, and those of roles that may log in and have a
 * different one. A setting for a role in the database overrules one for the role, and this overrules one for the
 * database: https://www.postgresql.org/docs/current/sql-alterrole.html
 */
const settingsSql = `
  WITH ${readOnlySettings}
  SELECT NULL AS role, (SELECT value FROM setting WHERE setrole = 0 AND setdatabase <> 0) AS "inDatabase", NULL AS everywhere
  UNION ALL
  SELECT rolname, mine.value, of_role.value
  FROM pg_roles
  LEFT JOIN setting AS mine ON mine.setrole = pg_roles.oid AND mine.setdatabase <> 0
  LEFT JOIN setting AS of_role ON of_role.setrole = pg_roles.oid AND of_role.setdatabase = 0
  WHERE rolcanlogin AND (mine.value IS NOT NULL OR of_role.value IS NOT NULL)
  ORDER BY 1 NULLS FIRST`;

/** A condition: the database is read-only by default, as a fence and `makeReadOnly` set it. The opening and the undo of a fence set anything else. */
export const READ_ONLY_BY_DEFAULT = `EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = ${OID_OF_DATABASE}
  AND 'default_transaction_read_only=on' = ANY (setconfig))`;

async function readSettings(endpoint: Endpoint, expected: Identity): Promise<SettingRow[]> {
  const [rows = []] = await endpoint.read<SettingRow>({ expected, locks: 0 }, [settingsSql]);
  return rows;
}

/** The settings before a fence. Of single roles, only those that would let the role write in spite of the database's setting. */
async function readWritable(
  endpoint: Endpoint,
  expected: Identity,
  except: readonly string[],
): Promise<ReadOnlySettings> {
  const rows = await readSettings(endpoint, expected);
  const roles = rows.filter(
    ({ role, inDatabase, everywhere }) =>
      role !== null && !except.includes(role) && !isOn(inDatabase ?? everywhere),
  );
  return {
    database: rows.find(({ role }) => role === null)?.inDatabase ?? null,
    roles: roles.map(({ role, inDatabase }) => ({ role: role ?? '', value: inDatabase })),
  };
}

/** The settings of a standby before it is opened. Of single roles, only those that make the role read-only in this database. */
export async function readReadOnly(endpoint: Endpoint, expected: Identity): Promise<ReadOnlySettings> {
  const rows = await readSettings(endpoint, expected);
  return {
    database: rows.find(({ role }) => role === null)?.inDatabase ?? null,
    roles: rows
      .filter(({ role, inDatabase }) => role !== null && isOn(inDatabase))
      .map(({ role, inDatabase }) => ({ role: role ?? '', value: inDatabase })),
  };
}

interface GrantRow extends Row {
  role: string | null;
  grantable: boolean;
}

/** The entries of the access list. Without a list the default counts, which lets PUBLIC connect. */
const grantsSql = `
  SELECT CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END AS role, bool_or(is_grantable) AS grantable
  FROM pg_database CROSS JOIN aclexplode(coalesce(datacl, acldefault('d', datdba)))
  WHERE datname = current_database() AND privilege_type = 'CONNECT'
  GROUP BY grantee ORDER BY 1 NULLS FIRST`;

/** The roles that cannot connect, neither by a grant of their own, nor through PUBLIC, another role or as superusers. */
const closedSql = `
  SELECT rolname::text AS role FROM pg_roles
  WHERE NOT has_database_privilege(oid, ${OID_OF_DATABASE}, 'CONNECT')`;

/**
 * The roles that have to be able to connect behind the fence: the worker's, those that receive WAL, and the exceptions. Superusers always can. The
 * receiver of a slot may be away for a moment, and its role is not known then: so every role with REPLICATION may connect.
 */
const keptSql = (except: readonly string[]) => `
  SELECT rolname AS role FROM pg_roles
  WHERE NOT rolsuper AND (rolname = current_user OR rolname = ANY (${textArray(except)})
    OR oid IN (SELECT usesysid FROM pg_stat_replication WHERE usesysid IS NOT NULL)
    OR rolreplication AND EXISTS (SELECT FROM pg_replication_slots WHERE database = current_database() AND NOT active))
  ORDER BY rolname`;

/** Whether every role may connect to the database, as it is the default. The fence `no-connections` revokes this. */
export async function everybodyMayConnect(endpoint: Endpoint, expected: Identity): Promise<boolean> {
  const [grants = []] = await endpoint.read<GrantRow>({ expected, locks: 0 }, [grantsSql]);
  return grants.some(({ role }) => role === null);
}

/** The roles that are listed to connect to the database of the primary, and cannot connect to that of the standby. Null is PUBLIC. */
export async function readShutOut(
  primary: Endpoint,
  standby: Endpoint,
  identity: PairIdentity,
): Promise<(string | null)[]> {
  const [[onPrimary = []], [onStandby = [], closed = []]] = await Promise.all([
    primary.read<GrantRow>({ expected: identity.primary, locks: 0 }, [grantsSql]),
    standby.read<Row & { role: string | null }>({ expected: identity.standby, locks: 0 }, [
      grantsSql,
      closedSql,
    ]),
  ]);
  const isOpenToAll = onStandby.some(({ role }) => role === null);
  const cannot = new Set(closed.map(({ role }) => role));
  return onPrimary
    .map(({ role }) => role)
    .filter((role) => (role === null ? !isOpenToAll : cannot.has(role)));
}

/**
 * Of the grants of an earlier fence, those that the opening of this standby will restore: somebody may have restored others. Only these are
 * taken back if the opening is undone.
 */
export async function grantsToRestore(
  standby: Endpoint,
  expected: Identity,
  { revoked, granted }: NonNullable<FenceMemory['connect']>,
): Promise<NonNullable<FenceMemory['connect']>> {
  const [grants = []] = await standby.read<GrantRow>({ expected, locks: 0 }, [grantsSql]);
  const present = new Set(grants.map(({ role }) => role));
  return {
    revoked: revoked.filter(({ role }) => !present.has(role)),
    granted: granted.filter((role) => present.has(role)),
  };
}

/** The present state of everything that the fence will change. */
export async function readFenceMemory(
  primary: Endpoint,
  expected: Identity,
  { kind, except }: Pick<FencePolicy, 'kind' | 'except'>,
): Promise<FenceMemory> {
  if (kind === 'workflow') return { readOnly: { database: null, roles: [] }, connect: null };
  const readOnly = await readWritable(primary, expected, except);
  if (kind === 'read-only') return { readOnly, connect: null };
  const [grants = [], kept = []] = await primary.read({ expected, locks: 0 }, [grantsSql, keptSql(except)]);
  const keeps = new Set((kept as { role: string }[]).map(({ role }) => role));
  const entries = grants as GrantRow[];
  const revoked = entries.filter(({ role }) => role === null || !keeps.has(role));
  const byName = new Set(entries.map(({ role }) => role));
  return {
    readOnly,
    connect: { revoked, granted: [...keeps].filter((role) => !byName.has(role)) },
  };
}
