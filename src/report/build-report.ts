import { WORKFLOW_TYPES } from '../contract/names.js';
import { contradictsOrder } from '../record/contradicts-order.js';
import { contradictsRecord } from '../record/contradicts-record.js';
import { contradictsResult } from '../record/contradicts-result.js';
import { type Decision, decisionsOf } from '../record/decisions.js';
import { attributesOf, type HistoryEvent } from '../record/history-json.js';
import { knownAt } from '../record/known/known-at.js';
import { proofOf } from '../record/history-proof.js';
import { type RunHistories, typeOf } from '../record/read-run.js';
import { recordDigestOf } from '../record/record-digest.js';
import { toRecord } from '../record/run-record.js';
import { type HistoryFailure, type Step, stepsOf } from '../record/steps.js';
import { endOf, timelineOf } from '../record/timeline.js';
import { adviceOf } from './advice.js';
import { configurationOf } from './configuration.js';
import { claimedDigest, type FinalStatus, finalOf, outcomeOf, refusalsOf } from './final-status.js';
import { findingsOf } from './findings.js';
import { lastRecheckOf, positionsOf, roundTimes, waitingOf } from './proof.js';
import {
  isFleet,
  REPORT_FORMAT,
  type Proof,
  type Report,
  type ReportedDecision,
  type Unsummarized,
} from './report.js';
import { rowsOf } from './rows.js';
import { summaryOf } from './summary.js';
import { contradictionsOf, warningsOf } from './warnings.js';

/**
 * The report of a run, a promotion, or a fleet of either, from its histories alone. It reads no clock, and no locale.
 *
 * @param release of this software, such as `0.1.0`
 * @throws Error for a workflow of another type, and for payloads that are encrypted
 */
export function buildReport(histories: RunHistories, release: string): Report {
  const { chain, pages, missing, workflowId } = histories;
  assertReportable(histories);
  const events = chain.flatMap((one) => one.events);
  const [first, last] = [events[0], events.at(-1)];
  const steps = [...chain, ...pages].flatMap(stepsOf);
  const record = toRecord(histories);
  const final = finalOf(typeOf(chain[0] ?? { events: [] }), record.status);
  const { kind, status } = final;
  const decisions = decisionsOf(chain, refusalsOf(final));
  const findings = findingsOf(final, steps, decisions);
  const members = histories.members.map((member) => buildReport(member, release));
  // Then earlier messages are missing too.
  const isCutOff = missing.some((one) => one.workflowId === workflowId);
  const state: Report['state'] = (last && endOf(last)) ?? 'open';
  const unsummarized: Unsummarized = {
    ...({ format: REPORT_FORMAT, version: 1, release, kind, workflowId } as const),
    ...{ firstRunId: chain[0]?.runId ?? '', lastRunId: chain.at(-1)?.runId ?? '' },
    startedAt: first?.eventTime ?? '',
    closedAt: state === 'open' ? null : (last?.eventTime ?? null),
    ...{ state, outcome: outcomeOf(status), failure: last === undefined ? null : failureOf(last) },
    configuration: configurationOf(final, [...chain, ...pages], steps),
    timeline: timelineOf(histories, decisions),
    sequences: isFleet({ kind }) ? members.flatMap(rowsOfMember) : rowsOf(record, steps),
    ...{ findings, advice: isFleet({ kind }) ? members.flatMap(adviceOfMember) : adviceOf(findings) },
    ...{ decisions: withKnown(histories, decisions), waiting: waitingOf(steps) },
    proof: {
      ...proofIn(final),
      ...{ rounds: roundTimes(steps), positions: positionsOf(steps) },
      lastRecheck: lastRecheckOf(steps),
      recordDigest: recordDigestOf(steps, claimedDigest(status)),
      ...{ histories: [...chain, ...pages].map(proofOf), missing },
    },
    members,
  };
  return {
    ...unsummarized,
    summary: summaryOf(unsummarized, final),
    contradictions: [
      ...contradictionsOf(unsummarized),
      ...contradictsOrder([...chain, ...pages]).map((problem) => `The history is not whole: ${problem}.`),
      ...contradictionsIn(steps, { decisions: isCutOff ? null : decisions, final, unsummarized }),
    ],
    warnings: warningsOf(unsummarized),
  };
}

/** Where the record differs from the messages, and from the end of the workflow. @param decisions null if earlier ones are missing */
function contradictionsIn(
  steps: readonly Step[],
  {
    decisions,
    final: { kind, status },
    unsummarized,
  }: { decisions: readonly Decision[] | null; final: FinalStatus; unsummarized: Unsummarized },
): string[] {
  const messages =
    kind === 'run' && decisions !== null ? contradictsRecord(steps, decisions, inputOf(unsummarized)) : [];
  const ends = kind === 'run' || kind === 'promotion' ? contradictsResult(steps, status) : [];
  return [
    ...messages.map((problem) => `The record and the messages contradict each other: ${problem}.`),
    ...ends.map((problem) => `The record and the end of the workflow contradict each other: ${problem}.`),
  ];
}

/** The first argument of the run, if it is an object. */
function inputOf({ configuration: { input } }: Unsummarized): object | null {
  const [first] = input;
  return typeof first === 'object' ? first : null;
}

function withKnown(histories: RunHistories, decisions: readonly Decision[]): ReportedDecision[] {
  const known = knownAt(
    histories,
    decisions.map(({ at }) => at),
  );
  return decisions.map((one, index) => ({ ...one, known: known[index] ?? null }));
}

function assertReportable({ workflowId, chain }: RunHistories): void {
  const type = typeOf(chain[0] ?? { events: [] });
  if (!(Object.values(WORKFLOW_TYPES) as string[]).includes(type))
    throw new Error(
      `${workflowId} is a workflow of the type ${type}; a report is of ${Object.values(WORKFLOW_TYPES).join(', ')}`,
    );
}

function failureOf(event: HistoryEvent): Report['failure'] {
  const failed = attributesOf<{ failure: HistoryFailure }>(event, 'workflowExecutionFailed');
  if (failed === undefined) return null;
  const { message = '', applicationFailureInfo } = failed.failure ?? {};
  return { type: applicationFailureInfo?.type ?? '', message };
}

const rowsOfMember = ({ configuration: { pair }, workflowId, sequences }: Report) =>
  sequences.map((row) => ({ ...row, pair: pair ?? workflowId }));

const adviceOfMember = ({ configuration: { pair }, workflowId, advice }: Report) =>
  advice.map((one) => ({ ...one, pair: pair ?? workflowId }));

function proofIn({
  kind,
  status,
}: FinalStatus): Omit<
  Proof,
  'rounds' | 'positions' | 'lastRecheck' | 'recordDigest' | 'histories' | 'missing'
> {
  const none = {
    ...{ checklist: [], primaryReadAt: null, verifiedAt: null, minimumHeadroom: null },
    ...{ certificate: null, steps: [], handoff: null },
  };
  if (status === null) return none;
  switch (kind) {
    case 'run': {
      const { checklist, primaryReadAt, verifiedAt, minimumHeadroom, handoff } = status;
      const to = handoff && {
        ...{ workflowType: handoff.workflowType, workflowId: handoff.workflowId, runId: handoff.runId },
      };
      return { ...none, checklist, primaryReadAt, verifiedAt, minimumHeadroom, handoff: to };
    }
    case 'fleet':
      return { ...none, minimumHeadroom: status.minimumHeadroom };
    case 'promotion': {
      const { certificate, steps } = status;
      return { ...none, certificate, steps, minimumHeadroom: certificate?.minimumHeadroom ?? null };
    }
    case 'promotion-fleet': {
      const { certificate } = status;
      return { ...none, ...(certificate === null ? {} : { fleetCertificate: certificate }) };
    }
  }
}
