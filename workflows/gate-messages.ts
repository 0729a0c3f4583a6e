import {
  ApplicationFailure,
  setDefaultSignalHandler,
  setDefaultUpdateHandler,
  setHandler,
} from '@temporalio/workflow';
import { type Message, type MessageKind, parseMessage } from '../src/contract/messages.js';
import { cut } from '../src/contract/text.js';
import type { Verdict } from './approval-gate.js';
import {
  approveSignal,
  type DecideAnswer,
  decideUpdate,
  rejectSignal,
  resynchronizeSignal,
} from './messages.js';
import type { Run } from './run.js';

/** As much of a refused message as the record keeps, in characters. */
const TEXT_KEPT = 500;

/**
 * Feeds the gate. A message that is malformed, premature or unknown is recorded and does nothing else: no
 * handler throws, except to answer the sender of an update.
 */
export function listen(run: Run): void {
  setHandler(approveSignal, (...args) => void receive(run, 'approve', args));
  setHandler(rejectSignal, (...args) => void receive(run, 'reject', args));
  setHandler(resynchronizeSignal, (...args) => void receive(run, 'resynchronize', args));
  setDefaultSignalHandler((name) => {
    record(run, name, null, 'unknown signal; this workflow takes approve, reject and resynchronize');
  });
  setHandler(decideUpdate, (...args) => decide(run, args), {
    validator: (...args) => {
      const message = parseMessage('decide', args);
      if (!message.ok) throw ApplicationFailure.nonRetryable(message.message, 'InvalidInput');
    },
  });
  setDefaultUpdateHandler((name) => {
    const reason = 'unknown update; this workflow takes decide';
    record(run, name, null, reason);
    throw ApplicationFailure.nonRetryable(`${cut(name, TEXT_KEPT)}: ${reason}`, 'InvalidInput');
  });
}

function decide(run: Run, args: readonly unknown[]): DecideAnswer {
  const refusal = receive(run, 'decide', args);
  if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'Refused');
  const { state, approvals, required } = run.gate.view();
  return { state, approvals: approvals.length, required };
}

/** @returns why the message had no effect, or null when it stands */
function receive(run: Run, kind: MessageKind, args: readonly unknown[]): string | null {
  const message = parseMessage(kind, args);
  if (!message.ok) return record(run, kind, message.by, message.message);
  if (!run.gated)
    return record(run, kind, message.value.by, 'only a run in the mode failover waits for an approval');
  const verdict = judge(run, message.value);
  if (!verdict.stands) return record(run, kind, message.value.by, verdict.reason);
  run.onChange();
  return null;
}

function judge(run: Run, message: Message): Verdict {
  switch (message.kind) {
    case 'approve':
      return run.gate.approve({
        by: message.by,
        at: new Date().toISOString(),
        reason: message.reason,
        accept: message.accept,
      });
    case 'reject':
      return run.gate.reject(message.by, message.reason);
    case 'resynchronize':
      return run.gate.resynchronize(message.by);
  }
}

function record(run: Run, kind: string, by: string | null, reason: string): string {
  run.refuse({
    at: new Date().toISOString(),
    kind: cut(kind, TEXT_KEPT),
    by: by === null ? null : cut(by, TEXT_KEPT),
    reason: cut(reason, TEXT_KEPT),
  });
  return reason;
}
