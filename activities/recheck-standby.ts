import { Context } from '@temporalio/activity';
import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type { Activities } from '../src/steps/activities.js';
import type { RecheckReport, RecheckStandbyInput } from '../src/steps/recheck-steps.js';
import type { Policy } from '../src/steps/identity.js';
import type { SequenceToSet } from '../src/steps/rows.js';
import type { StandbyChanges } from '../src/planning/rows/changed-on-standby.js';
import type { SeenSequence } from '../src/planning/rows/changed-rows.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import { ledgerNotCompared } from '../src/planning/sequence/evidence-findings.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { planWithoutPrimaryInSteps, type StandbyPlan } from '../src/planning/rows/plan-without-primary.js';
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
import type { PageOfPair } from './page-of-pair.js';
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
        const { report, disturbed } = await verifyUndisturbed(pair, input.identity, ['standby'], () =>
          recheckAlone(pair, input),
        );
        return { ...report, findings: foldFindings([...report.findings, ...disturbed]) };
      }),
    );
}

async function recheckAlone(pair: Pair, input: RecheckStandbyInput): Promise<Verified<RecheckReport>> {
  const { identity, compareRows = false } = input;
  // Before the rows: what was applied by then is among them.
  const applying = await readApplying(pair.standby, identity.standby);
  const readings = await unpackReadings(input.readings ?? []);
  const names = await listSequenceNames(pair.standby, identity.standby);
  const tally = new Tally(readings);
  for (const range of pageRanges(names, pageLimits)) {
    Context.current().cancellationSignal.throwIfAborted();
    await recheckPage({ pair, identity, range }, input.policy, tally);
  }
  const compared = compareRows ? await compareStandbyWithRecorded(tally.seen) : null;
  const vanished = await vanishedSequences(pair, identity, compared?.vanished ?? [], readings);
  // If all recorded rows could be read, they name the sequences that are gone.
  const gone = compared?.changes.unknown === null ? [] : tally.gone();
  const report: RecheckReport = {
    ...tally.report(names.length, compared?.vanished ?? []),
    findings: foldFindings([
      ...applying.map(stillApplying),
      ...tally.findings,
      ...tally.neverCompared(compared?.renewed ?? []),
      ...vanished,
      ...gone,
      ...tally.unreadLedger.slice(0, 1),
    ]),
    ...(compared === null ? {} : { changes: compared.changes }),
  };
  return { report, sequences: { standby: tally.sequences } };
}

async function recheckPage(page: PageOfPair, policy: Policy, tally: Tally): Promise<void> {
  const standby = await readStandbyPage(page);
  const definitions = await readRecordedDefinitions(page, standby, tally.unreadLedger, ledgerNotCompared);
  const plan = await planWithRows(page, standby, (withAhead) =>
    runCooperatively(planWithoutPrimaryInSteps(policy, withAhead, tally.readings, definitions)),
  );
  const differing = await compareColumnsWithLedger(page, policy, standby, definitions, ({ oid }) =>
    tally.isOfPrimary(oid),
  );
  tally.add(standby, plan, differing);
}

/** What the pages have shown so far. */
class Tally {
  findings: Finding[] = [];
  /** A finding for each page for which the ledger could not be read. */
  readonly unreadLedger: Finding[] = [];
  readonly seen: SeenSequence[] = [];
  /** The names of those that the primary had, by their oids on the standby. */
  readonly sequences = new Map<number, string>();
  private readonly behind: SequenceToSet[] = [];
  private readonly unknown: StandbySequence[] = [];
  private readonly missing: Map<number, LastReading>;

  /** @param readings the last readings of the primary, by the standby's oid */
  constructor(readonly readings: ReadonlyMap<number, LastReading>) {
    this.missing = new Map(readings);
  }

  /** Whether the primary had the sequence when it was last read. */
  isOfPrimary(oid: number): boolean {
    return this.readings.get(oid)?.primaryNext != null;
  }

  /** @param differing findings about the columns of the page */
  add(standby: readonly StandbySequence[], plan: StandbyPlan, differing: readonly Finding[]): void {
    for (const { oid, sequence } of standby) {
      this.missing.delete(oid);
      if (this.isOfPrimary(oid)) this.sequences.set(oid, sequence);
    }
    this.behind.push(...plan.rows);
    this.seen.push(...plan.seen);
    this.unknown.push(...plan.neverCompared);
    this.findings = foldFindings([...this.findings, ...plan.findings, ...differing]);
  }

  /** A finding about the sequences that were read on the primary, and that no page has had. */
  gone(): Finding[] {
    const compared = [...this.missing.values()].filter(({ primaryNext }) => primaryNext !== null);
    return compared.length === 0 ? [] : [goneFromStandby(compared.map(({ oid }) => oid))];
  }

  /** @param renewed those that were created anew, with the oids that they had before */
  neverCompared(renewed: StandbyChanges['renewed']): Finding[] {
    const before = new Map(renewed.map(({ sequence, oid }) => [sequence, this.readings.get(oid)]));
    return this.unknown.map((one) => neverCompared(one, before.get(one.sequence)));
  }

  /** @param vanished another sequence has the name of each: what is set under that name would be recorded as the vanished one */
  report(total: number, vanished: StandbyChanges['vanished']): Omit<RecheckReport, 'findings'> {
    const lacking = new Set(vanished.map(({ sequence }) => sequence));
    const toSet = this.behind.filter(({ sequence }) => !lacking.has(sequence));
    return {
      total,
      topUps: toSet.slice(0, TOP_UPS_AT_MOST),
      behind: toSet.length,
      notAhead: foldFindings(toSet.map(toFinding)),
      minimumHeadroom: null,
      watched: [],
      consumption: [],
      byLastReading: true,
      primaryReadAt: null,
      verifiedAt: new Date().toISOString(),
    };
  }
}

function toFinding(plan: SequenceToSet): Finding {
  const { sequence, primaryNext, standbyNext, increment, buffer, behindData } = plan;
  if (behindData === true || primaryNext === null) return behindItsRows(sequence);
  const calls = headroom(BigInt(standbyNext), BigInt(primaryNext), BigInt(increment));
  return behindLastReading(sequence, calls, BigInt(buffer));
}
