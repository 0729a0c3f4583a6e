import type { PromotionFinding } from '../../contract/promotion.js';
import type { SideOfPair } from '../../contract/side.js';
import type { RolePrivileges } from '../../steps/privileges.js';
import { NO_FAILBACK, unlessInput } from '../remedies/promotion-input.js';
import { block } from './make-promotion-finding.js';

const READ_ONLY_SETTING = 'default_transaction_read_only';

/** What the remedy of a missing membership depends on. */
type RoleGrants = Pick<RolePrivileges, 'role' | 'memberships' | 'version'>;

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

function missing(side: SideOfPair, what: string, purpose: string, remedy: string): PromotionFinding {
  return block(
    'PRIVILEGE_MISSING',
    `on the ${side} the worker's role ${what}, which ${purpose} needs`,
    `as a superuser on the ${side}: ${remedy}`,
  );
}

/** From this version on a role that is no superuser can create subscriptions. */
const PG_CREATE_SUBSCRIPTION_SINCE = 160_000;

/** The privileges that are missing on the primary for the fence and, with a way back, for its subscription. */
export function missingPrimaryPrivileges(
  privileges: RolePrivileges,
  fence: string,
  failback: boolean,
): PromotionFinding[] {
  const { role, database, owner, version } = privileges;
  const isOwnFence = fence !== 'workflow';
  const findings: PromotionFinding[] = [];
  if (isOwnFence && !privileges.ownsDatabase) {
    const granted = grantMembership(privileges, owner);
    findings.push(missing('primary', `does not own the database ${database}`, 'the fence', granted));
  }
  if (isOwnFence && !privileges.signalsOthers) {
    findings.push(
      missing(
        'primary',
        'may not end the sessions of others',
        'the fence',
        `GRANT pg_signal_backend TO ${role};`,
      ),
    );
  }
  if (!privileges.seesOthers) {
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
  if (!privileges.createInDatabase) {
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
  if (!privileges.createsSubscriptions) {
    findings.push(mayNotSubscribe(role, version));
  }
  if (!privileges.replication) {
    const granted = `ALTER ROLE ${role} REPLICATION;`;
    findings.push(missing('primary', 'may not drop replication slots', 'the way back', granted));
  }
  return findings;
}

function mayNotSubscribe(role: string, version: number): PromotionFinding {
  const what = 'may not create subscriptions';
  if (version >= PG_CREATE_SUBSCRIPTION_SINCE)
    return missing('primary', what, 'the way back', `GRANT pg_create_subscription TO ${role};`);
  const finding = missing(
    'primary',
    `${what}, and before PostgreSQL 16 only superusers can`,
    'the way back',
    `ALTER ROLE ${role} SUPERUSER;`,
  );
  return { ...finding, remedy: unlessInput('if no way back is needed', NO_FAILBACK, finding.remedy) };
}

/** The privileges that are missing on the standby to keep applications from writing until it is open, to open it and, with a way back, to publish its tables. */
export function missingStandbyPrivileges(privileges: RolePrivileges, failback: boolean): PromotionFinding[] {
  const { role, database, owner } = privileges;
  const findings: PromotionFinding[] = [];
  if (!privileges.ownsDatabase) {
    const granted = grantMembership(privileges, owner);
    findings.push(missing('standby', `does not own the database ${database}`, 'the opening', granted));
  }
  if (!privileges.signalsOthers) {
    const granted = `GRANT pg_signal_backend TO ${role};`;
    findings.push(missing('standby', 'may not end the sessions of others', 'the opening', granted));
  }
  if (!privileges.seesOthers) {
    const granted = `GRANT pg_read_all_stats TO ${role};`;
    findings.push(missing('standby', 'may not see the sessions of others', 'the opening', granted));
  }
  if (!failback) return findings;
  if (!privileges.createInDatabase) {
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
  if (!privileges.replication) {
    const granted = `ALTER ROLE ${role} REPLICATION;`;
    findings.push(missing('standby', 'may not create replication slots', 'the way back', granted));
  }
  return findings;
}

/** A subscription of the standby that the worker's role does not own, so that it cannot disable it. */
export function subscriptionOfOthers(
  privileges: RoleGrants,
  { name, owner }: { name: string; owner: string },
): PromotionFinding {
  return missing(
    'standby',
    `does not own the subscription ${name}`,
    'the opening',
    `${grantMembership(privileges, owner)} It can then do whatever ${owner} can. If that is a superuser, you may give the subscription to another role first, but only if its connection has a password and pg_hba.conf of the primary asks for it: otherwise its apply worker stops (before PostgreSQL 16 only a superuser can own it). That role has to own the received tables, or be a member of their owners`,
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
    'the opening',
    // PostgreSQL asks this only of subscriptions whose owner is no superuser. Without a password their apply worker would stop.
    ofSuperuser
      ? demand
      : `ALTER ROLE ${role} SUPERUSER; or, only if the connection of the subscription has a password and pg_hba.conf of the primary asks for it (scram-sha-256, not trust, peer or cert), since no more rows would arrive otherwise: ${demand}`,
  );
}

/** Replicated tables on a side whose owner the worker's role is no member of. */
export function tablesOfOthers(side: SideOfPair, privileges: RoleGrants, owner: string): PromotionFinding {
  const purpose = side === 'standby' ? 'the publication of the way back' : 'the subscription of the way back';
  return missing(
    side,
    `may not act for ${owner}, who owns replicated tables`,
    purpose,
    grantMembership(privileges, owner),
  );
}

/**
 * A role that is read-only on the standby by a setting of its own, which the worker's role may not lift when it opens the standby.
 *
 * @param onPrimary the name of the primary's database, quoted where needed
 */
export function roleStaysReadOnly(
  { quoted: role, superuser }: { quoted: string; superuser: boolean },
  { role: worker, version, database }: Pick<RolePrivileges, 'role' | 'version' | 'database'>,
  onPrimary: string,
): PromotionFinding {
  const granted =
    version < GRANTS_DEPEND_SINCE
      ? `ALTER ROLE ${worker} CREATEROLE;`
      : `ALTER ROLE ${worker} CREATEROLE; GRANT ${role} TO ${worker} WITH ADMIN OPTION;`;
  const reset = `ALTER ROLE ${role} IN DATABASE ${database} RESET ${READ_ONLY_SETTING};`;
  return block(
    'PRIVILEGE_MISSING',
    `on the standby ${READ_ONLY_SETTING} is set for the role ${role}, which the worker's role may not alter: the role could not write after the opening`,
    `as a superuser on the standby: ${superuser ? reset : granted} Or, if the role is to stay read-only, and exists on the primary, too, as a superuser on the primary: ALTER ROLE ${role} IN DATABASE ${onPrimary} SET ${READ_ONLY_SETTING} TO on;`,
  );
}

/**
 * A role with a setting of its own that the fence would have to change, and that the worker's role may not alter.
 *
 * @param setting its quoted name, and where it has the setting
 */
export function roleCannotBeAltered(
  setting: { quoted: string; isSetInDatabase: boolean; isSetEverywhere: boolean },
  database: string,
): PromotionFinding {
  const { quoted: role, isSetInDatabase, isSetEverywhere } = setting;
  const resets = [
    ...(isSetInDatabase ? [`ALTER ROLE ${role} IN DATABASE ${database} RESET ${READ_ONLY_SETTING};`] : []),
    ...(isSetEverywhere ? [`ALTER ROLE ${role} RESET ${READ_ONLY_SETTING};`] : []),
  ];
  return block(
    'PRIVILEGE_MISSING',
    `on the primary ${READ_ONLY_SETTING} is set for the role ${role}, which the worker's role may not alter: the role could write after the fence`,
    unlessInput(
      'if the role never writes',
      'it in "except" of the fence',
      `as a superuser on the primary: ${resets.join(' ')}`,
    ),
  );
}
