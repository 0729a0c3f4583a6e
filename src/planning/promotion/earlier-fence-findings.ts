import { withoutEnd } from '../../contract/parsing/text.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import { block } from './make-promotion-finding.js';

/** The fence of an earlier promotion may have closed the standby's database, and the ledger that has what it revoked cannot be read. */
export function earlierFenceUnread(
  database: string,
  { reason, remedy }: { reason: string; remedy: string },
): PromotionFinding {
  return block(
    'LEDGER_UNREADABLE',
    `the ledger could not be read: ${withoutEnd(reason)}; on the standby PUBLIC may not connect to the database ${database}: if the fence of an earlier promotion has revoked that, only the ledger has the grants, and applications could not connect once the standby is open`,
    `${withoutEnd(remedy)}; or, if no promotion has fenced this database, or if you grant CONNECT by hand, start the promotion with "accept": ["LEDGER_UNREADABLE"]`,
  );
}

/** The latest promotion ended as `NotUndone`, and its fence is still up. @param undo the statements that lift it */
export function fenceLeft(workflowId: string, database: string, undo: readonly string[]): PromotionFinding {
  return block(
    'FENCE_LEFT',
    `the primary is still fenced by the promotion ${workflowId}, which ended as NotUndone: a new promotion that fails would leave it fenced`,
    `undo it first, on the primary, in its database ${database}, as the owner or a superuser, in one session: ${undo.join(' ')} Then start again`,
  );
}

/** The primary is read-only by default, and the ledger that would have the fence of an earlier promotion cannot be read. */
export function leftFenceUnread(
  database: string,
  { reason, remedy }: { reason: string; remedy: string },
): PromotionFinding {
  return block(
    'LEDGER_UNREADABLE',
    `the ledger could not be read: ${withoutEnd(reason)}; on the primary, sessions of the database ${database} are read-only by default: if a promotion that ended as NotUndone has left this, only the ledger has the state before`,
    `${withoutEnd(remedy)}; or, if no promotion has left this, start the promotion with "accept": ["LEDGER_UNREADABLE"]`,
  );
}
