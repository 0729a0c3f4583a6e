import { Context } from '@temporalio/activity';
import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { mapConcurrently } from '../src/concurrency/map-concurrently.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type { Activities } from '../src/steps/activities.js';
import type { PageRange } from '../src/steps/identity.js';
import type { RecheckInput, RecheckReport } from '../src/steps/recheck-steps.js';
import type { PlannedSequence, SequenceToSet } from '../src/steps/rows.js';
import type { SeenSequence } from '../src/planning/rows/changed-rows.js';
import { planPageInSteps } from '../src/planning/rows/plan-page.js';
import { consumptionLasts, notAhead } from '../src/planning/sequence/verification-findings.js';
import { rowStateOf } from '../src/planning/rows/row-state.js';
import { directionOf, isProvable, type Provable } from '../src/planning/rows/verified-rows.js';
import { listSequenceNames } from '../src/postgres/sequences/list-names.js';
import { mergeNames, pageRanges } from '../src/postgres/sequences/page-ranges.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import { headroom, isAhead } from '../src/sequences/headroom.js';
import { runsOutFirst, watchedSince, watchList, type WatchedSequence } from '../src/sequences/watch-list.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import { compareWithRecorded } from './compare-with-recorded.js';
import { PAGES_AT_ONCE, TOP_UPS_AT_MOST } from '../src/steps/limits.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { notCompared, packChangedReadings } from './last-readings.js';
import { PlannedNames } from './locked-sequences.js';
import { pageLimits } from './page-limits.js';
import { byName, readColumnFacts } from './read-column-facts.js';
import { planWithRows } from './plan-with-rows.js';
import { findChangedTables } from './changed-tables.js';
import { readBothPages } from './read-both-pages.js';
import { findingsOf, namesOf, readReplication } from './read-replication.js';
import { type Verified, verifyUndisturbed } from './verify-undisturbed.js';

/** Reads replication and every sequence of both sides again, definitions included, and returns only what has to be done. */
export function recheckHeadroom({ pairs }: Dependencies): Activities['recheckHeadroom'] {
  return (input) =>
    withHeartbeat(async () => {
      const pair = pairOfOpenRun(pairs, input.identity.pair, 'standby');
      if (input.final !== true) return (await recheckPair(pair, input)).report;
      const { report, disturbed } = await verifyUndisturbed(
        pair,
        input.identity,
        ['primary', 'standby'],
        () => recheckPair(pair, input),
      );
      return { ...report, findings: foldFindings([...report.findings, ...disturbed]) };
    });
}

async function recheckPair(pair: Pair, input: RecheckInput): Promise<Verified<RecheckReport>> {
  const tally = new Tally(input.watched);
  const seen: SeenSequence[] = [];
  const recheckPage = async (range: PageRange): Promise<void> => {
    Context.current().cancellationSignal.throwIfAborted();
    const { standby, primary, primaryReadAt } = await readBothPages(pair, input, range);
    const where = { pair, identity: input.identity, range };
    const facts = await onSide('standby', () => readColumnFacts(where, input.policy, { primary, standby }));
    const { rows, findings } = await onSide('standby', () =>
      planWithRows(where, standby, (withAhead) =>
        runCooperatively(planPageInSteps(input, primary, withAhead, byName, facts)),
      ),
    );
    const behind = tally.add(rows, findings, primaryReadAt, standby);
    for (const row of rows) seen.push({ row, state: rowStateOf(row, behind.has(row.sequence)) });
  };
  // One page is read while another is planned.
  const pages = listPages(pair, input).then((ranges) => mapConcurrently(PAGES_AT_ONCE, ranges, recheckPage));
  // Wait for both, so that no query continues after the step has failed.
  const [replication, tables] = await Promise.allSettled([
    readReplication(pair, input.identity),
    changedTables(pair, input),
    pages,
  ]);
  await pages;
  if (replication.status === 'rejected') throw replication.reason;
  if (tables.status === 'rejected') throw tables.reason;
  const report = {
    ...tally.report(),
    ...(await compareWithRecorded(seen, input.standings)),
    ...(input.readings === undefined
      ? {}
      : { readings: await packChangedReadings(tally.readings, input.readings) }),
    replication: findingsOf(replication.value, pair, input.leadsToPromotion === true),
    subscriptions: namesOf(replication.value),
    ...(tables.value === null ? {} : { tables: tables.value }),
  };
  return { report, sequences: tally.sequences };
}

function changedTables(pair: Pair, { identity, tables }: RecheckInput): Promise<Finding[] | null> {
  return tables === undefined ? Promise.resolve(null) : findChangedTables(pair, identity, tables);
}

async function listPages(pair: Pair, { identity, fenced }: RecheckInput): Promise<PageRange[]> {
  if (fenced !== undefined) return fenced.pages;
  const [primary, standby] = await Promise.all([
    onSide('primary', () => listSequenceNames(pair.primary, identity.primary)),
    onSide('standby', () => listSequenceNames(pair.standby, identity.standby)),
  ]);
  return pageRanges(mergeNames(primary, standby), pageLimits);
}

/**
 * @param standby all sequences of the page, also those that are not compared
 * @param behind the names of sequences that are behind: their readings replace all earlier ones, since the standby's value proves nothing
 */
function readingsOf(
  rows: readonly PlannedSequence[],
  standby: readonly { oid: number }[],
  behind: ReadonlySet<string>,
): LastReading[] {
  const compared = rows
    .filter(isProvable)
    .flatMap(({ sequence, oid, primaryNext, standbyBefore, buffer, goesRound }): LastReading[] =>
      primaryNext === null
        ? []
        : [
            {
              oid,
              primaryNext: BigInt(primaryNext),
              buffer: BigInt(buffer),
              standbyNext: behind.has(sequence) ? null : BigInt(standbyBefore),
              ...(goesRound === true ? { goesRound } : {}),
            },
          ],
    );
  return [...compared, ...notCompared(rows, standby)];
}

class Tally {
  private total = 0;
  private behind = 0;
  private topUps: SequenceToSet[] = [];
  private notAhead: Finding[] = [];
  private findings: Finding[] = [];
  private least: { sequence: string; calls: bigint } | null = null;
  private primaryReadAt: string | null = null;
  private watched: WatchedSequence[] = [];
  readonly readings: LastReading[] = [];
  readonly sequences = new PlannedNames();
  private readonly before: ReadonlyMap<string, WatchedSequence>;

  constructor(before: readonly WatchedSequence[]) {
    this.before = new Map(before.map((one) => [one.sequence, one]));
  }

  /** @returns the names of the sequences that are behind */
  add(
    rows: readonly PlannedSequence[],
    findings: readonly Finding[],
    primaryReadAt: string,
    standby: readonly { oid: number }[],
  ): Set<string> {
    const behind = new Set<string>();
    if (this.primaryReadAt === null || primaryReadAt < this.primaryReadAt) this.primaryReadAt = primaryReadAt;
    this.findings = foldFindings([...this.findings, ...findings]);
    this.sequences.add(rows);
    const read: WatchedSequence[] = [];
    for (const row of rows) {
      this.total += 1;
      if (isProvable(row)) read.push(...this.judge(row, primaryReadAt, behind));
    }
    this.readings.push(...readingsOf(rows, standby, behind));
    this.watched = watchList([...this.watched, ...read]);
    return behind;
  }

  report(): RecheckReport {
    const first = runsOutFirst(this.watched);
    return {
      total: this.total,
      topUps: this.topUps,
      behind: this.behind,
      notAhead: foldFindings(this.notAhead),
      findings: this.findings,
      minimumHeadroom:
        this.least === null ? null : { sequence: this.least.sequence, calls: String(this.least.calls) },
      watched: this.watched,
      consumption: first === null ? [] : [consumptionLasts(first.sequence, first.headroom, first.rate)],
      primaryReadAt: this.primaryReadAt,
      verifiedAt: new Date().toISOString(),
    };
  }

  /** @returns the sequence for the watch list */
  private judge(plan: Provable, at: string, behind: Set<string>): WatchedSequence[] {
    const { sequence, primaryNext, standbyBefore, increment, buffer } = plan;
    if (primaryNext === null) return [];
    const calls = headroom(BigInt(standbyBefore), BigInt(primaryNext), BigInt(increment));
    if (this.least === null || calls < this.least.calls) this.least = { sequence, calls };
    const now = { sequence, next: primaryNext, at, headroom: String(calls), buffer, rate: null };
    const watched = [watchedSince(this.before.get(sequence), now, BigInt(increment))];
    const isBehindRows = plan.outcome === 'applied' && plan.behindData === true;
    if (!isBehindRows && isAhead(calls, BigInt(buffer))) return watched;
    this.behind += 1;
    behind.add(sequence);
    this.notAhead.push(
      notAhead(sequence, calls, BigInt(buffer), {
        wasSet: true,
        goesRound: plan.goesRound === true ? directionOf(BigInt(increment)) : null,
      }),
    );
    if (plan.outcome === 'applied' && this.topUps.length < TOP_UPS_AT_MOST) this.topUps.push(plan);
    return watched;
  }
}
