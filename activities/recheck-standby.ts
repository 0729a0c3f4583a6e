import { Context } from '@temporalio/activity';
import { foldFindings } from '../src/contract/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type {
  Activities,
  PlannedSequence,
  RecheckReport,
  RecheckStandbyInput,
} from '../src/contract/steps.js';
import { planWithoutPrimary } from '../src/planning/plan-without-primary.js';
import { behindItsRows } from '../src/planning/sequence-findings.js';
import { listSequenceNames } from '../src/postgres/list-names.js';
import { pageRanges } from '../src/postgres/page-ranges.js';
import { onSide } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { pageLimits } from './page-limits.js';
import { readStandbyPage } from './read-standby-page.js';
import { TOP_UPS_AT_MOST } from './recheck-headroom.js';
import { undisturbed } from './undisturbed.js';

/** With the primary lost, and that accepted: is every sequence past the rows that the standby has? */
export function recheckStandby({ pairs }: Dependencies): Activities['recheckStandby'] {
  return (input) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const pair = pairs.resolve(input.identity.pair);
        if (input.final !== true) return recheckAlone(pair, input);
        const { report, disturbed } = await undisturbed(pair, input.identity, () =>
          recheckAlone(pair, input),
        );
        return { ...report, findings: foldFindings([...report.findings, ...disturbed]) };
      }),
    );
}

async function recheckAlone(pair: Pair, { identity, policy }: RecheckStandbyInput): Promise<RecheckReport> {
  const names = await listSequenceNames(pair.standby, identity.standby);
  const behind: PlannedSequence[] = [];
  let findings: Finding[] = [];
  for (const range of pageRanges(names, pageLimits)) {
    Context.current().cancellationSignal.throwIfAborted();
    const page = planWithoutPrimary(policy, await readStandbyPage(pair, identity, range));
    behind.push(...page.rows);
    findings = foldFindings([...findings, ...page.findings]);
  }
  return {
    total: names.length,
    topUps: behind.slice(0, TOP_UPS_AT_MOST),
    behind: behind.length,
    notAhead: foldFindings(behind.map(({ sequence }) => behindItsRows(sequence))),
    findings,
    minimumHeadroom: null,
    watched: [],
    consumption: [],
    primaryReadAt: null,
    verifiedAt: new Date().toISOString(),
  };
}
