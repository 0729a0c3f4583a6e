import type { Finding } from '../contract/status.js';
import type { PlannedSequence, Policy, PrimarySequence, TargetPage } from '../contract/steps.js';
import type { StandbySequence } from './standby-sequence.js';
import { compileSelection, type Select } from '../sequences/selection.js';
import { compileBuffers } from './buffers.js';
import { bareRow } from './page-rows.js';
import { planSequence } from './plan-sequence.js';
import { missingOnStandby, standbyOnlyFeeds } from './sequence-findings.js';

export interface PageContext {
  policy: Policy;
  primaryMaxConnections: number;
}

/**
 * Decides what becomes of every sequence of a page, those of either side: each ends in exactly one row.
 *
 * @param primary in the order in which the rows shall be
 * @param standby likewise
 * @param compare that order
 */
export function planPage(
  context: PageContext,
  primary: readonly PrimarySequence[],
  standby: readonly StandbySequence[],
  compare: (a: Named, b: Named) => number,
): TargetPage {
  const select = compileSelection(context.policy);
  const bufferOf = compileBuffers(context.policy);
  const rows: PlannedSequence[] = [];
  const findings: Finding[] = [];
  for (const { ours, theirs } of pairUp(primary, standby, compare)) {
    const { schema, name, sequence } = ours ?? theirs;
    const skip = reasonToSkip(ours, theirs, select);
    if (skip !== null) {
      rows.push(bareRow(sequence, 'skipped', skip));
    } else if (ours === undefined) {
      const finding = feedsSubscribed(theirs);
      rows.push(
        bareRow(sequence, finding === null ? 'skipped' : 'failed', finding?.message ?? 'only on the standby'),
      );
      if (finding !== null) findings.push(finding);
    } else if (theirs === undefined) {
      const finding = missingOnStandby(ours);
      rows.push(bareRow(sequence, 'failed', finding.message));
      findings.push(finding);
    } else {
      const { calls, measured } = bufferOf({ schema, name, oid: theirs.oid, rate: ours.rate });
      const planned = planSequence({ ...context, buffer: calls }, ours, theirs);
      rows.push(measured ? { ...planned.row, measured: String(calls) } : planned.row);
      findings.push(...planned.findings);
    }
  }
  return { rows, findings };
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

/** @returns why a sequence is none of ours, or null */
export function reasonToSkip(
  ours: PrimarySequence | undefined,
  theirs: StandbySequence | undefined,
  select: Select,
): string | null {
  const named = ours ?? theirs;
  if (named === undefined) return null;
  if (named.schema === LEDGER_SCHEMA) return "the ledger's own";
  if (ours?.temporary === true || theirs?.temporary === true) return 'temporary: it ends with its session';
  const extension = theirs?.extension ?? ours?.extension ?? null;
  const subscribed = theirs?.feeds.some((feed) => feed.subscribed) ?? false;
  if (extension !== null && !subscribed) {
    return `member of the extension ${extension}, whose table is not subscribed`;
  }
  const selected = select(named.schema, named.name);
  return selected.selected ? null : selected.reason;
}

function feedsSubscribed({ sequence, feeds }: StandbySequence): Finding | null {
  const columns = feeds.filter(({ subscribed }) => subscribed).map(({ column }) => column);
  return columns.length === 0 ? null : standbyOnlyFeeds(sequence, columns);
}
