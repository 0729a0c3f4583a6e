import { patched, setDefaultSignalHandler, setDefaultUpdateHandler, setHandler } from '@temporalio/workflow';
import { cutJson } from '../../src/contract/parsing/json-size.js';
import {
  type Message,
  type MessageKind,
  parseMessage,
  type RowsNames,
  senderOf,
} from '../../src/contract/messages.js';
import type { Approval } from '../../src/contract/gate.js';
import { cut, isSamePerson } from '../../src/contract/parsing/text.js';
import type { Verdict } from './approval-gate.js';
import { decideFailure } from '../ending.js';
import { EndOfTask } from '../end-of-task.js';
import { handleFloods } from '../floods.js';
import { isFleetMember } from './fleet-member.js';
import { MessageBudget } from '../message-budget.js';
import { REFUSAL_TEXT_KEPT, refusalOf, refusedBecause } from '../refusal.js';
import { decidesRows } from '../rows-decision.js';
import { approveSignal, decideUpdate, rejectSignal, resynchronizeSignal } from '../messages.js';
import type { DecideAnswer } from '../../src/contract/gate.js';
import type { Run } from './run.js';

/** The largest size of each text of a refused message in bytes of JSON. The record has up to fifty messages with three such texts each. */
const BYTES_KEPT = 1_000;

/**
 * Passes messages to the gate. A malformed, premature or unknown message is only recorded. No handler throws, except to answer the sender of
 * an update.
 */
export function listen(run: Run): void {
  const budget = new MessageBudget();
  const told = new EndOfTask(() => {
    budget.renew();
    run.changed();
  });
  const inbox: Inbox = {
    run,
    budget,
    changed: () => {
      // Earlier versions told the fleet of each message by itself.
      if (isFleetMember() && !patched('tell-once')) run.changed();
      else told.ask();
    },
  };
  const unknown = (name: string) => {
    record(inbox, name, null, 'unknown signal; this workflow takes approve, reject and resynchronize');
  };
  handleFloods((name, args) => {
    if (isSignal(name)) receive(inbox, name, args);
    else unknown(name);
  });
  setHandler(approveSignal, (...args) => void receive(inbox, 'approve', args));
  setHandler(rejectSignal, (...args) => void receive(inbox, 'reject', args));
  setHandler(resynchronizeSignal, (...args) => void receive(inbox, 'resynchronize', args));
  setDefaultSignalHandler(unknown);
  setHandler(decideUpdate, (...args) => decide(inbox, args), {
    validator: (...args) => {
      const message = parseMessage('decide', args);
      if (!message.ok) throw decideFailure('InvalidInput', message.message);
    },
  });
  setDefaultUpdateHandler((name) => {
    const reason = 'unknown update; this workflow takes decide';
    record(inbox, name, null, reason);
    throw decideFailure('InvalidInput', `${cut(name, REFUSAL_TEXT_KEPT)}: ${reason}`);
  });
}

function isSignal(name: string): name is Exclude<MessageKind, 'decide'> {
  return name === 'approve' || name === 'reject' || name === 'resynchronize';
}

interface Inbox {
  run: Run;
  budget: MessageBudget;
  /** Notifies the observers, once for all messages of a workflow task. */
  changed: () => void;
}

function decide(inbox: Inbox, args: readonly unknown[]): DecideAnswer {
  const refusal = receive(inbox, 'decide', args);
  if (refusal !== null) throw decideFailure('Refused', refusal);
  const { state, approvals, required, heldUntil } = inbox.run.gate.view();
  return { state, approvals: approvals.length, required, ...(heldUntil === undefined ? {} : { heldUntil }) };
}

/** @returns why the message had no effect; null if it took effect */
function receive(inbox: Inbox, kind: MessageKind, args: readonly unknown[]): string | null {
  const { run, budget } = inbox;
  // A signal that the state of the gate refuses is not read: thousands may come at once.
  const unread =
    kind === 'decide' || !run.gated ? null : (run.gate.shutFor(kind) ?? overBudget(run, budget, args));
  if (unread !== null) return record(inbox, kind, senderOf(args), unread);
  const message = parseMessage(kind, args);
  if (!message.ok) return record(inbox, kind, message.by, message.message);
  if (!run.gated)
    return record(inbox, kind, message.value.by, 'only a run in the mode failover waits for an approval');
  const verdict = judge(run, message.value);
  if (!verdict.stands) return record(inbox, kind, message.value.by, verdict.reason);
  inbox.changed();
  return null;
}

function overBudget(run: Run, budget: MessageBudget, args: readonly unknown[]): string | null {
  const reason = budget.spend(args);
  return reason !== null && isBounded(run) ? reason : null;
}

/**
 * Release 0.1.0 took lists of names of any length. What such a run has approved stays approved when its history is replayed; a
 * run that knows the warnings at its gate is of a later version, which had these bounds from the start.
 */
function isBounded(run: Run): boolean {
  return run.gate.hasNotedWarnings || patched('bounded-names');
}

function judge(run: Run, message: Message): Verdict {
  const barred = barOf(run, message);
  if (barred !== null) return refusedBecause(barred);
  switch (message.kind) {
    case 'approve': {
      const { by, reason, accept } = message;
      const approval: Approval = { by, at: new Date().toISOString(), reason, accept, ...asSaid(message) };
      const bounded = !run.gate.isTooLong(approval) || isBounded(run);
      return run.gate.approve(approval, { isSame: comparisonFor(run, by), bounded });
    }
    case 'reject':
      return reject(run, message.by, message.reason);
    case 'resynchronize':
      return run.gate.resynchronize(message.by, message);
  }
}

/**
 * Why the sender may not decide. Anybody may stop a run, and have it work through its sequences once more; what rows mean is for approvers.
 * Earlier versions let the requester approve.
 */
function barOf(run: Run, message: Message): string | null {
  if (message.kind === 'reject') return null;
  if (message.kind === 'resynchronize' && !decidesRows(message)) return null;
  const shut = run.gate.shutFor(message.kind);
  if (shut !== null) return shut;
  const bar = run.approvers.barOf(message.by);
  if (bar === null) return null;
  return bar.isStated || patched('requester-stands-back') ? bar.reason : null;
}

function asSaid({ ignoreRows, raisePastRows }: RowsNames): Pick<Approval, 'ignoreRows' | 'raisePastRows'> {
  return {
    ...(ignoreRows === undefined ? {} : { ignoreRows }),
    ...(raisePastRows === undefined ? {} : { raisePastRows }),
  };
}

/** Earlier versions counted names that differ in case as two people. */
function comparisonFor(run: Run, by: string): typeof isSamePerson {
  const differs = run.gate.memory.approvals.some((one) => one.by !== by && isSamePerson(one.by, by));
  return differs && !patched('names-without-case') ? (a, b) => a === b : isSamePerson;
}

function reject(run: Run, by: string, reason: string): Verdict {
  const shut = run.gate.shutFor('reject');
  if (shut !== null) return { stands: false, reason: shut };
  const always = patched('stop-at-once');
  const verdict = run.gate.reject(by, reason, always);
  if (verdict.stands && always) run.rejected();
  return verdict;
}

function record(inbox: Inbox, kind: string, by: string | null, reason: string): string {
  const refusal = refusalOf(kind, by, reason);
  inbox.run.refuse({
    at: refusal.at,
    kind: cutJson(refusal.kind, BYTES_KEPT),
    by: refusal.by === null ? null : cutJson(refusal.by, BYTES_KEPT),
    reason: cutJson(refusal.reason, BYTES_KEPT),
  });
  inbox.changed();
  return reason;
}
