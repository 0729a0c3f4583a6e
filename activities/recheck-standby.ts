import { Context } from '@temporalio/activity';
import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type { Activities } from '../src/steps/activities.js';
import type { RecheckReport, RecheckStandbyInput } from '../src/steps/recheck-steps.js';
import type { RecordedDefinition } from '../src/steps/evidence.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { SequenceToSet } from '../src/steps/rows.js';
import type { SeenSequence } from '../src/planning/rows/changed-rows.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import { ledgerNotCompared } from '../src/planning/sequence/evidence-findings.js';
import { planWithoutPrimaryInSteps } from '../src/planning/rows/plan-without-primary.js';
import {
  behindItsRows,
  behindLastReading,
  goneFromStandby,
  vanishedFromStandby,
} from '../src/planning/sequence/verification-findings.js';
import { stillApplying } from '../src/planning/pair/replication-findings.js';
import { readApplying } from '../src/postgres/replication/read-receiving.js';
import { listSequenceNames } from '../src/postgres/sequences/list-names.js';
import { pageRanges } from '../src/postgres/sequences/page-ranges.js';
import { headroom } from '../src/sequences/headroom.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import { compareColumnsWithLedger, readRecordedDefinitions } from './compare-with-ledger.js';
import { compareStandbyWithRecorded } from './compare-with-recorded.js';
import { TOP_UPS_AT_MOST } from '../src/steps/limits.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { unpackReadings } from './last-readings.js';
import { pageLimits } from './page-limits.js';
import { planWithRows } from './plan-with-rows.js';
import { readLedger } from './read-ledger.js';
import { readStandbyPage } from './read-standby-page.js';
import { type Verified, verifyUndisturbed } from './verify-undisturbed.js';

/**
 * If the primary is lost, and an approver accepted that: checks that every sequence is ahead of the primary's last reading, and beyond the
 * rows of the standby.
 */
export function recheckStandby({ pairs }: Dependencies): Activities['recheckStandby'] {
  return (input) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const pair = pairOfOpenRun(pairs, input.identity.pair, 'standby');
        if (input.final !== true) return (await recheckAlone(pair, input)).report;
        const { report, disturbed } = await verifyUndisturbed(pair, input.identity, () =>
          recheckAlone(pair, input),
        );
        return { ...report, findings: foldFindings([...report.findings, ...disturbed]) };
      }),
    );
}

async function recheckAlone(
  pair: Pair,
  { identity, policy, readings: packed = [], compareRows = false }: RecheckStandbyInput,
): Promise<Verified<RecheckReport>> {
  // Before the rows: what was applied by then is among them.
  const applying = await readApplying(pair.standby, identity.standby);
  const readings = await unpackReadings(packed);
  const missing = new Map(readings);
  const names = await listSequenceNames(pair.standby, identity.standby);
  const behind: SequenceToSet[] = [];
  const seen: SeenSequence[] = [];
  const sequences = new Map<number, string>();
  const unreadLedger: Finding[] = [];
  let findings: Finding[] = [];
  for (const range of pageRanges(names, pageLimits)) {
    Context.current().cancellationSignal.throwIfAborted();
    const of = { pair, identity, range };
    const standby = await readStandbyPage(of);
    for (const { oid, sequence } of standby) {
      missing.delete(oid);
      if (readings.get(oid)?.primaryNext != null) sequences.set(oid, sequence);
    }
    const definitions = await readRecordedDefinitions(of, standby, unreadLedger, ledgerNotCompared);
    const page = await planWithRows(of, standby, (withAhead) =>
      runCooperatively(planWithoutPrimaryInSteps(policy, withAhead, readings, definitions)),
    );
    const differing = await compareColumnsWithLedger(
      of,
      policy,
      standby,
      definitions,
      ({ oid }) => readings.get(oid)?.primaryNext != null,
    );
    behind.push(...page.rows);
    for (const one of page.seen) seen.push(one);
    findings = foldFindings([...findings, ...page.findings, ...differing]);
  }
  const compared = compareRows ? await compareStandbyWithRecorded(seen) : null;
  const lacking = compared?.vanished ?? [];
  const { definitions, unread } = await definitionsOnRecord(pair, identity, lacking);
  const vanished = lacking.map((one) =>
    vanishedFromStandby(
      one,
      one.oid === undefined ? undefined : readings.get(one.oid),
      definitions.get(one.sequence) ?? { unread },
    ),
  );
  // If all recorded rows could be read, they name the sequences that are gone.
  if (compared?.changes.unknown === null) missing.clear();
  const report = {
    total: names.length,
    topUps: behind.slice(0, TOP_UPS_AT_MOST),
    behind: behind.length,
    notAhead: foldFindings(behind.map(toFinding)),
    findings: foldFindings([
      ...applying.map(stillApplying),
      ...findings,
      ...vanished,
      ...gone(missing),
      ...unreadLedger.slice(0, 1),
    ]),
    minimumHeadroom: null,
    watched: [],
    consumption: [],
    byLastReading: true,
    primaryReadAt: null,
    verifiedAt: new Date().toISOString(),
    ...(compared === null ? {} : { changes: compared.changes }),
  };
  return { report, sequences };
}

/** They only make the advice complete. If the ledger cannot be read, the advice says why. */
async function definitionsOnRecord(
  { ledger }: Pair,
  identity: PairIdentity,
  dropped: readonly { sequence: string }[],
): Promise<{ definitions: ReadonlyMap<string, RecordedDefinition>; unread: string | null }> {
  const none = new Map<string, RecordedDefinition>();
  if (ledger === null || dropped.length === 0) return { definitions: none, unread: null };
  const names = dropped.map(({ sequence }) => sequence);
  return readLedger<{ definitions: ReadonlyMap<string, RecordedDefinition>; unread: string | null }>(
    async () => ({ definitions: await ledger.definitions(identity, names), unread: null }),
    (reason) => ({ definitions: none, unread: reason }),
  );
}

function toFinding(plan: SequenceToSet): Finding {
  const { sequence, primaryNext, standbyNext, increment, buffer, behindData } = plan;
  if (behindData === true || primaryNext === null) return behindItsRows(sequence);
  const calls = headroom(BigInt(standbyNext), BigInt(primaryNext), BigInt(increment));
  return behindLastReading(sequence, calls, BigInt(buffer));
}

function gone(missing: ReadonlyMap<number, LastReading>): Finding[] {
  const compared = [...missing.values()].filter(({ primaryNext }) => primaryNext !== null);
  return compared.length === 0 ? [] : [goneFromStandby(compared.map(({ oid }) => oid))];
}
