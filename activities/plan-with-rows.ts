import type { RowsAhead } from '../src/sequences/rows.js';
import type { FirstRowRequest, StandbySequence } from '../src/planning/standby-sequence.js';
import { readFirstRows } from '../src/postgres/sequences/read-first-rows.js';
import { forPage } from './page-affinity.js';
import type { PageOfPair } from './page-of-pair.js';

/**
 * Plans a page. Sometimes the furthest row does not tell where a sequence can stand. Then the page is planned again, with the first rows
 * that these sequences would meet on the standby. This is rare, so these rows are not read in advance.
 */
export async function planWithRows<P extends { firstRowRequests: FirstRowRequest[] }>(
  { pair, identity, range }: PageOfPair,
  standby: readonly StandbySequence[],
  plan: (standby: readonly StandbySequence[]) => P | Promise<P>,
): Promise<P> {
  const planned = await plan(standby);
  if (planned.firstRowRequests.length === 0) return planned;
  const requests = new Map(planned.firstRowRequests.map((one) => [one.oid, one]));
  const readFrom = (fromOf: (request: FirstRowRequest) => bigint | undefined) => {
    const asked = standby.flatMap((sequence) => {
      const request = requests.get(sequence.oid);
      const from = request && fromOf(request);
      return from === undefined ? [] : [{ ...sequence, from }];
    });
    return readFirstRows(forPage(pair.standby, range), identity.standby, asked);
  };
  const found = await readFrom(({ from }) => from);
  const taken = await readFrom(({ primaryNext }) => primaryNext);
  return plan(
    standby.map((sequence) => {
      const request = requests.get(sequence.oid);
      return request === undefined
        ? sequence
        : { ...sequence, ahead: toAhead(request, found.get(sequence.oid), taken.get(sequence.oid)) };
    }),
  );
}

/** @param at the first row from the primary's next value on; undefined if it was not asked for, or could not be read */
function toAhead(
  { from, primaryNext }: FirstRowRequest,
  found: RowsAhead | undefined,
  at: RowsAhead | undefined,
): RowsAhead {
  const ahead = found ?? { from, first: null, unique: false, uniqueAlone: false, unread: true };
  return primaryNext === undefined ? ahead : { ...ahead, primaryNextTaken: at?.first === primaryNext };
}
