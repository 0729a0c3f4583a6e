import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Activities } from '../src/steps/activities.js';
import { packTable, unpackTable } from '../src/steps/table.js';
import { impliedPlan, upgradeTable } from '../src/steps/implied.js';
import { planPageInSteps } from '../src/planning/rows/plan-page.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { findChanging } from './locked-sequences.js';
import { notCompared, packReadings } from './last-readings.js';
import { byName, readColumnFacts } from './read-column-facts.js';
import { planWithRows } from './plan-with-rows.js';
import { readStandbyPage } from './read-standby-page.js';

/** Step 2: reads the standby's sequences of the page, and computes the target of each. */
export function computeTargets({ pairs }: Dependencies): Activities['computeTargets'] {
  return ({ identity, range, primary: packed, ...context }) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const pair = pairOfOpenRun(pairs, identity.pair, 'standby');
        const primary = unpackTable(upgradeTable(packed, 'primary'));
        const where = { pair, identity, range };
        const standby = await readStandbyPage(where);
        const facts = await readColumnFacts(where, context.policy, { primary, standby });
        const page = await planWithRows(where, standby, (withAhead) =>
          runCooperatively(planPageInSteps(context, primary, withAhead, byName, facts)),
        );
        const changing = await findChanging(where, ['primary', 'standby'], context.mode, page.rows);
        return {
          rows: packTable(page.rows, impliedPlan),
          findings: foldFindings([...page.findings, ...changing]),
          ...(context.mode === 'failover'
            ? { notCompared: await packReadings(notCompared(page.rows, standby)) }
            : {}),
        };
      }),
    );
}
