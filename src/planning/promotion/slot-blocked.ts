import { listFirst } from '../../contract/list-first.js';
import { inQuotes, quoteLiteral } from '../../sequences/identifier.js';
import type { SlotBlocker } from '../../steps/slot-blocker.js';
import { NO_FAILBACK, withInput } from '../remedies/promotion-input.js';

/** Describes at most this many transactions. The remedy ends all of them. */
const DESCRIBED = 5;

/** @param waitedMs how long the slot has waited for them */
export function slotBlocked(blockers: readonly SlotBlocker[], waitedMs: number): string {
  const what = listFirst(
    blockers.map(({ pid, gid, role, application, database, since }) => {
      const by = `of the role ${role}${application === '' ? '' : ` (application ${JSON.stringify(application)})`}`;
      const which = gid === null ? `process ${String(pid)}` : `the prepared transaction ${gid}`;
      return `${which} ${by} in the database ${database}, since ${since}`;
    }),
    DESCRIBED,
  );
  const ends = blockers.map(({ pid, gid, database }) =>
    gid === null
      ? `SELECT pg_terminate_backend(${String(pid)});`
      : `in the database ${inQuotes(database)}: COMMIT PREPARED ${quoteLiteral(gid)}; or ROLLBACK PREPARED ${quoteLiteral(gid)};`,
  );
  return (
    `the slot of the way back could not be created on the standby, although it waited for more than ${waitedMs / 1000} s: PostgreSQL waits for the end of every transaction of that server that has written, in any database. ` +
    (blockers.length === 0
      ? 'None is open any more, or the role of the worker may not see it; start again'
      : `Open: ${what}. Let them end, or end them, on the standby: ${ends.join(' ')} Then start again, or ${withInput(NO_FAILBACK)}`)
  );
}
