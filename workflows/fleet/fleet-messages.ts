import {
  condition,
  defineQuery,
  defineUpdate,
  patched,
  setDefaultSignalHandler,
  setDefaultUpdateHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { parseMemberReport, parsePairsQuery } from '../../src/contract/fleet-reports.js';
import {
  type FleetMessage,
  type FleetMessageKind,
  parseFleetMessage,
} from '../../src/contract/fleet-messages.js';
import type { FleetDecideAnswer, FleetStatus, PairsAnswer } from '../../src/contract/fleet-status.js';
import { QUERIES, UPDATES } from '../../src/contract/names.js';
import { senderOf } from '../../src/contract/messages.js';
import { cut } from '../../src/contract/parsing/text.js';
import { decideFailure } from '../ending.js';
import { EndOfTask } from '../end-of-task.js';
import type { Fleet } from './fleet.js';
import type { FleetRules, FleetVerdict } from './fleet-decisions.js';
import { handleFloods } from '../floods.js';
import { MessageBudget } from '../message-budget.js';
import { memberSignal } from '../failover/fleet-member.js';
import type { FleetNotifications } from './fleet-notifications.js';
import type { Outbox } from './fleet-outbox.js';
import { REFUSAL_TEXT_KEPT, refusalOf } from '../refusal.js';
import { decidesRows } from '../rows-decision.js';
import { approveSignal, rejectSignal, resynchronizeSignal } from '../messages.js';

const fleetStatusQuery = defineQuery<FleetStatus>(QUERIES.status);
const pairsQuery = defineQuery<PairsAnswer, unknown[]>(QUERIES.pairs);
const fleetDecideUpdate = defineUpdate<FleetDecideAnswer, unknown[]>(UPDATES.decide);

const REFUSALS_ANSWERED = 200;

/**
 * Handles the messages to a fleet, and puts decisions for pairs into the outbox. As in a run, a message that is malformed, premature or
 * unknown is recorded and has no other effect.
 */
export function listenToFleet(fleet: Fleet, outbox: Outbox, notifications: FleetNotifications): void {
  const budget = new MessageBudget();
  const renewed = new EndOfTask(() => {
    budget.renew();
  });
  const receive = (kind: FleetMessageKind, args: readonly unknown[]): AcceptedDecision | string => {
    renewed.ask();
    // If every signal of this kind would be refused now, its content is not read: thousands may come at once.
    const unread = kind === 'decide' ? null : (fleet.shutFor(kind) ?? budget.spendOnFleet(kind, args));
    if (unread !== null) return record(fleet, kind, senderOf(args), unread);
    const message = parseFleetMessage(kind, args);
    if (!message.ok) return record(fleet, kind, message.by, message.message);
    // Earlier versions treated such a signal as malformed.
    if (decidesRows(message.value) && !patched('fleet-rows'))
      return record(fleet, kind, message.value.by, 'found an unknown field: ignoreRows or raisePastRows');
    const { historyLength } = workflowInfo();
    const at = new Date().toISOString();
    const verdict = fleet.decide(message.value, at, historyLength, outbox.size, rulesFor(message.value.kind));
    if (!verdict.stands) return record(fleet, kind, message.value.by, verdict.reason);
    for (const forward of verdict.forward) outbox.put(forward);
    return verdict;
  };
  const report = (args: readonly unknown[]) => {
    if (!fleet.awaits(args)) return;
    const told = parseMemberReport(args);
    if (told === null) return;
    for (const forward of fleet.report(told)) outbox.put(forward);
    notifications.heard(told.notifies === true);
    notifications.changed();
  };
  const unknown = (name: string) => {
    record(fleet, name, null, 'unknown signal; a fleet takes approve, reject and resynchronize');
  };
  handleFloods((name, args) => {
    if (name === memberSignal.name) report(args);
    else if (name === 'approve' || name === 'reject' || name === 'resynchronize') receive(name, args);
    else unknown(name);
  });
  setHandler(fleetStatusQuery, () => fleet.status());
  setHandler(pairsQuery, (...args) => {
    const query = parsePairsQuery(args);
    if (!query.ok) throw new Error(query.message);
    return fleet.rows(query.value);
  });
  setHandler(approveSignal, (...args) => void receive('approve', args));
  setHandler(rejectSignal, (...args) => void receive('reject', args));
  setHandler(resynchronizeSignal, (...args) => void receive('resynchronize', args));
  setHandler(memberSignal, (...args) => {
    report(args);
  });
  setDefaultSignalHandler(unknown);
  setHandler(
    fleetDecideUpdate,
    (...args) => {
      const received = receive('decide', args);
      if (typeof received === 'string') throw decideFailure('Refused', received);
      return received.contested.length > 0 && patched('rejections-answered')
        ? answerWhenKnown(fleet, received)
        : answerOf(fleet, received);
    },
    {
      validator: (...args) => {
        const message = parseFleetMessage('decide', args);
        if (!message.ok) throw decideFailure('InvalidInput', message.message);
      },
    },
  );
  setDefaultUpdateHandler((name) => {
    const reason = record(fleet, name, null, 'unknown update; a fleet takes decide');
    throw decideFailure('InvalidInput', `${cut(name, REFUSAL_TEXT_KEPT)}: ${reason}`);
  });
}

/** A pair that has not answered a rejection by then counts as addressed. Its own status shows how it ended. */
const ANSWERED_WITHIN = '30 seconds';
/** The most reasons in one text. */
const REASONS_NAMED = 10;

function listReasons(reasons: readonly string[]): string {
  const more = reasons.length - REASONS_NAMED;
  return [...reasons.slice(0, REASONS_NAMED), ...(more > 0 ? [`and ${more} more pairs`] : [])].join('; ');
}

type Decided = Pick<AcceptedDecision, 'addressed' | 'refused'>;
type AcceptedDecision = Extract<FleetVerdict, { stands: true }>;

function answerOf(fleet: Fleet, { addressed, refused }: Decided): FleetDecideAnswer {
  return {
    state: fleet.gateState(),
    addressed,
    refused: refused
      .slice(0, REFUSALS_ANSWERED)
      .map(({ pair, reason }) => ({ pair, reason: cut(reason, REFUSAL_TEXT_KEPT) })),
    refusedCount: refused.length,
  };
}

/**
 * The answer to a rejection of pairs that were approved just before. Each of them takes it until its handoff begins, so the answer waits until
 * each has ended or refused.
 */
async function answerWhenKnown(
  fleet: Fleet,
  { contested, addressed, refused }: AcceptedDecision,
): Promise<FleetDecideAnswer> {
  await condition(() => fleet.unanswered(contested).length === 0, ANSWERED_WITHIN);
  const late = fleet.notRejected(contested);
  if (late.length > 0 && late.length === addressed)
    throw decideFailure('Refused', listReasons(late.map(({ reason }) => reason)));
  return answerOf(fleet, { addressed: addressed - late.length, refused: [...refused, ...late] });
}

/** A history that began before a rule existed does not follow the rule. */
function rulesFor(kind: FleetMessage['kind']): FleetRules {
  return {
    stopAtOnce: kind === 'reject' && patched('stop-at-once'),
    whole: kind === 'approve' && patched('whole-decisions'),
    requester: () => patched('requester-stands-back'),
    afterRejection: () => patched('contradicting-decisions'),
    bounded: () => patched('bounded-decisions'),
    historyBytes: workflowInfo().historySize,
  };
}

function record(fleet: Fleet, kind: string, by: string | null, reason: string): string {
  fleet.refuse(refusalOf(kind, by, reason));
  return reason;
}
