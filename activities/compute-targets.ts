import { foldFindings } from '../src/contract/fold-findings.js';
import type { Activities } from '../src/contract/steps.js';
import { packTable, unpackTable } from '../src/contract/table.js';
import { usualPlan, usualPrimary } from '../src/contract/usual.js';
import { planPage } from '../src/planning/plan-page.js';
import { compareNames } from '../src/postgres/page-ranges.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { readStandbyPage } from './read-standby-page.js';

/** Step 2: the standby's sequences of the page, and where each shall stand. */
export function computeTargets({ pairs }: Dependencies): Activities['computeTargets'] {
  return ({ identity, range, primary, ...context }) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const standby = await readStandbyPage(pairs.resolve(identity.pair), identity, range);
        const page = planPage(context, unpackTable(primary, usualPrimary), standby, (a, b) =>
          compareNames([a.schema, a.name], [b.schema, b.name]),
        );
        return { rows: packTable(page.rows, usualPlan), findings: foldFindings(page.findings) };
      }),
    );
}
