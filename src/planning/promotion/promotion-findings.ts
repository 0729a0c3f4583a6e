import { listFirst } from '../../contract/list-first.js';
import { plural } from '../../contract/plural.js';
import { quoteLiteral } from '../../sequences/identifier.js';
import { asOwner } from '../remedies/as-owner.js';
import { NO_FAILBACK, unlessInput } from '../remedies/promotion-input.js';
import { giveIdentityOnStandby } from '../remedies/table-remedies.js';
import { pairFinding } from '../../findings/make-finding.js';
import { digest } from '../../steps/digest.js';
import type { Finding } from '../../contract/status.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import type { SynchronousNeed } from '../../steps/synchronous-need.js';
import { block } from './make-promotion-finding.js';

/** A role in `except` of the fence that the primary does not have. */
export function roleUnknown(role: string): PromotionFinding & Pick<Finding, 'subject'> {
  return { ...block('ROLE_UNKNOWN', ...unknownRole(role)), subject: digest(role) };
}

/** The same in a run that hands off to the promotion, so that nobody approves in vain. */
export function roleUnknownAtHandoff(role: string): Finding {
  const [message, remedy] = unknownRole(role);
  return {
    ...pairFinding(
      'ROLE_UNKNOWN',
      `${message}: the promotion would refuse it`,
      `${remedy}; or accept ROLE_UNKNOWN`,
    ),
    subject: digest(role),
  };
}

function unknownRole(role: string): [message: string, remedy: string] {
  return [
    `the primary has no role ${JSON.stringify(role)}, which "except" of the fence names`,
    'correct it (names are compared as they are stored, case-sensitively), or leave it out, and start again',
  ];
}

/**
 * Grants of CONNECT that the fence cannot revoke, since other roles than the owner made them. The remedy has the owner make them: first it
 * grants, so that everybody can connect all the time, and then it revokes the option to grant, and with it what depends on the option.
 * A superuser grants and revokes as the owner: https://www.postgresql.org/docs/current/sql-grant.html
 */
export function grantsByOthers(
  grants: readonly { role: string; grantor: string }[],
  database: string,
): PromotionFinding {
  const listed = (names: readonly string[]) => [...new Set(names)].sort();
  const roles = listed(grants.map(({ role }) => role));
  const grantors = listed(grants.map(({ grantor }) => grantor));
  const what = `CONNECT ON DATABASE ${database}`;
  return {
    ...block(
      'GRANT_BY_OTHERS',
      `on the primary ${listFirst(grantors, 5)} may pass CONNECT on the database ${database} on, and ${grantors.length === 1 ? 'has' : 'have'} granted it to ${listFirst(roles, 5)}: the fence cannot revoke what another role than the owner has granted`,
      asOwner(
        'primary',
        `GRANT ${what} TO ${roles.join(', ')}; REVOKE GRANT OPTION FOR ${what} FROM ${grantors.join(', ')} CASCADE;`,
      ),
    ),
    count: roles.length,
  };
}

/** A prepared transaction, which somebody could commit after the fence. */
export function preparedTransaction(gid: string): PromotionFinding {
  const literal = quoteLiteral(gid);
  return block(
    'PREPARED_TRANSACTION',
    `the primary has the prepared transaction ${gid}: its COMMIT PREPARED would write to the primary after the fence`,
    `on the primary: COMMIT PREPARED ${literal}; or ROLLBACK PREPARED ${literal};`,
  );
}

/**
 * A session of a superuser, which only a superuser may end.
 *
 * @param session `background`: the type of a process that is no session of a client, and that its extension starts again; null otherwise
 */
export function superuserSession({
  pid,
  role,
  background,
}: {
  pid: number;
  role: string;
  background: string | null;
}): PromotionFinding {
  if (background !== null)
    return block(
      'SESSION_CANNOT_BE_ENDED',
      `process ${pid} on the primary, ${JSON.stringify(background)}, works as the superuser ${role}: the worker's role may not end it, and its extension would start it again`,
      `stop it on the primary for the time of the promotion, as the manual of its extension says; or name ${role} in "except" if it never writes`,
    );
  return block(
    'SESSION_CANNOT_BE_ENDED',
    `process ${pid} on the primary is a session of the superuser ${role}, which the worker's role may not end`,
    `end it, as a superuser on the primary: SELECT pg_terminate_backend(${pid}); or name ${role} in "except" if it never writes`,
  );
}

/** An enabled subscription of the primary, whose rows would arrive after the fence. */
export function primarySubscribes(name: string): PromotionFinding {
  return block(
    'PRIMARY_SUBSCRIBES',
    `the primary receives rows by the enabled subscription ${name}: they would still arrive after the fence`,
    `on the primary: ALTER SUBSCRIPTION ${name} DISABLE;`,
  );
}

/** Commits on the primary wait for a subscription that the promotion disables. @param setting its synchronous_standby_names */
export function standbySynchronous({ name, setting }: { name: string; setting: string }): PromotionFinding {
  return block(
    'STANDBY_SYNCHRONOUS',
    `commits on the primary wait for the standby (${name} in its synchronous_standby_names, which is ${quoteLiteral(setting)}): once the standby is open, or if it is lost, commits on the old primary may wait for ever, and the way back could not be enabled`,
    `take it out of synchronous_standby_names of the primary, and out of its configuration files if it is set there; as a superuser on the primary, if no other standby is named: ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();`,
  );
}

/** Commits on the open standby would wait for synchronous standbys of its own that are away. */
export function noSynchronousStandby(need: SynchronousNeed): PromotionFinding {
  const { setting, needed, present, roles, waiting, named } = need;
  // The others have a synchronous_commit that does not wait.
  const whose = waiting === roles ? 'every application' : `each session of ${listFirst(named, 5, waiting)}`;
  return block(
    'NO_SYNCHRONOUS_STANDBY',
    `commits on the standby wait for ${plural(needed, 'synchronous standby', 'synchronous standbys')} (its synchronous_standby_names is ${quoteLiteral(setting)}), and ${present} ${present === 1 ? 'is' : 'are'} connected: once the standby is open, the COMMIT of ${whose} may wait for ever`,
    `connect what synchronous_standby_names of the standby names; or do without it, as a superuser on the standby: ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();`,
  );
}

/** Tables of the standby on which UPDATE and DELETE fail once they are published for the way back. */
export function needsIdentity(tables: readonly string[]): PromotionFinding {
  const [they, them] = tables.length === 1 ? ['it is', 'it'] : ['they are', 'them'];
  return {
    ...block(
      'WAY_BACK_NEEDS_IDENTITY',
      `${plural(tables.length, 'table of the standby has', 'tables of the standby have')} no replica identity (${listFirst(tables, 5)}): as soon as ${they} published for the way back, UPDATE and DELETE on ${them} fail`,
      unlessInput('if no way back is needed', NO_FAILBACK, giveIdentityOnStandby(tables)),
    ),
    count: tables.length,
  };
}
