import type { Activities } from '../src/steps/activities.js';
import { unpackTable } from '../src/steps/table.js';
import { readPositions } from '../src/postgres/sequences/read-positions.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { forPage } from './page-affinity.js';
import { judge } from './verify-standby.js';

/** Step 4 if the primary is lost: proves that each sequence is ahead of the primary's presumed position. */
export function verifyByEvidence({ pairs }: Dependencies): Activities['verifyByEvidence'] {
  return ({ identity, range, expectations: packed }) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const expectations = unpackTable(packed);
        const standby = forPage(pairOfOpenRun(pairs, identity.pair, 'standby').standby, range);
        const oids = expectations.map(({ oid }) => oid);
        const positions = await readPositions(standby, identity.standby, oids);
        const presumed = new Map(
          expectations.map(({ oid, primaryNext }) => [
            oid,
            { position: { lastValue: BigInt(primaryNext), isCalled: false } },
          ]),
        );
        const asRead = expectations.map((one) => ({ ...one, primaryOid: one.oid }));
        return { ...judge(asRead, positions, presumed), verifiedAt: new Date().toISOString() };
      }),
    );
}
