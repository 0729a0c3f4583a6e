import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import { planByEvidenceInSteps } from '../src/planning/rows/plan-by-evidence.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import type { RecordedEvidence } from '../src/steps/evidence.js';
import type { Activities } from '../src/steps/activities.js';
import { compareNames } from '../src/postgres/sequences/page-ranges.js';
import { partsOfName } from '../src/sequences/identifier.js';
import type { PairIdentity, RawName } from '../src/steps/identity.js';
import type { PlannedSequence } from '../src/steps/rows.js';
import { impliedPlan } from '../src/steps/implied.js';
import { packTable } from '../src/steps/table.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { compareColumnsWithLedger, readRecordedDefinitions } from './compare-with-ledger.js';
import { withHeartbeat } from './heartbeat.js';
import { findChanging } from './locked-sequences.js';
import { notCompared, packReadings } from './last-readings.js';
import { planOnlyRecorded } from './only-recorded.js';
import { planWithRows } from './plan-with-rows.js';
import { noteUnread, readLedger } from './read-ledger.js';
import { readStandbyPage } from './read-standby-page.js';

/** Steps 1 and 2 if the primary is lost: computes the target of each sequence of the page from the ledger and the standby. */
export function computeByEvidence({ pairs }: Dependencies): Activities['computeByEvidence'] {
  return ({ identity, range, ...context }) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const pair = pairOfOpenRun(pairs, identity.pair, 'standby');
        const of = { pair, identity, range };
        const standby = await readStandbyPage(of);
        const unread: Finding[] = [];
        const recorded = await readEvidence(pair, identity, standby, unread);
        const definitions = await readRecordedDefinitions(of, standby, unread);
        const now = Date.now();
        const page = await planWithRows(of, standby, (sequences) =>
          runCooperatively(planByEvidenceInSteps({ ...context, now }, sequences, recorded, definitions)),
        );
        const differing = await compareColumnsWithLedger(
          of,
          context.policy,
          standby,
          definitions,
          ({ sequence }) => recorded.get(sequence)?.isStandbyOnly !== true,
        );
        const names = standby.map(({ schema, name }): RawName => [schema, name]);
        const missing = await planOnlyRecorded(of, { ...context, now }, names, unread);
        const changing = await findChanging(of, ['standby'], context.mode, page.rows);
        return {
          rows: packTable(inOrder([...page.rows, ...missing.rows], missing.rows.length), impliedPlan),
          findings: foldFindings([
            ...page.findings,
            ...differing,
            ...changing,
            ...missing.findings,
            ...unread.slice(0, 1),
          ]),
          notCompared: await packReadings([
            ...presumedReadings(page.rows),
            ...notCompared(page.rows, standby),
          ]),
        };
      }),
    );
}

/** If the ledger cannot be read, there is no evidence from it, which is a finding. */
async function readEvidence(
  { ledger }: Pair,
  identity: PairIdentity,
  standby: readonly StandbySequence[],
  unread: Finding[],
): Promise<ReadonlyMap<string, RecordedEvidence>> {
  if (ledger === null) return new Map();
  const names = standby.map(({ sequence }) => sequence);
  const recorded = await readLedger(() => ledger.evidence(identity, names), noteUnread(ledger, unread));
  return recorded ?? new Map();
}

/** By their names, where some of the rows were added at the end. */
function inOrder(rows: PlannedSequence[], added: number): PlannedSequence[] {
  if (added === 0) return rows;
  const keyed = rows.map((row) => {
    const [schema = '', name = ''] = partsOfName(row.sequence);
    const key: RawName = [schema, name];
    return { row, name: key };
  });
  return keyed.sort((a, b) => compareNames(a.name, b.name)).map(({ row }) => row);
}

/** The data that later rechecks compare with. It includes sequences that are not set because of a decision about their rows. */
function presumedReadings(rows: readonly PlannedSequence[]): LastReading[] {
  return rows.flatMap(({ oid, primaryNext, buffer }) =>
    oid === undefined || primaryNext === null || buffer === null
      ? []
      : [{ oid, primaryNext: BigInt(primaryNext), buffer: BigInt(buffer), standbyNext: null }],
  );
}
