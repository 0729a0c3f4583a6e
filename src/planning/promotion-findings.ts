import { listFirst } from '../contract/list-first.js';
import { plural } from '../contract/plural.js';
import { quoteLiteral } from '../sequences/identifier.js';
import { giveIdentityOnStandby } from './table-remedies.js';
import { pairFinding } from '../findings/make-finding.js';
import { digest } from '../steps/digest.js';
import type { Finding } from '../contract/status.js';
import type { PromotionCode, PromotionFinding } from '../contract/promotion.js';

/** The privileges of the worker's role on one side that a promotion needs. */
export interface SideRights {
  role: string;
  database: string;
  owner: string;
  replication: boolean;
  ownsDatabase: boolean;
  createInDatabase: boolean;
  signalsOthers: boolean;
  seesOthers: boolean;
  createsSubscriptions: boolean;
  /** The roles that are members of the worker's role: directly if `via` is the member, else through `via`. */
  memberships: readonly { member: string; via: string; grantor: string }[];
  version: number;
}

/** What the remedy of a missing membership depends on. */
type RoleGrants = Pick<SideRights, 'role' | 'memberships' | 'version'>;

/** From this version on each grant of a role has its own grantor, and depends on that role's ADMIN option. */
const GRANTS_DEPEND_SINCE = 160_000;

/** PostgreSQL refuses two roles that are members of each other, also through others. */
function grantMembership({ role, memberships, version }: RoleGrants, owner: string): string {
  const revokes = memberships
    .filter(({ member }) => member === owner)
    .map(({ via, grantor }) => {
      if (version < GRANTS_DEPEND_SINCE) return `REVOKE ${role} FROM ${via};`;
      const hasGrantedIt = memberships.some((other) => other.grantor === via);
      return `REVOKE ${role} FROM ${via} GRANTED BY ${grantor}${hasGrantedIt ? ' CASCADE' : ''};`;
    });
  return [...new Set(revokes), `GRANT ${owner} TO ${role};`].join(' ');
}

/** A block of a promotion. */
export function block(code: PromotionFinding['code'], message: string, remedy: string): PromotionFinding {
  return { severity: 'block', code, sequence: null, count: 1, message, remedy };
}

function missing(side: string, what: string, purpose: string, remedy: string): PromotionFinding {
  return block(
    'PRIVILEGE_MISSING',
    `on the ${side} the worker's role ${what}, which ${purpose} needs`,
    `as a superuser on the ${side}: ${remedy}`,
  );
}

/** From this version on a role that is no superuser can create subscriptions. */
const PG_CREATE_SUBSCRIPTION_SINCE = 160_000;

/** The privileges that are missing on the primary for the fence and, with a way back, for its subscription. */
export function primaryRights(rights: SideRights, fence: string, failback: boolean): PromotionFinding[] {
  const { role, database, owner, version } = rights;
  const isOwnFence = fence !== 'workflow';
  const findings: PromotionFinding[] = [];
  if (isOwnFence && !rights.ownsDatabase) {
    const granted = grantMembership(rights, owner);
    findings.push(missing('primary', `does not own the database ${database}`, 'the fence', granted));
  }
  if (isOwnFence && !rights.signalsOthers) {
    findings.push(
      missing(
        'primary',
        'may not end the sessions of others',
        'the fence',
        `GRANT pg_signal_backend TO ${role};`,
      ),
    );
  }
  if (!rights.seesOthers) {
    findings.push(
      missing(
        'primary',
        'may not see the sessions of others',
        'the fence',
        `GRANT pg_read_all_stats TO ${role};`,
      ),
    );
  }
  if (!failback) return findings;
  if (!rights.createInDatabase) {
    const granted = `GRANT CREATE ON DATABASE ${database} TO ${role};`;
    findings.push(
      missing(
        'primary',
        'may not create objects in the database',
        'the subscription of the way back',
        granted,
      ),
    );
  }
  if (!rights.createsSubscriptions) {
    const granted =
      version >= PG_CREATE_SUBSCRIPTION_SINCE
        ? `GRANT pg_create_subscription TO ${role};`
        : `ALTER ROLE ${role} SUPERUSER; (before PostgreSQL 16 only superusers can create subscriptions), or start the promotion with "failback": false`;
    findings.push(missing('primary', 'may not create subscriptions', 'the way back', granted));
  }
  if (!rights.replication) {
    const granted = `ALTER ROLE ${role} REPLICATION;`;
    findings.push(
      missing('primary', 'may not drop replication slots', 'the end of the old direction', granted),
    );
  }
  return findings;
}

/** The privileges that are missing on the standby to keep applications from writing until it is open, to open it and, with a way back, to publish its tables. */
export function standbyRights(rights: SideRights, failback: boolean): PromotionFinding[] {
  const { role, database, owner } = rights;
  const findings: PromotionFinding[] = [];
  if (!rights.ownsDatabase) {
    const granted = grantMembership(rights, owner);
    findings.push(missing('standby', `does not own the database ${database}`, 'opening it', granted));
  }
  if (!rights.signalsOthers) {
    const granted = `GRANT pg_signal_backend TO ${role};`;
    findings.push(missing('standby', 'may not end the sessions of others', 'opening it', granted));
  }
  if (!rights.seesOthers) {
    const granted = `GRANT pg_read_all_stats TO ${role};`;
    findings.push(missing('standby', 'may not see the sessions of others', 'opening it', granted));
  }
  if (!failback) return findings;
  if (!rights.createInDatabase) {
    const granted = `GRANT CREATE ON DATABASE ${database} TO ${role};`;
    findings.push(
      missing(
        'standby',
        'may not create objects in the database',
        'the publication of the way back',
        granted,
      ),
    );
  }
  if (!rights.replication) {
    const granted = `ALTER ROLE ${role} REPLICATION;`;
    findings.push(missing('standby', 'may not create replication slots', 'the way back', granted));
  }
  return findings;
}

/** A subscription of the standby that the worker's role does not own, so that it cannot disable it. */
export function subscriptionOfOthers(
  rights: RoleGrants,
  { name, owner }: { name: string; owner: string },
): PromotionFinding {
  return missing(
    'standby',
    `does not own the subscription ${name}`,
    'disabling it',
    grantMembership(rights, owner),
  );
}

/** A subscription of the standby with `password_required = false`, which only a superuser may disable. */
export function subscriptionWithoutPassword(
  role: string,
  { name, ofSuperuser }: { name: string; ofSuperuser: boolean },
): PromotionFinding {
  const demand = `ALTER SUBSCRIPTION ${name} SET (password_required = true);`;
  return missing(
    'standby',
    `may not alter the subscription ${name}, because of its option password_required = false`,
    'disabling it',
    // PostgreSQL asks this only of subscriptions whose owner is no superuser. Without a password their apply worker would stop.
    ofSuperuser
      ? demand
      : `ALTER ROLE ${role} SUPERUSER; or, only if the connection of the subscription has a password and pg_hba.conf of the primary asks for it (scram-sha-256, not trust, peer or cert), since no more rows would arrive otherwise: ${demand}`,
  );
}

/** Replicated tables on a side whose owner the worker's role is no member of. */
export function tablesOfOthers(side: string, rights: RoleGrants, owner: string): PromotionFinding {
  const purpose = side === 'standby' ? 'publishing them' : 'applying rows to them';
  return missing(
    side,
    `may not act for ${owner}, who owns replicated tables`,
    purpose,
    grantMembership(rights, owner),
  );
}

/** A role with a setting of its own that the fence would have to change, and that the worker's role may not alter. */
export function roleCannotBeAltered(role: string): PromotionFinding {
  return block(
    'PRIVILEGE_MISSING',
    `on the primary default_transaction_read_only is set for the role ${role}, which the worker's role may not alter: the role could write after the fence`,
    `as a superuser on the primary: ALTER ROLE ${role} RESET default_transaction_read_only; or name the role in "except" if it never writes`,
  );
}

/** A role in `except` of the fence that the primary does not have. */
export function roleUnknown(role: string): PromotionFinding {
  return block('ROLE_UNKNOWN', ...unknownRole(role));
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

/** A grant of CONNECT that the fence cannot revoke, since another role than the owner made it. */
export function grantByOthers(
  role: string,
  { database, owner }: Pick<SideRights, 'database' | 'owner'>,
): PromotionFinding {
  return block(
    'GRANT_BY_OTHERS',
    `on the primary ${role} may connect to ${database} by a grant from another role than the owner, which the fence cannot revoke`,
    `as a superuser, revoke the grant in the name of its grantor (\\l shows the grantor), then, on the primary: GRANT CONNECT ON DATABASE ${database} TO ${role} GRANTED BY ${owner};`,
  );
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

/** A session of a superuser, which only a superuser may end. */
export function superuserSession({ pid, role }: { pid: number; role: string }): PromotionFinding {
  return block(
    'SESSION_CANNOT_BE_ENDED',
    `on the primary process ${pid} is a session of the superuser ${role}, which the worker's role may not end`,
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

/** Tables of the standby on which UPDATE and DELETE fail once they are published for the way back. */
export function needsIdentity(tables: readonly string[]): PromotionFinding {
  const [they, them] = tables.length === 1 ? ['it is', 'it'] : ['they are', 'them'];
  return {
    ...block(
      'WAY_BACK_NEEDS_IDENTITY',
      `${plural(tables.length, 'table of the standby has', 'tables of the standby have')} no replica identity (${listFirst(tables, 5)}): as soon as ${they} published for the way back, UPDATE and DELETE on ${them} fail`,
      `${giveIdentityOnStandby(tables)} Or start the promotion with "failback": false`,
    ),
    count: tables.length,
  };
}

/** A step after the switch that failed. The promotion continues, and the finding says what is left to do. */
export function warning(code: PromotionCode, message: string, remedy: string): PromotionFinding {
  return { severity: 'warn', code, sequence: null, count: 1, message, remedy };
}
