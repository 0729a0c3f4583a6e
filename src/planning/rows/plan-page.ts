import { LEDGER_SCHEMA } from '../../contract/names.js';
import { runSynchronously } from '../../concurrency/run-synchronously.js';
import type { Mode } from '../../contract/input.js';
import type { Finding } from '../../contract/status.js';
import type { Policy } from '../../steps/identity.js';
import type { TargetPage } from '../../steps/page-steps.js';
import type { PlannedSequence, PrimarySequence } from '../../steps/rows.js';
import { ONLY_ON_STANDBY } from '../../steps/evidence.js';
import { compileExplicitSchemas } from '../../sequences/explicit-schemas.js';
import { requoted } from '../../sequences/identifier.js';
import { compileSelection, type Select } from '../../sequences/selection.js';
import { atOrBeyond, type ColumnLimit, nextValue } from '../../sequences/sequence.js';
import { compileBuffers } from './buffers.js';
import { compileDecidedRows } from '../sequence/decided-rows.js';
import {
  columnFindings,
  feedsDifferFindings,
  missingFinding,
  standbyOnlyFinding,
} from '../sequence/column-findings.js';
import { type ColumnFacts, noFacts } from '../column-facts.js';
import { fedByExpression, fedOnPrimaryAlone, fedOnStandbyAlone } from '../sequence/differing-columns.js';
import { ambiguousName, obstaclesOnPrimary } from '../sequence/obstacles.js';
import { oneForEachIdentity } from './one-per-column.js';
import { rowWithoutTarget } from './page-rows.js';
import { planSequence } from './plan-sequence.js';
import { skippedBehindData } from '../sequence/sequence-findings.js';
import type { FirstRowRequest, StandbySequence } from '../standby-sequence.js';

export interface PageContext {
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
}

export interface PagePlan extends TargetPage {
  /** Sequences for which the first rows on the standby may matter. If there are any, the page should be planned again with those rows. */
  firstRowRequests: FirstRowRequest[];
}

/**
 * Plans every sequence of a page that exists on either side. Each gets exactly one row.
 *
 * @param primarySequences in the order of the rows
 * @param standbySequences in the same order
 * @param compare that order
 * @param facts the facts that {@link wantedFacts} asked for
 */
export function planPage(
  context: PageContext,
  primarySequences: readonly PrimarySequence[],
  standbySequences: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
  facts: ColumnFacts = noFacts,
): PagePlan {
  return runSynchronously(planPageInSteps(context, primarySequences, standbySequences, compare, facts));
}

/** The same as a generator, which yields after each sequence, since a page may have thousands. */
export function* planPageInSteps(
  context: PageContext,
  primarySequences: readonly PrimarySequence[],
  standbySequences: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
  facts: ColumnFacts = noFacts,
): Generator<void, PagePlan> {
  const { mode, policy, primaryMaxConnections } = context;
  const skipOf = compileSkips(policy);
  const bufferOf = compileBuffers(policy);
  const rowsOf = compileDecidedRows(policy);
  const firstRowRequests: FirstRowRequest[] = [];
  const rows: PlannedSequence[] = [];
  const findings: Finding[] = [];
  let feedsOf: Map<string, readonly string[]> | undefined;
  let onStandbyAlone: readonly StandbySequence[] | undefined;
  const isTold = (feeder: string, column: string) => {
    feedsOf ??= new Map(primarySequences.map(({ sequence, feeds = [] }) => [sequence, feeds.map(requoted)]));
    return feedsOf.get(feeder)?.includes(column) ?? false;
  };
  for (const { primary, standby } of pairUp(primarySequences, standbySequences, compare)) {
    yield;
    const { schema, name } = primary ?? standby;
    const skip = skipOf(primary, standby);
    if (skip !== null) {
      rows.push(rowWithoutTarget(primary, standby, 'skipped', skip.reason));
      if (!skip.isMeant) findings.push(...skippedBehindItsRows(standby, skip.reason));
    } else if (primary === undefined) {
      const finding = standbyOnlyFinding(standby, facts, isTold);
      const reason = finding?.message ?? ONLY_ON_STANDBY;
      rows.push(rowWithoutTarget(primary, standby, finding === null ? 'skipped' : 'failed', reason));
      findings.push(...(finding === null ? skippedBehindItsRows(standby, reason) : [finding]));
    } else if (standby === undefined) {
      const ambiguous = ambiguousName(primary);
      onStandbyAlone ??= withoutNamesake(standbySequences, primarySequences);
      const finding = ambiguous ?? missingFinding(primary, facts, onStandbyAlone);
      rows.push(rowWithoutTarget(primary, standby, 'failed', finding.message));
      findings.push(finding, ...(ambiguous === null ? obstaclesOnPrimary(primary) : []));
    } else {
      const { calls, measured } = bufferOf({ schema, name, oid: standby.oid, rate: primary.rate });
      const future = futureLimits(primary, standby, facts);
      // Without a spread, which takes longer than the planning itself: a page has thousands of sequences.
      const planned = planSequence(
        { mode, primaryMaxConnections, buffer: calls, rows: rowsOf(primary), future },
        primary,
        standby,
      );
      rows.push(measured ? { ...planned.row, measured: String(calls) } : planned.row);
      findings.push(
        ...planned.findings,
        ...feedsDifferFindings(primary, standby, facts),
        ...columnFindings(primary, standby, facts),
      );
      if (planned.firstRowRequest !== undefined) firstRowRequests.push(planned.firstRowRequest);
    }
  }
  return { ...oneForEachIdentity({ rows, findings }, facts), firstRowRequests };
}

function withoutNamesake(
  standby: readonly StandbySequence[],
  primary: readonly PrimarySequence[],
): StandbySequence[] {
  const names = new Set(primary.map(({ sequence }) => requoted(sequence)));
  return standby.filter(({ sequence }) => !names.has(sequence));
}

const none: readonly ColumnLimit[] = [];

/**
 * The types of columns that the sequence feeds on the primary alone. Once the default of the standby is mended, or if an application calls
 * nextval, its values go there. It counts like a column that only owns the sequence.
 */
function futureLimits(
  { feeds = [] }: PrimarySequence,
  standby: StandbySequence,
  facts: ColumnFacts,
): readonly ColumnLimit[] {
  if (facts.standby === null || feeds.length === 0) return none;
  const { columns } = facts.standby;
  return feeds.flatMap((column): ColumnLimit[] => {
    const type = columns.get(column)?.type;
    const isFed = standby.feeds.some((feed) => feed.column === column);
    return type === undefined || isFed ? [] : [{ type, owned: true }];
  });
}

interface Named {
  schema: string;
  name: string;
}

type Pair =
  | { primary: PrimarySequence; standby: StandbySequence | undefined }
  | { primary: undefined; standby: StandbySequence };

/** Merges two ordered lists by name. */
function* pairUp(
  primarySequences: readonly PrimarySequence[],
  standbySequences: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
): Generator<Pair> {
  let i = 0;
  let j = 0;
  for (;;) {
    const primary = primarySequences[i];
    const standby = standbySequences[j];
    if (primary === undefined) {
      if (standby === undefined) return;
      yield { primary, standby };
      j += 1;
    } else {
      const order = standby === undefined ? -1 : compare(primary, standby);
      if (standby !== undefined && order > 0) {
        yield { primary: undefined, standby };
        j += 1;
      } else {
        yield { primary, standby: order === 0 ? standby : undefined };
        i += 1;
        if (order === 0) j += 1;
      }
    }
  }
}

/** Why a sequence is skipped. */
interface Skip {
  reason: string;
  /** Whether the user excluded the sequence, or its rows cannot come from elsewhere. Then no finding is needed. */
  isMeant: boolean;
}

type SkipOf = (primary: PrimarySequence | undefined, standby: StandbySequence | undefined) => Skip | null;

/** Prepares a policy for many sequences, and returns the function that says why a sequence is skipped; null if it is not. */
export function compileSkips(policy: Policy): SkipOf {
  const select: Select = compileSelection(policy);
  const isSchemaExplicit = compileExplicitSchemas(policy.include);
  return (primary, standby) => {
    const { schema, name } = primary ?? standby ?? { schema: '', name: '' };
    if (schema === LEDGER_SCHEMA) return { reason: "the ledger's own", isMeant: true };
    if (primary?.temporary === true || standby?.temporary === true)
      return { reason: 'temporary: it ends with its session', isMeant: true };
    const selected = select(schema, name);
    const isExcluded = !selected.selected && selected.reason !== 'not included';
    if (isExcluded) return { reason: selected.reason, isMeant: true };
    const extension = standby?.extension ?? primary?.extension ?? null;
    if (extension !== null && !isSubscribed(standby) && !isSchemaExplicit(schema, name)) {
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

/**
 * A skipped sequence would hand out values again that its rows on the standby have. These rows came from elsewhere, with or without a
 * subscription.
 */
export function skippedBehindItsRows(standby: StandbySequence | undefined, reason: string): Finding[] {
  if (standby === undefined || standby.furthest === null || 'problem' in standby.reading) return [];
  const { definition, furthest, reading } = standby;
  const next = nextValue(reading.position, definition.increment);
  return atOrBeyond(furthest, next, definition.increment)
    ? [skippedBehindData(standby, next, furthest, reason)]
    : [];
}

const isEmpty = (columns: readonly string[]) => columns.length === 0;

/**
 * The facts that have to be read before the page can be planned; null if both sides agree, which is the usual case. Columns are identified
 * by their quoted names.
 */
export function wantedFacts(
  policy: Policy,
  primarySequences: readonly PrimarySequence[],
  standbySequences: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
): { onStandby: string[]; onPrimary: string[]; schemas: string[]; origins: number[] } | null {
  const onStandby = new Set<string>();
  const onPrimary = new Set<string>();
  const schemas = new Set<string>();
  const origins: number[] = [];
  let skipOf: SkipOf | undefined;
  for (const { primary, standby } of pairUp(primarySequences, standbySequences, compare)) {
    const fedByPrimary = primary === undefined ? [] : fedOnPrimaryAlone(primary, standby);
    const fedByStandby = standby === undefined ? [] : fedOnStandbyAlone(primary, standby);
    const changed = fedByExpression(primary, standby);
    if (standby !== undefined && [fedByPrimary, fedByStandby, changed].every(isEmpty)) continue;
    skipOf ??= compileSkips(policy);
    if (skipOf(primary, standby) !== null) continue;
    for (const column of [...fedByPrimary, ...fedByStandby, ...changed]) onStandby.add(column);
    for (const column of fedByStandby) onPrimary.add(column);
    if (primary === undefined) continue;
    origins.push(primary.oid);
    schemas.add(primary.schema);
  }
  if (onStandby.size === 0 && schemas.size === 0) return null;
  return { onStandby: [...onStandby], onPrimary: [...onPrimary], schemas: [...schemas], origins };
}
