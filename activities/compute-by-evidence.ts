import { activityInfo, log } from '@temporalio/activity';
import { inTurns } from '../src/concurrency/in-turns.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { LastReading } from '../src/planning/last-reading.js';
import { planByEvidenceInSteps } from '../src/planning/plan-by-evidence.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { classify } from '../src/postgres/failures/classify.js';
import type { RecordedEvidence } from '../src/steps/evidence.js';
import type { Activities } from '../src/steps/activities.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { PlannedSequence } from '../src/steps/rows.js';
import { impliedPlan } from '../src/steps/implied.js';
import { packTable } from '../src/steps/table.js';
import { onSide } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { notCompared, packReadings } from './last-readings.js';
import { planWithRows } from './plan-with-rows.js';
import { readStandbyPage } from './read-standby-page.js';

/** So often a ledger that cannot be read is tried again; the readiness check has said by then that it cannot. */
const TRIES = 4;

/** Steps 1 and 2 with the primary lost: where each sequence of the page shall stand, by what the ledger and the standby say. */
export function computeByEvidence({ pairs }: Dependencies): Activities['computeByEvidence'] {
  return ({ identity, range, ...context }) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const pair = pairs.resolve(identity.pair);
        const standby = await readStandbyPage(pair, identity, range);
        const recorded = await readLedger(pair, identity, standby);
        const now = Date.now();
        const page = await planWithRows(pair, identity, range, standby, (sequences) =>
          inTurns(planByEvidenceInSteps({ ...context, now }, sequences, recorded)),
        );
        return {
          rows: packTable(page.rows, impliedPlan),
          findings: foldFindings(page.findings),
          notCompared: await packReadings([
            ...presumedReadings(page.rows),
            ...notCompared(page.rows, standby),
          ]),
        };
      }),
    );
}

async function readLedger(
  { ledger }: Pair,
  identity: PairIdentity,
  standby: readonly StandbySequence[],
): Promise<ReadonlyMap<string, RecordedEvidence>> {
  if (ledger === null) return new Map();
  return onSide('ledger', async () => {
    try {
      return await ledger.evidence(
        identity,
        standby.map(({ sequence }) => sequence),
      );
    } catch (error) {
      const { retryable, reason } = classify(error);
      if (retryable && activityInfo().attempt < TRIES) throw error;
      log.warn('the ledger could not be read', { reason });
      return new Map();
    }
  });
}

/** What later checks compare with; also of those that only a decision about their rows keeps from being set. */
function presumedReadings(rows: readonly PlannedSequence[]): LastReading[] {
  return rows.flatMap(({ oid, primaryNext, buffer }) =>
    oid === undefined || primaryNext === null || buffer === null
      ? []
      : [{ oid, primaryNext: BigInt(primaryNext), buffer: BigInt(buffer), standbyNext: null }],
  );
}
