import { atOnce } from '../concurrency/at-once.js';
import type { Mode } from '../contract/input.js';
import type { Finding } from '../contract/status.js';
import type { Policy } from '../steps/identity.js';
import type { TargetPage } from '../steps/page-steps.js';
import type { PlannedSequence, PrimarySequence } from '../steps/rows.js';
import { ONLY_ON_STANDBY } from '../steps/evidence.js';
import { compileNamed } from '../sequences/named.js';
import { compileSelection, type Select } from '../sequences/selection.js';
import { atOrBeyond, nextValue } from '../sequences/sequence.js';
import { compileBuffers } from './buffers.js';
import { compileDecidedRows } from './decided-rows.js';
import {
  type ColumnFacts,
  columnFindings,
  fedOnPrimaryAlone,
  fedOnStandbyAlone,
  feedsDifferFindings,
  missingFinding,
  noFacts,
  standbyOnlyFinding,
} from './column-findings.js';
import { unreadName } from './obstacles.js';
import { rowWithoutTarget } from './page-rows.js';
import { planSequence } from './plan-sequence.js';
import { skippedBehindData } from './sequence-findings.js';
import type { FarRows, StandbySequence } from './standby-sequence.js';

export interface PageContext {
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
}

export interface PagePlan extends TargetPage {
  /** Sequences whose first rows on the standby may say more; with them, the page is worth another plan. */
  far: FarRows[];
}

/**
 * Decides what becomes of every sequence of a page, those of either side: each ends in exactly one row.
 *
 * @param primary in the order in which the rows shall be
 * @param standby likewise
 * @param compare that order
 * @param facts what was looked up for it, see {@link wantedFacts}
 */
export function planPage(
  context: PageContext,
  primary: readonly PrimarySequence[],
  standby: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
  facts: ColumnFacts = noFacts,
): PagePlan {
  return atOnce(planPageInSteps(context, primary, standby, compare, facts));
}

/** The same, with a pause after each sequence for those who call it: a page may hold thousands. */
export function* planPageInSteps(
  context: PageContext,
  primary: readonly PrimarySequence[],
  standby: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
  facts: ColumnFacts = noFacts,
): Generator<void, PagePlan> {
  const skipping = compileSkips(context.policy);
  const bufferOf = compileBuffers(context.policy);
  const rowsOf = compileDecidedRows(context.policy);
  const far: FarRows[] = [];
  const rows: PlannedSequence[] = [];
  const findings: Finding[] = [];
  for (const { ours, theirs } of pairUp(primary, standby, compare)) {
    yield;
    const { schema, name } = ours ?? theirs;
    const skip = skipping(ours, theirs);
    if (skip !== null) {
      rows.push(rowWithoutTarget(ours, theirs, 'skipped', skip.reason));
      if (!skip.isMeant) findings.push(...behindItsRows(theirs, skip.reason));
    } else if (ours === undefined) {
      const finding = standbyOnlyFinding(theirs, facts);
      const reason = finding?.message ?? ONLY_ON_STANDBY;
      rows.push(rowWithoutTarget(ours, theirs, finding === null ? 'skipped' : 'failed', reason));
      findings.push(...(finding === null ? behindItsRows(theirs, reason) : [finding]));
    } else if (theirs === undefined) {
      const finding = unreadName(ours) ?? missingFinding(ours, facts);
      rows.push(rowWithoutTarget(ours, theirs, 'failed', finding.message));
      findings.push(finding);
    } else {
      const { calls, measured } = bufferOf({ schema, name, oid: theirs.oid, rate: ours.rate });
      const planned = planSequence({ ...context, buffer: calls, rows: rowsOf(ours) }, ours, theirs);
      rows.push(measured ? { ...planned.row, measured: String(calls) } : planned.row);
      findings.push(
        ...planned.findings,
        ...feedsDifferFindings(ours, theirs, facts),
        ...columnFindings(ours, theirs, facts),
      );
      if (planned.far !== undefined) far.push(planned.far);
    }
  }
  return { rows, findings, far };
}

interface Named {
  schema: string;
  name: string;
}

type Pair =
  | { ours: PrimarySequence; theirs: StandbySequence | undefined }
  | { ours: undefined; theirs: StandbySequence };

/** Merges two ordered lists by name. */
function* pairUp(
  primary: readonly PrimarySequence[],
  standby: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
): Generator<Pair> {
  let i = 0;
  let j = 0;
  for (;;) {
    const ours = primary[i];
    const theirs = standby[j];
    if (ours === undefined) {
      if (theirs === undefined) return;
      yield { ours, theirs };
      j += 1;
    } else {
      const order = theirs === undefined ? -1 : compare(ours, theirs);
      if (theirs !== undefined && order > 0) {
        yield { ours: undefined, theirs };
        j += 1;
      } else {
        yield { ours, theirs: order === 0 ? theirs : undefined };
        i += 1;
        if (order === 0) j += 1;
      }
    }
  }
}

/** The ledger lives in this schema, on whatever server it is kept. */
const LEDGER_SCHEMA = 'sequence_failover';

/** Why a sequence is skipped. */
interface Skip {
  reason: string;
  /** Whether the user said so, or nobody else can have rows of it: then nothing more is to be said. */
  isMeant: boolean;
}

type Skips = (ours: PrimarySequence | undefined, theirs: StandbySequence | undefined) => Skip | null;

export function compileSkips(policy: Policy): Skips {
  const select: Select = compileSelection(policy);
  const isNamed = compileNamed(policy.include);
  return (ours, theirs) => {
    const { schema, name } = ours ?? theirs ?? { schema: '', name: '' };
    if (schema === LEDGER_SCHEMA) return { reason: "the ledger's own", isMeant: true };
    if (ours?.temporary === true || theirs?.temporary === true)
      return { reason: 'temporary: it ends with its session', isMeant: true };
    const selected = select(schema, name);
    const isExcluded = !selected.selected && selected.reason !== 'not included';
    if (isExcluded) return { reason: selected.reason, isMeant: true };
    const extension = theirs?.extension ?? ours?.extension ?? null;
    if (extension !== null && !isSubscribed(theirs) && !isNamed(schema, name)) {
      return {
        reason: `member of the extension ${extension}, whose table is not subscribed`,
        isMeant: false,
      };
    }
    return selected.selected ? null : { reason: selected.reason, isMeant: false };
  };
}

function isSubscribed(standby: StandbySequence | undefined): boolean {
  return standby?.feeds.some(({ subscribed }) => subscribed) ?? false;
}

/** One that is left alone repeats values that its rows on the standby have: with a subscription or without, they came from elsewhere. */
export function behindItsRows(standby: StandbySequence | undefined, reason: string): Finding[] {
  if (standby === undefined || standby.furthest === null || 'problem' in standby.reading) return [];
  const { definition, furthest, reading } = standby;
  const next = nextValue(reading.position, definition.increment);
  return atOrBeyond(furthest, next, definition.increment)
    ? [skippedBehindData(standby, next, furthest, reason)]
    : [];
}

/**
 * What has to be looked up before the page can be planned; null where both sides agree, as they nearly always do.
 * Columns are told by their quoted names.
 */
export function wantedFacts(
  policy: Policy,
  primary: readonly PrimarySequence[],
  standby: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
): { onStandby: string[]; onPrimary: string[]; schemas: string[]; origins: number[] } | null {
  const onStandby = new Set<string>();
  const onPrimary = new Set<string>();
  const schemas = new Set<string>();
  const origins: number[] = [];
  let skipping: Skips | undefined;
  for (const { ours, theirs } of pairUp(primary, standby, compare)) {
    const there = ours === undefined ? [] : fedOnPrimaryAlone(ours, theirs);
    const here = theirs === undefined ? [] : fedOnStandbyAlone(ours, theirs);
    if (theirs !== undefined && there.length === 0 && here.length === 0) continue;
    skipping ??= compileSkips(policy);
    if (skipping(ours, theirs) !== null) continue;
    for (const column of [...there, ...here]) onStandby.add(column);
    for (const column of here) onPrimary.add(column);
    if (ours !== undefined && (theirs === undefined || there.length > 0)) origins.push(ours.oid);
    if (ours !== undefined && theirs === undefined) schemas.add(ours.schema);
  }
  if (onStandby.size === 0 && schemas.size === 0) return null;
  return { onStandby: [...onStandby], onPrimary: [...onPrimary], schemas: [...schemas], origins };
}
