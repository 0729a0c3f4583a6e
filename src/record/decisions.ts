import { personName } from '../contract/messages.js';
import { INTERNAL_SIGNALS } from '../contract/names.js';
import type { Refusal } from '../contract/gate.js';
import { byTime, sortable } from './event-time.js';
import { attributesOf, type HistoryEvent } from './history-json.js';
import { messagesOf, principalOf, type RecordedMessage } from './messages.js';
import type { WorkflowHistory } from './source.js';
import type { HistoryFailure } from './steps.js';

/** A message that somebody sent to a run, and what became of it. Temporal records no update that a run refuses as malformed. */
export interface Decision extends Omit<RecordedMessage, 'via' | 'argument' | 'eventId' | 'runId'> {
  /** `record` for a refusal that only the final status has. */
  via: RecordedMessage['via'] | 'cancel' | 'terminate' | 'record';
  /** Such as `approve`, `reject` or `resynchronize`; for another message its name. */
  decision: string;
  reason: string | null;
  /** The blocks that it accepts by name. */
  accept: string[];
  ignoreRows: string[];
  raisePastRows: string[];
  /** The pairs of a fleet that it is for; null for all of them, or for a run. */
  pairs: string[] | null;
  /** `unknown` if the history does not tell: the run is open, was terminated, or kept only its last 50 refusals. */
  effect: 'accepted' | 'refused' | 'unknown';
  /** Why it was refused; null otherwise. */
  refusal: string | null;
}

/** The last refusals that a run keeps, and how many there were in all. */
export interface Refusals {
  refused: readonly Refusal[];
  refusedCount: number;
}

/**
 * All messages of people to a continue-as-new chain, in their order, with cancellations and a termination.
 *
 * @param refusals null if the run has no final status
 */
export function decisionsOf(chain: readonly WorkflowHistory[], refusals: Refusals | null): Decision[] {
  const answers = answersOf(chain);
  const decisions = messagesOf(chain)
    .filter(({ via, name }) => !(via === 'signal' && isInternal(name)))
    .map((message) => toDecision(message, answers));
  if (refusals !== null) matchRefusals(decisions, refusals);
  return [...decisions, ...chain.flatMap(({ events }) => events.flatMap(endingDecisions))].sort(byTime);
}

const isInternal = (name: string) => (Object.values(INTERNAL_SIGNALS) as string[]).includes(name);

function toDecision({ argument, eventId, runId, ...message }: RecordedMessage, answers: Answers): Decision {
  const fields = (typeof argument === 'object' && argument !== null ? argument : {}) as Fields;
  const answer = answers.get(`${runId}/${eventId}`);
  return {
    ...message,
    decision: text(fields['decision']) ?? message.name,
    reason: text(fields['reason']),
    ...{ accept: texts(fields['accept']), ignoreRows: texts(fields['ignoreRows']) },
    ...{ raisePastRows: texts(fields['raisePastRows']) },
    pairs: Array.isArray(fields['pairs']) ? texts(fields['pairs']) : null,
    effect: answer === undefined ? 'unknown' : answer === null ? 'accepted' : 'refused',
    refusal: answer ?? null,
  };
}

type Fields = Record<string, unknown>;

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const texts = (value: unknown) =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** Of each update by the event that accepted it: null, or the message of its failure. */
type Answers = Map<string, string | null>;

function answersOf(chain: readonly WorkflowHistory[]): Answers {
  const answers: Answers = new Map();
  for (const { runId, events } of chain) {
    for (const event of events) {
      const done = attributesOf<UpdateCompleted>(event, 'workflowExecutionUpdateCompleted');
      if (done === undefined) continue;
      const { failure } = done.outcome ?? {};
      answers.set(
        `${runId}/${done.acceptedEventId ?? ''}`,
        failure === undefined ? null : (failure.message ?? ''),
      );
    }
  }
  return answers;
}

/** A refusal has the time of the workflow task that read the message, which is never before the message. */
function matchRefusals(decisions: Decision[], { refused, refusedCount }: Refusals): void {
  const signals = decisions.filter(({ via }) => via === 'signal');
  const unmatched: Refusal[] = [];
  // Of more refusals than it keeps, a run keeps the last ones. So the last messages are matched first.
  for (const refusal of [...refused].reverse()) {
    // Temporal dates an update after the workflow has read it.
    if (decisions.some((one) => one.via === 'update' && isAnswered(one, refusal))) continue;
    const found = signals.findLast((one) => one.effect === 'unknown' && isSame(one, refusal));
    if (found === undefined) {
      unmatched.push(refusal);
      continue;
    }
    found.effect = 'refused';
    found.refusal = refusal.reason;
  }
  for (const refusal of unmatched.reverse()) decisions.push(onlyInStatus(refusal));
  if (refusedCount > refused.length) return;
  for (const one of signals) if (one.effect === 'unknown') one.effect = 'accepted';
}

const isAnswered = (one: Decision, { kind, reason }: Refusal) => one.name === kind && one.refusal === reason;

function isSame({ name, by, at }: Decision, refusal: Refusal): boolean {
  // A refusal of a message without a usable name has none.
  const sender = personName(by ?? '');
  return (
    name === refusal.kind && sender === (refusal.by ?? '') && milliseconds(at) <= milliseconds(refusal.at)
  );
}

const milliseconds = (at: string) => sortable(at).slice(0, 23);

function onlyInStatus({ at, kind, by, reason }: Refusal): Decision {
  return {
    ...{
      at,
      via: 'record',
      name: kind,
      decision: kind,
      by,
      reason: null,
      effect: 'refused',
      refusal: reason,
    },
    ...{ accept: [], ignoreRows: [], raisePastRows: [], pairs: null },
    ...{ identity: null, principal: null, isByAnother: null, sender: null },
  };
}

/** A request to cancel, or a termination: no message of the product, but somebody's decision. */
function endingDecisions(event: HistoryEvent): Decision[] {
  const cancel = attributesOf<Cancelled>(event, 'workflowExecutionCancelRequested');
  const terminated = attributesOf<Terminated>(event, 'workflowExecutionTerminated');
  if (cancel === undefined && terminated === undefined) return [];
  const via = cancel === undefined ? 'terminate' : 'cancel';
  const { identity = '' } = cancel ?? terminated ?? {};
  const reason = cancel?.cause ?? terminated?.reason ?? null;
  return [
    {
      ...{ at: event.eventTime ?? '', via, name: via, decision: via, by: null, reason },
      ...{ accept: [], ignoreRows: [], raisePastRows: [], pairs: null, effect: 'accepted', refusal: null },
      ...{ identity: identity === '' ? null : identity, principal: principalOf(event), isByAnother: null },
      sender: cancel?.externalWorkflowExecution ?? null,
    },
  ];
}

interface UpdateCompleted {
  acceptedEventId: string;
  outcome: { failure?: HistoryFailure };
}

interface Cancelled {
  cause: string;
  identity: string;
  externalWorkflowExecution: { workflowId: string; runId: string };
}

interface Terminated {
  reason: string;
  identity: string;
}
