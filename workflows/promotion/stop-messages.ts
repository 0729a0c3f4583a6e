import { setDefaultSignalHandler, setDefaultUpdateHandler, setHandler } from '@temporalio/workflow';
import { parseMessage, senderOf } from '../../src/contract/messages.js';
import type { Refusal } from '../../src/contract/gate.js';
import { decideFailure } from '../ending.js';
import { handleFloods } from '../floods.js';
import { decideUpdate, rejectSignal } from '../messages.js';
import { refusalOf } from '../refusal.js';

/** A promotion, or a fleet of promotions, as the messages of people see it. */
export interface Stoppable {
  /** For refusals, such as `a promotion`. */
  what: string;
  tooLate: string;
  isOpen: () => boolean;
  reject: (by: string, reason: string) => void;
  refuse: (refusal: Refusal) => void;
  approvals: () => number;
  /** Takes a signal of the product's own workflows. @returns false for another signal */
  receive: (name: string, args: readonly unknown[]) => boolean;
  /** Whether the rejection takes effect, if another workflow decides about it; null if it does. */
  verdict: () => Promise<boolean> | null;
}

/** Until the switch, anybody may reject. There is nothing to approve, since that was done at the gate. */
export function listenForStop(stoppable: Stoppable): void {
  const { what, tooLate } = stoppable;
  const refuse = (kind: string, by: string | null, reason: string): string => {
    stoppable.refuse(refusalOf(kind, by, reason));
    return reason;
  };
  const receive = (kind: 'reject' | 'decide', args: readonly unknown[]): string | null => {
    const message = parseMessage(kind, args);
    if (!message.ok) return refuse(kind, message.by, message.message);
    const { value } = message;
    if (value.kind !== 'reject') {
      return refuse(
        kind,
        value.by,
        `${what} takes no approval: it goes on by itself, until somebody rejects it`,
      );
    }
    if (!stoppable.isOpen()) return refuse(kind, value.by, tooLate);
    stoppable.reject(value.by, value.reason);
    return null;
  };
  const unknown = (name: string, args: readonly unknown[]) =>
    void refuse(name, senderOf(args), `unknown signal; ${what} takes reject`);
  handleFloods((name, args) => {
    if (stoppable.receive(name, args)) return;
    if (name === rejectSignal.name) receive('reject', args);
    else unknown(name, args);
  });
  setHandler(rejectSignal, (...args) => void receive('reject', args));
  setDefaultSignalHandler((name, ...args) => {
    if (!stoppable.receive(name, args)) unknown(name, args);
  });
  setHandler(decideUpdate, (...args) => {
    const refusal = receive('decide', args);
    if (refusal !== null) throw decideFailure('Refused', refusal);
    const answer = { state: 'rejected', approvals: stoppable.approvals(), required: 0 } as const;
    return (
      stoppable.verdict()?.then((stands) => {
        if (!stands) throw decideFailure('Refused', tooLate);
        return answer;
      }) ?? answer
    );
  });
  setDefaultUpdateHandler((name, ...args) => {
    const reason = refuse(name, senderOf(args), `unknown update; ${what} takes decide`);
    throw decideFailure('InvalidInput', reason);
  });
}
