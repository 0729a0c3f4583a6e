import { listFirst } from '../../contract/list-first.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import { inQuotes, quoteLiteral } from '../../sequences/identifier.js';
import { timeText } from '../../sequences/time-text.js';
import type { SlotBlocker } from '../../steps/slot-blocker.js';
import { NO_FAILBACK, unlessInput, withInput } from '../remedies/promotion-input.js';
import { block } from './make-promotion-finding.js';

/** Describes at most this many transactions. The remedy ends all of them. */
const DESCRIBED = 5;

/** @param waitedMs how long the slot has waited for them */
export function slotBlocked(blockers: readonly SlotBlocker[], waitedMs: number): string {
  const what = listFirst(
    blockers.map((one) => `${describe(one)}, since ${one.since}`),
    DESCRIBED,
  );
  const ends = blockers.flatMap((one) => statementsToEnd(one) ?? []);
  const toEnd =
    ends.length === 0 ? 'Let them end.' : `Let them end, or end them, on the standby: ${ends.join(' ')}`;
  return (
    `the slot of the way back could not be created on the standby, although it waited for more than ${waitedMs / 1000} s: PostgreSQL waits for the end of every transaction of that server that has written, in any database. ` +
    (blockers.length === 0
      ? 'None is open any more, or the role of the worker may not see it; start again'
      : `Open: ${what}. ${toEnd} Then start again, or ${withInput(NO_FAILBACK)}`)
  );
}

/** A transaction for whose end the slot of the way back would probably wait in vain. */
export function slotWillWait(blocker: SlotBlocker): PromotionFinding {
  const { seconds } = blocker;
  const age = timeText(BigInt(seconds));
  const ends = statementsToEnd(blocker);
  return block(
    'STANDBY_TRANSACTION',
    `on the standby, ${describe(blocker)} ${blocker.gid === null ? 'has written in a transaction that is' : 'is'} ${age} old: the slot of the way back cannot be created before it ends`,
    unlessInput(
      'if no way back is needed',
      NO_FAILBACK,
      ends === null
        ? `wait until it has ended${howItEnds(blocker)}`
        : `wait until it has ended, or end it, on the standby: ${ends}`,
    ),
  );
}

function describe({ pid, gid, role, application, database }: SlotBlocker): string {
  const by = `of the role ${role}${application === '' ? '' : ` (application ${JSON.stringify(application)})`}`;
  const which = gid === null ? `process ${String(pid)}` : `the prepared transaction ${gid}`;
  return `${which} ${by} in the database ${database}`;
}

/** What a subscription with two_phase prepares. Its worker fails if somebody else ends it. */
const OF_SUBSCRIPTION = /^pg_gid_\d+_\d+$/u;

/** Null if nobody should end it: the apply worker of a subscription would apply the same transaction again from its beginning. */
function statementsToEnd({ pid, gid, database, background }: SlotBlocker): string | null {
  if (gid === null) return background ? null : `SELECT pg_terminate_backend(${String(pid)});`;
  if (OF_SUBSCRIPTION.test(gid)) return null;
  return `in the database ${inQuotes(database)}: COMMIT PREPARED ${quoteLiteral(gid)}; or ROLLBACK PREPARED ${quoteLiteral(gid)};`;
}

function howItEnds({ gid }: SlotBlocker): string {
  if (gid === null) return '';
  return ': the subscription ends it, when the same prepared transaction ends on its publisher';
}
