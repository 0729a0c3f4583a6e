import { createHash } from 'node:crypto';
import type { PromotionStatus } from '../../src/contract/promotion.js';
import type { Status } from '../../src/contract/status.js';
import type { ComputeInput, TargetReport } from '../../src/steps/page-steps.js';
import type { PlannedSequence, PrimarySequence } from '../../src/steps/rows.js';
import { planPage } from '../../src/planning/rows/plan-page.js';
import type { StandbySequence } from '../../src/planning/standby-sequence.js';
import type { Table } from '../../src/steps/table.js';
import { unpackTable } from '../../src/steps/table.js';
import { upgradeTable } from '../../src/steps/implied.js';
import type { History } from '../../src/record/history-json.js';
import { stepsOf, type Step } from '../../src/record/steps.js';
import { identified } from '../../src/record/source.js';
import { toRecord } from '../../src/record/run-record.js';
import type { MadePayload } from './replay-history.js';

/** A longer list is replaced by its first three lines and a digest of all lines. */
const SHOWN = 20;

/** The meaning of a history: settings, rows and status as the present code reads them. */
export function meaningOf(history: History): object {
  const { settings, rows, status, servers } = toRecord(sourceOf(history));
  return {
    servers: servers && `${servers.primary.systemIdentifier} → ${servers.standby.systemIdentifier}`,
    settings: lines(
      settings.map(({ sequence, oid, increment, target, called }) =>
        [sequence, oid, increment, target, called].map(String).join(' '),
      ),
    ),
    rows: lines(rows.map((row) => Object.values(row).map(String).join(' | '))),
    status: status && summary(status),
  };
}

const sourceOf = (history: History) => ({
  ...{ workflowId: '', chain: [identified('', history)], pages: [], members: [], missing: [] },
});

function lines(all: string[]): string[] {
  if (all.length <= SHOWN) return all;
  const digest = createHash('sha256').update(all.join('\n')).digest('hex');
  return [...all.slice(0, 3), `… ${all.length} in all, SHA-256 ${digest}`];
}

/** The parts of a status that a later version must read the same. The texts of findings may change. */
function summary(
  status: Partial<Status> & Partial<Pick<PromotionStatus, 'steps' | 'certificate' | 'leftovers'>>,
): object {
  const { pair, mode, phase, counts, round, minimumHeadroom, gate, checklist, handoff, verifiedAt } = status;
  return {
    ...{ pair, mode, phase, counts, round, minimumHeadroom, verifiedAt },
    findings: status.findings?.map(({ severity, code, sequence, count }) =>
      [severity, code, sequence, count].map(String).join(' '),
    ),
    gate: gate && {
      state: gate.state,
      approvals: gate.approvals,
      refused: gate.refused.map(({ kind, by }) => `${kind} by ${String(by)}`),
    },
    checklist: checklist?.map(({ done, at }) => `${String(done)} ${String(at)}`),
    handoff: handoff && `${handoff.workflowType} ${handoff.taskQueue} ${handoff.workflowId}`,
    ...ofPromotion(status),
  };
}

/** The fields that only the status of a promotion has; empty for a run. */
function ofPromotion({ steps, certificate, leftovers }: Parameters<typeof summary>[0]): object {
  if (steps === undefined) return {};
  return { steps: steps.map(({ step, state }) => `${step} ${state}`), certificate, leftovers };
}

/** The inputs of all steps, as they are recorded and as the present code makes them, tables as the records that they hold. */
export function inputsOf(
  history: History,
  made: readonly MadePayload[],
): { activity: string; recorded: unknown; made: unknown }[] {
  return stepsOf(history).map(({ activity, activityId, input }) => {
    const payload = made.find((one) => one.activityId === activityId && typeof one.value === 'object');
    return { activity, recorded: readable(activity, input), made: readable(activity, payload?.value) };
  });
}

/** The targets of a history, and those that the present code computes from what was read then. */
export function targetsOf(history: History): { recorded: string[]; computed: string[] } {
  const steps = stepsOf(history).filter(
    ({ activity, result }) => activity === 'computeTargets' && result != null,
  );
  const pages = steps.map(({ input, result }) => {
    const { primary: packed, ...context } = input as ComputeInput;
    const primary = unpackTable(upgradeTable(packed, 'primary'));
    const rows = unpackTable(upgradeTable((result as TargetReport).rows, 'plan'));
    const planned = rows.filter(({ outcome }) => outcome === 'applied' || outcome === 'kept');
    const names = new Set(planned.map(({ sequence }) => sequence));
    const onPrimary = primary.filter(({ sequence }) => names.has(sequence));
    const onStandby = onPrimary.map((one, index) => standbyOf(one, planned[index]?.standbyBefore ?? ''));
    // Both lists are in the same order already.
    const order = new Map(onPrimary.map(({ schema, name }, index) => [`${schema}.${name}`, index]));
    const place = (one: { schema: string; name: string }) => order.get(`${one.schema}.${one.name}`) ?? 0;
    const computed = planPage(context, onPrimary, onStandby, (a, b) => place(a) - place(b)).rows;
    return { recorded: planned.map(targetText), computed: computed.map(targetText) };
  });
  return {
    recorded: pages.flatMap((page) => page.recorded),
    computed: pages.flatMap((page) => page.computed),
  };
}

const targetText = (row: PlannedSequence) =>
  [row.sequence, row.outcome, row.primaryNext, row.standbyBefore, row.target, row.buffer]
    .map(String)
    .join(' ');

/** The recorded sequences are alike on both sides, and feed no column. */
function standbyOf({ schema, name, sequence, ...primary }: PrimarySequence, next: string): StandbySequence {
  const { increment, min, max, cache } = primary;
  return {
    ...{ schema, name, sequence, oid: primary.oid },
    definition: {
      ...{ increment: BigInt(increment), min: BigInt(min), max: BigInt(max), cache: BigInt(cache) },
      cycle: primary.cycle === true,
    },
    ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null, feeds: [] },
    ...{ furthest: null, dataNotChecked: null },
    reading: { position: { lastValue: BigInt(next), isCalled: false } },
  };
}

const kinds = { computeTargets: 'primary', recordBuffer: 'row' } as const;

/** @returns the value with the records of each table in its place */
function readable(activity: Step['activity'], value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => readable(activity, one));
  if (isTable(value)) {
    const kind = activity in kinds ? kinds[activity as keyof typeof kinds] : undefined;
    return unpackTable(kind === undefined ? value : upgradeTable(value, kind));
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(activity, one)]));
}

function isTable(value: object): value is Table<object> {
  return 'count' in value && 'same' in value && 'columns' in value && 'rows' in value;
}
