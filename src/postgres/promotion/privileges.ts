import type { Identity } from '../../steps/identity.js';
import type { Membership, RolePrivileges } from '../../steps/privileges.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';
import { readOnlySettings } from './fence-state.js';

/** Roles with which hosting services grant what PostgreSQL allows only to superusers. */
const ofServices = {
  replication: ['rds_replication'],
  subscriptions: ['rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin'],
};

const memberOf = (roles: readonly string[]) =>
  `EXISTS (SELECT FROM pg_roles AS given WHERE given.rolname = ANY (${textArray(roles)}) AND pg_has_role(current_user, given.oid, 'USAGE'))`;

const privilegesSql = `
  SELECT quote_ident(rolname) AS role, quote_ident(datname) AS database, rolsuper AS superuser,
         rolsuper OR rolreplication OR ${memberOf(ofServices.replication)} AS replication,
         pg_has_role(current_user, datdba, 'USAGE') AS "ownsDatabase", quote_ident(pg_get_userbyid(datdba)) AS owner,
         has_database_privilege(current_database(), 'CREATE') AS "createInDatabase",
         rolsuper OR ${memberOf(['pg_signal_backend'])} AS "signalsOthers",
         rolsuper OR ${memberOf(['pg_read_all_stats'])} AS "seesOthers",
         rolsuper OR ${memberOf(['pg_create_subscription', ...ofServices.subscriptions])} AS "createsSubscriptions",
         current_setting('server_version_num')::integer AS version
  FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`;

/** A grant by the member itself depends on another grant of it, so it comes first: its REVOKE would find nothing after the other one's CASCADE. */
const membershipsSql = `
  WITH RECURSIVE through (via, grantor, member) AS (
    SELECT member, grantor, member FROM pg_auth_members WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    UNION
    SELECT via, through.grantor, further.member FROM through JOIN pg_auth_members AS further ON further.roleid = through.member
  )
  SELECT quote_ident(pg_get_userbyid(member)) AS member, quote_ident(pg_get_userbyid(via)) AS via, quote_ident(pg_get_userbyid(grantor)) AS grantor
  FROM through ORDER BY 1, 2, through.grantor = through.via DESC, 3`;

/** Reads the privileges of the worker's role. @throws the errors of the server and the connection */
export async function readPrivileges(endpoint: Endpoint, expected: Identity): Promise<RolePrivileges> {
  const options = { expected, locks: 0 };
  const [[row] = [], memberships = []] = await endpoint.read(options, [privilegesSql, membershipsSql]);
  if (row === undefined) throw new Error(`The ${endpoint.side} returned no row for the worker's privileges.`);
  return {
    ...(row as Row & Omit<RolePrivileges, 'memberships'>),
    memberships: memberships as (Row & Membership)[],
  };
}

export interface UnalterableRole extends Row {
  /** As the server quotes it. */
  quoted: string;
  isSetInDatabase: boolean;
  isSetEverywhere: boolean;
  /** Only another superuser may alter it. */
  superuser: boolean;
}

/** The roles among `roles` that the worker's role may not alter, and where their default_transaction_read_only is set. */
export async function readUnalterable(
  endpoint: Endpoint,
  expected: Identity,
  roles: readonly string[],
): Promise<UnalterableRole[]> {
  if (roles.length === 0) return [];
  const [rows = []] = await endpoint.read<UnalterableRole>({ expected, locks: 0 }, [
    `WITH ${readOnlySettings}
     SELECT quote_ident(target.rolname) AS quoted, target.rolsuper AS superuser,
       EXISTS (SELECT FROM setting WHERE setrole = target.oid AND setdatabase <> 0) AS "isSetInDatabase",
       EXISTS (SELECT FROM setting WHERE setrole = target.oid AND setdatabase = 0) AS "isSetEverywhere"
     FROM pg_roles AS target, pg_roles AS mine
     WHERE mine.rolname = current_user AND target.rolname = ANY (${textArray(roles)}) AND target.oid <> mine.oid
       AND NOT mine.rolsuper AND NOT (mine.rolcreaterole AND NOT target.rolsuper AND (
         current_setting('server_version_num')::integer < 160000
         OR pg_has_role(current_user, target.oid, 'MEMBER WITH ADMIN OPTION')))
     ORDER BY 1`,
  ]);
  return rows;
}

/** The names among `roles` of which the server has no role. */
export async function readUnknownRoles(
  endpoint: Endpoint,
  expected: Identity,
  roles: readonly string[],
): Promise<string[]> {
  if (roles.length === 0) return [];
  const [rows = []] = await endpoint.read<{ role: string }>({ expected, locks: 0 }, [
    `SELECT role FROM unnest(${textArray(roles)}) AS role WHERE role NOT IN (SELECT rolname FROM pg_roles) ORDER BY role`,
  ]);
  return rows.map(({ role }) => role);
}

/** Grants of CONNECT by other roles than the owner, as the server quotes them: a REVOKE by the owner does not remove them. */
export async function readGrantsByOthers(
  endpoint: Endpoint,
  expected: Identity,
): Promise<{ role: string; grantor: string }[]> {
  const [rows = []] = await endpoint.read<{ role: string; grantor: string }>({ expected, locks: 0 }, [
    `SELECT CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role,
       quote_ident(pg_get_userbyid(grantor)) AS grantor
     FROM pg_database CROSS JOIN aclexplode(datacl)
     WHERE datname = current_database() AND privilege_type = 'CONNECT' AND grantor <> datdba ORDER BY 1, 2`,
  ]);
  return rows;
}

export interface SuperuserSession extends Row {
  pid: number;
  role: string;
  /** The type of the process if it is no session of a client, such as `pg_cron launcher`; null otherwise. */
  background: string | null;
}

/** Sessions of superusers. Only a superuser may end them. */
export async function readSuperuserSessions(
  endpoint: Endpoint,
  expected: Identity,
  except: readonly string[],
): Promise<SuperuserSession[]> {
  const [rows = []] = await endpoint.read<SuperuserSession>({ expected, locks: 0 }, [
    `SELECT pid, usename::text AS role, nullif(backend_type, 'client backend') AS background
     FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid
     WHERE datname = current_database() AND rolsuper AND pid <> pg_backend_pid()
       AND coalesce(backend_type, 'client backend') NOT IN ('walsender', 'autovacuum worker', 'parallel worker')
       -- Without pg_read_all_stats the type of the process is unknown, and the sender of a subscription would look like a client.
       AND NOT EXISTS (SELECT FROM pg_stat_replication AS sender WHERE sender.pid = pg_stat_activity.pid)
       AND NOT usename = ANY (${textArray(except)})
     ORDER BY pid`,
  ]);
  return rows;
}

/** Enabled subscriptions of the primary's database. Their workers write in spite of the fence. */
export async function readEnabledSubscriptions(endpoint: Endpoint, expected: Identity): Promise<string[]> {
  const [rows = []] = await endpoint.read<{ name: string }>({ expected, locks: 0 }, [
    `SELECT quote_ident(subname) AS name FROM pg_subscription
     WHERE subenabled AND subdbid = ${OID_OF_DATABASE} ORDER BY 1`,
  ]);
  return rows.map(({ name }) => name);
}

/** From this version on `password_required = false` keeps all but superusers from altering a subscription. */
const PASSWORD_REQUIRED_SINCE = 160_000;

/** Subscriptions that the role may not alter, whoever owns them: https://www.postgresql.org/docs/current/sql-createsubscription.html */
export async function readSubscriptionsOfSuperusers(
  endpoint: Endpoint,
  expected: Identity,
  names: readonly string[],
  { superuser, version }: RolePrivileges,
): Promise<{ name: string; ofSuperuser: boolean }[]> {
  if (superuser || version < PASSWORD_REQUIRED_SINCE) return [];
  const [rows = []] = await endpoint.read<{ name: string; ofSuperuser: boolean }>({ expected, locks: 0 }, [
    `SELECT quote_ident(subname) AS name, rolsuper AS "ofSuperuser" FROM pg_subscription JOIN pg_roles ON pg_roles.oid = subowner
     WHERE subdbid = ${OID_OF_DATABASE}
       AND subname = ANY (${textArray(names)}) AND NOT subpasswordrequired ORDER BY 1`,
  ]);
  return rows;
}

/** Subscriptions of the connected database that the role does not own. */
export async function readForeignSubscriptions(
  endpoint: Endpoint,
  expected: Identity,
  names: readonly string[],
): Promise<{ name: string; owner: string }[]> {
  const [rows = []] = await endpoint.read<{ name: string; owner: string }>({ expected, locks: 0 }, [
    `SELECT quote_ident(subname) AS name, quote_ident(pg_get_userbyid(subowner)) AS owner FROM pg_subscription
     WHERE subdbid = ${OID_OF_DATABASE}
       AND subname = ANY (${textArray(names)}) AND NOT pg_has_role(current_user, subowner, 'USAGE') ORDER BY 1`,
  ]);
  return rows;
}
