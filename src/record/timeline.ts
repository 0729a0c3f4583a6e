import { INTERNAL_WORKFLOW_TYPES, WORKFLOW_TYPES } from '../contract/names.js';
import type { Decision } from './decisions.js';
import { byTime } from './event-time.js';
import { attributesOf, type HistoryEvent } from './history-json.js';
import { type RunHistories, typeOf } from './read-run.js';
import type { WorkflowHistory } from './source.js';
import { type HistoryFailure, messageOf, type Step, type StepEnd, stepsOf } from './steps.js';
import { phaseOfPromotion, phasesOf } from './step-phases.js';

/** Something that happened in a run. Steps of one kind that follow each other are one entry. */
export interface TimelineEntry {
  /** ISO 8601, in UTC. */
  at: string;
  until: string | null;
  /** The phase of the run that it belongs to; empty for what is of none. */
  phase: string;
  kind: 'step' | 'event' | 'message';
  what: string;
  /** How many steps the entry stands for. */
  count: number;
  /** The most attempts that one of the steps took; 0 for what is no step. */
  attempts: number;
  /** Why an attempt failed, or a message was refused; null otherwise. */
  failure: string | null;
}

/** The timeline of a run, with the messages that it received. */
export function timelineOf(
  { chain, pages }: Pick<RunHistories, 'chain' | 'pages'>,
  decisions: readonly Decision[],
): TimelineEntry[] {
  const entries = [
    ...chain.flatMap((history, index) => [
      ...stepEntries(stepsOf(history), typeOf(history)),
      ...history.events.flatMap((event) => eventEntries(event, index, typeOf(history))),
    ]),
    ...pages.map(pageEntry),
    ...decisions.map(messageEntry),
  ];
  return foldEntries(entries.sort(byTime));
}

interface Entry extends TimelineEntry {
  /** Entries with the same fold that follow each other become one; null for never. */
  fold: string | null;
}

/** What a step did, as Temporal's UI shows it, without what it did it to: a page has many steps of one kind. */
function wordsOf({ activity, summary }: Step): string {
  return stepsInWords[activity] ?? (summary === '' ? activity : summary);
}

function stepEntries(steps: readonly Step[], workflowType: string): Entry[] {
  const activities = steps.map(({ activity }) => activity);
  const phases =
    workflowType === WORKFLOW_TYPES.promotion ? activities.map(phaseOfPromotion) : phasesOf(activities);
  return steps.map((step, at) => stepEntry(step, phases[at] ?? ''));
}

function stepEntry(step: Step, phase: string): Entry {
  const isQuiet = step.end === 'completed' && step.attempts <= 1;
  return {
    ...{ at: step.scheduledAt, until: step.endedAt, phase, kind: 'step', count: 1, attempts: step.attempts },
    what: `${step.summary === '' ? step.activity : step.summary}${step.end === 'completed' ? '' : ` (${endText(step.end)})`}`,
    failure: step.failure,
    fold: !isQuiet ? null : phase === 'awaiting-approval' ? 'rechecks' : step.activity,
  };
}

function pageEntry(page: WorkflowHistory): Entry {
  const steps = stepsOf(page);
  const done = [...new Set(steps.map(wordsOf))].join(', ');
  return {
    ...{ at: page.events[0]?.eventTime ?? '', until: page.events.at(-1)?.eventTime ?? null },
    ...{ phase: 'synchronizing', kind: 'step', what: `page ${page.workflowId}: ${done}`, count: 1 },
    attempts: Math.max(0, ...steps.map(({ attempts }) => attempts)),
    failure: steps.find(({ failure }) => failure !== null)?.failure ?? null,
    fold: null,
  };
}

function messageEntry({ at, decision, by, effect, refusal }: Decision): Entry {
  const from = by === null ? '' : ` by ${by}`;
  return {
    ...{ at, until: null, phase: '', kind: 'message', count: 1, attempts: 0, fold: null },
    what: `${decision}${from}: ${effect === 'unknown' ? 'its effect is not known' : effect}`,
    failure: refusal,
  };
}

function eventEntries(event: HistoryEvent, position: number, workflowType: string): Entry[] {
  const entry = (phase: string, what: string, failure: string | null = null, fold: string | null = null) => [
    {
      ...{ at: event.eventTime ?? '', until: null, phase, kind: 'event' as const },
      ...{ what, count: 1, attempts: 0, failure, fold },
    },
  ];
  if (attributesOf(event, 'workflowExecutionStarted') !== undefined)
    return position === 0 ? entry('', 'the workflow started') : [];
  if (attributesOf(event, 'workflowExecutionContinuedAsNew') !== undefined)
    return entry('', 'the workflow continued as new, with a history of its own');
  const child = childInWords(event, workflowType);
  if (child !== null) return entry(child.phase, child.what, child.failure);
  const task = attributesOf<Failed>(event, 'workflowTaskFailed');
  if (task !== undefined) {
    // No failure: an event came while the worker ended the run, so that Temporal has it decide once more.
    if (task.cause === 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND') return [];
    const what = 'a worker could not advance the workflow; Temporal tries again';
    return entry('', what, task.failure?.message ?? '', 'workflow task');
  }
  const ended = endOf(event);
  return ended === null ? [] : entry('done', `the workflow ended: ${endText(ended)}`);
}

/** How a workflow was closed. */
export type WorkflowEnd = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out';

const closing = [
  ['workflowExecutionCompleted', 'completed'],
  ['workflowExecutionFailed', 'failed'],
  ['workflowExecutionCanceled', 'cancelled'],
  ['workflowExecutionTerminated', 'terminated'],
  ['workflowExecutionTimedOut', 'timed-out'],
] as const satisfies [string, WorkflowEnd][];

/** In words, for people. */
export function endText(end: WorkflowEnd | StepEnd): string {
  return end === 'timed-out' ? 'timed out' : end;
}

/** How an event closed the workflow; null for another event. */
export function endOf(event: HistoryEvent): WorkflowEnd | null {
  for (const [type, end] of closing) if (attributesOf(event, type) !== undefined) return end;
  return null;
}

const stepsInWords: Readonly<Record<string, string>> = { applyTargets: 'set sequences on the standby' };

const foldedText: Readonly<Record<string, string>> = { rechecks: 'rechecks while waiting', ...stepsInWords };

function foldEntries(entries: readonly Entry[]): TimelineEntry[] {
  const result: Entry[] = [];
  for (const entry of entries) {
    const last = result.at(-1);
    if (last === undefined || entry.fold === null || last.fold !== entry.fold) {
      result.push({ ...entry });
      continue;
    }
    last.count += 1;
    last.until = entry.until ?? entry.at;
    last.attempts = Math.max(last.attempts, entry.attempts);
    last.failure ??= entry.failure;
  }
  return result.map(({ fold, ...entry }) => ({
    ...entry,
    what: entry.count === 1 ? entry.what : (foldedText[fold ?? ''] ?? entry.what),
  }));
}

/** What Temporal says of a workflow that this one has started. */
const childEvents = [
  ['childWorkflowExecutionStarted', null],
  ['childWorkflowExecutionCompleted', 'completed'],
  ['childWorkflowExecutionFailed', 'failed'],
  ['childWorkflowExecutionCanceled', 'cancelled'],
  ['childWorkflowExecutionTerminated', 'terminated'],
  ['childWorkflowExecutionTimedOut', 'timed-out'],
] as const satisfies [string, WorkflowEnd | null][];

/** The start or the end of a workflow of an operator, or the start of a member; null for any other event. */
function childInWords(
  event: HistoryEvent,
  workflowType: string,
): Pick<Entry, 'phase' | 'what' | 'failure'> | null {
  for (const [name, end] of childEvents) {
    const child = attributesOf<Child>(event, name);
    if (child === undefined) continue;
    const type = child.workflowType?.name ?? '';
    if ((Object.values(INTERNAL_WORKFLOW_TYPES) as string[]).includes(type)) return null;
    const isPromotionOfFleet =
      workflowType === WORKFLOW_TYPES.promotionFleet && type === WORKFLOW_TYPES.promotion;
    const isMember = type === WORKFLOW_TYPES.run || isPromotionOfFleet;
    const named = `the workflow ${type} ${child.workflowExecution?.workflowId ?? ''}`;
    if (end === null)
      return { phase: isMember ? 'preparing' : 'handing-off', what: `started ${named}`, failure: null };
    // How a member ended is in its own report.
    if (isMember) return null;
    return { phase: 'handing-off', what: `${named} ${endText(end)}`, failure: messageOf(child.failure) };
  }
  return null;
}

interface Child {
  failure?: HistoryFailure;
  workflowType: { name?: string };
  workflowExecution: { workflowId?: string };
}

interface Failed {
  failure: HistoryFailure;
  cause?: string;
}
