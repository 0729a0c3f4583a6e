import { Context } from '@temporalio/activity';
import { inLanes } from '../src/concurrency/lanes.js';
import { foldFindings } from '../src/contract/fold-findings.js';
import type { Finding } from '../src/contract/status.js';
import type {
  Activities,
  PageRange,
  PlannedSequence,
  RecheckInput,
  RecheckReport,
} from '../src/contract/steps.js';
import { planPage } from '../src/planning/plan-page.js';
import { consumptionLasts, notAhead } from '../src/planning/sequence-findings.js';
import { listSequenceNames } from '../src/postgres/list-names.js';
import { mergeNames, pageRanges } from '../src/postgres/page-ranges.js';
import { headroom, isAhead } from '../src/sequences/headroom.js';
import { runsOutFirst, watchedSince, watchList, type WatchedSequence } from '../src/sequences/watch-list.js';
import { onSide } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { pageLimits } from './page-limits.js';
import { byName, readColumnFacts } from './read-column-facts.js';
import { readPrimaryPage } from './read-primary-page.js';
import { readStandbyPage } from './read-standby-page.js';
import { undisturbed } from './undisturbed.js';

export const TOP_UPS_AT_MOST = 500;
/** One is read while another is planned; more would only hold memory. */
const PAGES_AT_ONCE = 3;

/** Looks at every sequence of both sides by itself, catalogs too, and returns only what needs doing. */
export function recheckHeadroom({ pairs }: Dependencies): Activities['recheckHeadroom'] {
  return (input) =>
    withHeartbeat(async () => {
      const pair = await onSide('standby', () => Promise.resolve(pairs.resolve(input.identity.pair)));
      if (input.final !== true) return recheckPair(pair, input);
      const { report, disturbed } = await undisturbed(pair, input.identity, () => recheckPair(pair, input));
      return { ...report, findings: foldFindings([...report.findings, ...disturbed]) };
    });
}

async function recheckPair(pair: Pair, input: RecheckInput): Promise<RecheckReport> {
  const tally = new Tally(input.watched);
  const look = async (range: PageRange): Promise<void> => {
    Context.current().cancellationSignal.throwIfAborted();
    const standby = await onSide('standby', () => readStandbyPage(pair, input.identity, range));
    const primaryReadAt = new Date().toISOString();
    const primary = await onSide('primary', () => readPrimaryPage(pair, input.identity, range));
    const facts = await onSide('standby', () =>
      readColumnFacts(pair, input.identity, input.policy, primary, standby),
    );
    const { rows, findings } = planPage(input, primary, standby, byName, facts);
    tally.add(rows, findings, primaryReadAt);
  };
  await inLanes(PAGES_AT_ONCE, await listPages(pair, input), look);
  return tally.report();
}

async function listPages(pair: Pair, { identity }: RecheckInput): Promise<PageRange[]> {
  const [primary, standby] = await Promise.all([
    onSide('primary', () => listSequenceNames(pair.primary, identity.primary)),
    onSide('standby', () => listSequenceNames(pair.standby, identity.standby)),
  ]);
  return pageRanges(mergeNames(primary, standby), pageLimits);
}

class Tally {
  private total = 0;
  private behind = 0;
  private topUps: PlannedSequence[] = [];
  private notAhead: Finding[] = [];
  private findings: Finding[] = [];
  private least: { sequence: string; calls: bigint } | null = null;
  private primaryReadAt: string | null = null;
  private watched: WatchedSequence[] = [];
  private readonly before: ReadonlyMap<string, WatchedSequence>;

  constructor(before: readonly WatchedSequence[]) {
    this.before = new Map(before.map((one) => [one.sequence, one]));
  }

  add(rows: readonly PlannedSequence[], findings: readonly Finding[], primaryReadAt: string): void {
    if (this.primaryReadAt === null || primaryReadAt < this.primaryReadAt) this.primaryReadAt = primaryReadAt;
    this.findings = foldFindings([...this.findings, ...findings]);
    const read: WatchedSequence[] = [];
    for (const row of rows) {
      this.total += 1;
      if (row.outcome === 'applied' || row.outcome === 'kept') read.push(...this.judge(row, primaryReadAt));
    }
    this.watched = watchList([...this.watched, ...read]);
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

  /** @returns the sequence for the list of those that are watched */
  private judge(row: PlannedSequence, at: string): WatchedSequence[] {
    const { sequence, primaryNext, standbyBefore, increment, buffer } = row;
    if (primaryNext === null || standbyBefore === null || increment === undefined || buffer === null)
      return [];
    const calls = headroom(BigInt(standbyBefore), BigInt(primaryNext), BigInt(increment));
    if (this.least === null || calls < this.least.calls) this.least = { sequence, calls };
    const now = { sequence, next: primaryNext, at, headroom: String(calls), buffer };
    const watched = [watchedSince(this.before.get(sequence), now, BigInt(increment))];
    if (row.behindData !== true && isAhead(calls, BigInt(buffer))) return watched;
    this.behind += 1;
    this.notAhead.push(notAhead(sequence, calls, BigInt(buffer)));
    if (this.topUps.length < TOP_UPS_AT_MOST) this.topUps.push(row);
    return watched;
  }
}
