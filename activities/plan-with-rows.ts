import type { PageRange, PairIdentity } from '../src/steps/identity.js';
import type { FirstRowRequest, StandbySequence } from '../src/planning/standby-sequence.js';
import { readFirstRows } from '../src/postgres/sequences/read-first-rows.js';
import type { Pair } from './dependencies.js';
import { forPage } from './page-affinity.js';

/**
 * Plans a page. Sometimes the furthest row does not tell where a sequence can stand. Then the page is planned again, with the first rows
 * that these sequences would meet on the standby. This is rare, so these rows are not read in advance.
 */
export async function planWithRows<P extends { firstRowRequests: FirstRowRequest[] }>(
  pair: Pair,
  identity: PairIdentity,
  range: PageRange,
  standby: readonly StandbySequence[],
  plan: (standby: readonly StandbySequence[]) => P | Promise<P>,
): Promise<P> {
  const planned = await plan(standby);
  if (planned.firstRowRequests.length === 0) return planned;
  const from = new Map(planned.firstRowRequests.map((one) => [one.oid, one.from]));
  const asked = standby.flatMap((sequence) => {
    const start = from.get(sequence.oid);
    return start === undefined ? [] : [{ ...sequence, from: start }];
  });
  const found = await readFirstRows(forPage(pair.standby, range), identity.standby, asked);
  return plan(
    standby.map((sequence) => {
      const ahead = found.get(sequence.oid);
      return ahead === undefined ? sequence : { ...sequence, ahead };
    }),
  );
}
