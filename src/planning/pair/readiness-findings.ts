import { serverJson } from '../../steps/identity.js';
import type { ServerState } from '../../steps/server-state.js';
import { reversedName } from '../../contract/pair-name.js';
import { shellQuoted } from '../../contract/shell.js';
import { digest } from '../../steps/digest.js';
import type { Finding } from '../../contract/status.js';
import type { SideOfPair } from '../../contract/side.js';
import type { PatternUse } from '../../sequences/selection.js';
import { quoteIdentifier, quoteLiteral } from '../../sequences/identifier.js';
import { pairFinding } from '../../findings/make-finding.js';
import { WRITABLE } from '../remedies/writable-session.js';

/** What the findings need of a server. `database` is its name; what only a remedy names may be absent. */
type CheckedServer = Pick<ServerState, 'unsupported' | 'inRecovery' | 'writesRefused' | 'readOnlyByDefault'> &
  Partial<ServerState> & { database?: string };

export interface PairState {
  pair: string;
  primary: CheckedServer;
  standby: CheckedServer;
  /** Whether both URLs lead to the same database. */
  same: boolean;
  /** Subscriptions by which the primary receives from the standby. */
  swapped: readonly string[];
}

/** Reasons why a run cannot work with the pair, the most important first. No approval can overrule them. */
export function refusals({ pair, primary, standby, same, swapped }: PairState): string[] {
  const messages: string[] = [];
  if (same) {
    messages.push(
      `both sides of the pair ${pair} lead to the same database; point STANDBY_URL (or the pair's standby.url) at the standby`,
    );
  }
  for (const [side, state] of [
    ['primary', primary],
    ['standby', standby],
  ] as const) {
    if (state.unsupported !== null) messages.push(`the ${side} is not supported: ${state.unsupported}`);
    if (state.inRecovery) {
      messages.push(
        side === 'standby'
          ? 'the standby is in recovery: a physical standby replicates its sequences by itself, there is nothing to synchronize; promote it with pg_promote()'
          : 'the primary is in recovery: it is a replica whose values are stale; point the URL at the server that takes the writes',
      );
    } else if (state.writesRefused !== null) {
      messages.push(
        `the ${side} refuses BEGIN READ WRITE: ${state.writesRefused}; let it accept writing transactions`,
      );
    }
  }
  if (swapped.length > 0) {
    messages.push(
      `the roles look swapped: the primary subscribes to the standby (${swapped.join(', ')}); if a promotion has switched them, use the pair ${reversedName(pair)} from now on; the way back is: sequence-failover promote --pair ${shellQuoted(reversedName(pair))}; otherwise exchange the two URLs, or drop that subscription if it is left over from an earlier setup`,
    );
  }
  return messages;
}

/** A pattern of the input that matches no sequence of either side. */
export function unmatchedPattern({ list, pattern }: PatternUse): Finding {
  return {
    ...pairFinding(
      'PATTERN_UNMATCHED',
      `the pattern ${JSON.stringify(pattern)} of ${list} matches no sequence of either side`,
      'correct it and start again (patterns match schema.name as it is stored, case-sensitively), or accept PATTERN_UNMATCHED',
    ),
    subject: digest(`${list} ${pattern}`),
  };
}

/**
 * A side whose transactions are read-only by default; no finding if they are not.
 *
 * @param publicHadConnect false if PUBLIC is known to have had no CONNECT before a fence: then nobody is told to grant it
 */
export function readOnlyByDefault(
  side: SideOfPair,
  state: CheckedServer,
  publicHadConnect = true,
): Finding[] {
  if (!state.readOnlyByDefault) return [];
  const closed = side === 'standby' && state.publicMayConnect === false && publicHadConnect;
  return [
    pairFinding(
      'READ_ONLY_DEFAULT',
      `transactions on the ${side} are read-only by default (default_transaction_read_only)${closed ? `, and PUBLIC may not connect to its database: the fence of a promotion leaves it so` : ''}`,
      side === 'standby' ? howToWrite(state, closed) : whoMayWrite(state),
    ),
  ];
}

/** Whether the default of the primary keeps applications from writing. */
function whoMayWrite(state: CheckedServer): string {
  const owner = ownerOfDefault(state);
  if (owner !== null)
    return `no action is needed, but this is no fence: the setting belongs to ${owner} alone, and applications may write`;
  return 'no action is needed: on the primary this keeps applications from writing during the failover. If a promotion that was terminated or ended as NotUndone has left it: sequence-failover status <its workflow ID> shows the statements that undo it';
}

/** What the default belongs to, if it is a setting of the worker alone; null if it is one of the database or of the server. */
function ownerOfDefault(state: CheckedServer): string | null {
  if (isOfRole(state)) return `the role ${quoteIdentifier(state.user ?? '')}`;
  return state.readOnlySource === 'client' ? 'the connections of the worker' : null;
}

/** Whether the default is a setting of the worker's role. */
function isOfRole({ readOnlySource }: CheckedServer): boolean {
  return readOnlySource === 'user' || readOnlySource === 'database user';
}

/** The default must stay as long as the other side is the primary, because it may be the fence that an earlier promotion has left. */
function howToWrite(state: CheckedServer, letPublicIn: boolean): string {
  const { publicMayConnect = true, readOnlyRoles = [] } = state;
  const name = databaseOf(state);
  const grants = publicMayConnect
    ? ''
    : ` The ledger of that promotion has what else the fence changed: the roles whose CONNECT it revoked (grant it to them again; null is PUBLIC), those to which it granted CONNECT (revoke it), and the settings before it. In the ledger, by default on the primary: ${ledgerQuery(state)} Without a ledger, the step raiseFence in the history of that promotion has the same, under memory.`;
  const roles =
    readOnlyRoles.length === 0
      ? ''
      : ` These roles are read-only there by a setting of their own, which that promotion may have made; for each that has to write: ${readOnlyRoles
          .map((role) => `ALTER ROLE ${role} IN DATABASE ${name} RESET default_transaction_read_only;`)
          .join(' ')}`;
  return (
    `promoteStandby lifts the default by itself, and the statements of other findings begin with these two, which let their session write: ${WRITABLE} ` +
    `If you promote by hand, lift the default as soon as the primary takes no more writes: on the standby, as a superuser: ${allowWrites(state, letPublicIn)} Then reconnect the open sessions, which keep the old setting.${roles}${grants}`
  );
}

/** The fence of the latest promotion from this database, as the ledger has it. */
function ledgerQuery({ identity }: CheckedServer): string {
  const ofDatabase =
    identity === undefined ? '' : ` AND primary_server @> ${quoteLiteral(serverJson(identity))}::jsonb`;
  return (
    `SELECT workflow_id, fence -> 'connect' -> 'revoked' AS revoked, fence -> 'connect' -> 'granted' AS granted, fence -> 'readOnly' AS settings` +
    ` FROM sequence_failover.promotions WHERE state IN ('promoted', 'unfinished') AND fence IS NOT NULL${ofDatabase} ORDER BY finished_at DESC LIMIT 1;`
  );
}

function databaseOf({ database }: CheckedServer): string {
  return database === undefined ? '<database>' : quoteIdentifier(database);
}

/** Without the first statement, the others would be refused as read-only. */
function allowWrites(state: CheckedServer, letPublicIn: boolean): string {
  const { user, readOnlySource } = state;
  const name = databaseOf(state);
  // A setting of the database overrules the server's configuration, and a setting of a role overrules both.
  const ofRole = isOfRole(state)
    ? ` The setting belongs to this role alone: ALTER ROLE ${quoteIdentifier(user ?? '')}${readOnlySource === 'user' ? '' : ` IN DATABASE ${name}`} RESET default_transaction_read_only;`
    : '';
  const grant = letPublicIn ? ` GRANT CONNECT ON DATABASE ${name} TO PUBLIC;` : '';
  return `${WRITABLE} ALTER DATABASE ${name} SET default_transaction_read_only = off;${grant}${ofRole}`;
}
