import { withoutEnd } from '../../contract/parsing/text.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import type { SideOfPair } from '../../contract/side.js';
import type { Finding } from '../../contract/status.js';
import { shellQuoted } from '../../contract/shell.js';
import { listFirst } from '../../contract/list-first.js';
import { inQuotes } from '../../sequences/identifier.js';
import { unlessAccepted } from '../remedies/promotion-input.js';
import { WRITABLE } from '../remedies/writable-session.js';
import { block } from './make-promotion-finding.js';

type OfLedger = PromotionFinding & Pick<Finding, 'subject'>;

/** @param fenced the side that the earlier fence is on, which keeps the finding apart from that of a run without its primary */
function ledgerUnreadable(fenced: SideOfPair, message: string, unless: string, remedy: string): OfLedger {
  const code = 'LEDGER_UNREADABLE';
  return { ...block(code, message, unlessAccepted(unless, code, remedy)), subject: `fence of the ${fenced}` };
}

/** The fence of an earlier promotion may have closed the standby's database, and the ledger that has what it revoked cannot be read. */
export function earlierFenceUnread(
  database: string,
  { reason, remedy }: { reason: string; remedy: string },
): OfLedger {
  return ledgerUnreadable(
    'standby',
    `the ledger could not be read: ${withoutEnd(reason)}; on the standby PUBLIC may not connect to the database ${database}: if the fence of an earlier promotion has revoked this, only the ledger has the grants to restore, and without them applications could not connect to the open standby`,
    'if no promotion has fenced this database, or if you grant CONNECT by hand',
    remedy,
  );
}

/**
 * The fence of an earlier promotion seems to have closed the standby's database, and no ledger has it.
 *
 * @param roles may connect on the primary, and not on the standby; null is PUBLIC
 */
export function earlierFenceUnknown(database: string, roles: readonly (string | null)[]): OfLedger {
  const named = roles.map((role) => (role === null ? 'PUBLIC' : inQuotes(role)));
  return ledgerUnreadable(
    'standby',
    `the standby is read-only by default, and ${listFirst(named, 5)} may connect to the database ${database} on the primary, but not on the standby: the fence of an earlier promotion may have revoked this. No ledger has it, and applications could not connect to the open standby`,
    'if they are not to connect there',
    `let connect on the standby who may connect on the primary; there, as the owner or a superuser: ${WRITABLE} GRANT CONNECT ON DATABASE ${inQuotes(database)} TO ${named.join(', ')};`,
  );
}

/**
 * The latest promotion has left its fence on the primary.
 *
 * @param left its workflow ID, and whether it has not recorded its end; otherwise it ended as `NotUndone`
 * @param undo the statements that lift the fence
 * @param mayBeOpen whether that promotion may have opened the standby: it has no enabled subscription to this primary
 */
export function fenceLeft(
  { workflowId, isUnderWay }: { workflowId: string; isUnderWay: boolean },
  database: string,
  undo: readonly string[],
  mayBeOpen: boolean,
): PromotionFinding {
  const how = isUnderWay ? 'has not recorded its end: it was probably terminated' : 'ended as NotUndone';
  const open = mayBeOpen
    ? '. The standby has no enabled subscription to this primary, so it may be open'
    : '';
  const where = `on the primary, in its database ${database}, as the owner or a superuser, in one session: ${undo.join(' ')}`;
  return block(
    'FENCE_LEFT',
    `the primary is still fenced by the promotion ${workflowId}, which ${how}; a new promotion that fails would leave it fenced${open}`,
    mayBeOpen
      ? `if applications write to the standby, it is the new primary: do not lift the fence, and use the reversed pair. If they do not, undo it first, ${where}`
      : `undo it first, ${where}`,
  );
}

/** Another promotion is behind its fence. Nobody is told to lift it. */
export function fencedByRunning(workflowId: string): PromotionFinding {
  return block(
    'FENCE_LEFT',
    `the primary is fenced by the promotion ${workflowId}, which is running`,
    `wait until it has ended; this shows how far it is: sequence-failover status ${shellQuoted(workflowId)}`,
  );
}

/** The primary is read-only by default, and the ledger that would have the fence of an earlier promotion cannot be read. */
export function leftFenceUnread(
  database: string,
  { reason, remedy }: { reason: string; remedy: string },
): OfLedger {
  return ledgerUnreadable(
    'primary',
    `the ledger could not be read: ${withoutEnd(reason)}; on the primary, sessions of the database ${database} are read-only by default: if an earlier promotion has left this, only the ledger has the state before`,
    'if no promotion has left this',
    remedy,
  );
}
