import { Context } from '@temporalio/activity';
import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type { Activities } from '../src/steps/activities.js';
import type { RecheckReport, RecheckStandbyInput } from '../src/steps/recheck-steps.js';
import type { SequenceToSet } from '../src/steps/rows.js';
import type { SeenSequence } from '../src/planning/rows/changed-rows.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import { ledgerNotCompared } from '../src/planning/sequence/evidence-findings.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { planWithoutPrimaryInSteps } from '../src/planning/rows/plan-without-primary.js';
import {
  behindItsRows,
  behindLastReading,
  goneFromStandby,
  neverCompared,
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
import { readStandbyPage } from './read-standby-page.js';
import { vanishedSequences } from './vanished-sequences.js';
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
  const unknown: StandbySequence[] = [];
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
    unknown.push(...page.neverCompared);
    findings = foldFindings([...findings, ...page.findings, ...differing]);
  }
  const compared = compareRows ? await compareStandbyWithRecorded(seen) : null;
  const vanished = await vanishedSequences(pair, identity, compared?.vanished ?? [], readings);
  const before = new Map(compared?.renewed.map(({ sequence, oid }) => [sequence, readings.get(oid)]));
  const created = unknown.map((one) => neverCompared(one, before.get(one.sequence)));
  // If all recorded rows could be read, they name the sequences that are gone.
  if (compared?.changes.unknown === null) missing.clear();
  // Another sequence has its name: what is set under that name would be recorded as the vanished one.
  const lacking = new Set(compared?.vanished.map(({ sequence }) => sequence));
  const toSet = behind.filter(({ sequence }) => !lacking.has(sequence));
  const report = {
    total: names.length,
    topUps: toSet.slice(0, TOP_UPS_AT_MOST),
    behind: toSet.length,
    notAhead: foldFindings(toSet.map(toFinding)),
    findings: foldFindings([
      ...applying.map(stillApplying),
      ...findings,
      ...created,
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
