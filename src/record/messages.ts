import { isSamePerson } from '../contract/parsing/text.js';
import { attributesOf, type EncodedPayload, readablePayload, type HistoryEvent } from './history-json.js';
import type { WorkflowHistory } from './source.js';

/** A caller as the Temporal server authenticated it. */
export interface Principal {
  /** Such as `jwt` or `users`. */
  type: string;
  /** Such as the subject of a token, or an e-mail address. */
  name: string;
}

/** A message to a run, as the server received it; also one that had no effect. */
export interface RecordedMessage {
  /** ISO 8601, in UTC. */
  at: string;
  via: 'signal' | 'update';
  /** The name of the signal or of the update, such as `approve`. */
  name: string;
  /** The sender's name in the message, which nobody has authenticated; null if the message has none. */
  by: string | null;
  /** The argument; null if it cannot be read. */
  argument: unknown;
  /** The identity that the client gave, such as `4711@laptop`, which nobody has authenticated; null if it gave none. */
  identity: string | null;
  /**
   * Of a signal whose event has one: Temporal servers from 1.32 on, with `frontend.enablePrincipalPropagation` and an authorizer. Null otherwise.
   * The events of an update have the principal of the worker that handled it, which says nothing of the sender.
   */
  principal: Principal | null;
  /** True if the principal is another than `by`; null if there is nothing to compare, as in a message from a fleet. */
  isByAnother: boolean | null;
  /** The workflow that sent it, such as a fleet; null for a client. */
  sender: { workflowId: string; runId: string } | null;
  runId: string;
  eventId: string;
}

/** All signals and accepted updates of a continue-as-new chain, in the order in which they came. */
export function messagesOf(chain: readonly WorkflowHistory[]): RecordedMessage[] {
  return chain.flatMap(({ runId, events }) =>
    events.flatMap((event) => {
      const received = signalIn(event) ?? updateIn(event);
      return received === null ? [] : [describe(received, runId, event)];
    }),
  );
}

interface Received {
  via: RecordedMessage['via'];
  name: string;
  argument: unknown;
  identity: string | undefined;
  sender: RecordedMessage['sender'];
}

interface Signaled {
  signalName: string;
  input: Payloads;
  identity: string;
  externalWorkflowExecution: { workflowId: string; runId: string };
}

interface Accepted {
  acceptedRequest: { meta?: { identity?: string }; input?: { name?: string; args?: Payloads } };
}

interface Payloads {
  payloads?: EncodedPayload[];
}

function signalIn(event: HistoryEvent): Received | null {
  const signal = attributesOf<Signaled>(event, 'workflowExecutionSignaled');
  if (signal === undefined) return null;
  return {
    ...{ via: 'signal', name: signal.signalName ?? '', argument: readablePayload(signal.input) },
    ...{ identity: signal.identity, sender: signal.externalWorkflowExecution ?? null },
  };
}

function updateIn(event: HistoryEvent): Received | null {
  const update = attributesOf<Accepted>(event, 'workflowExecutionUpdateAccepted');
  if (update === undefined) return null;
  const { meta, input } = update.acceptedRequest ?? {};
  return {
    ...{ via: 'update', name: input?.name ?? '', argument: readablePayload(input?.args) },
    ...{ identity: meta?.identity, sender: null },
  };
}

function describe(
  { via, name, argument, identity = '', sender }: Received,
  runId: string,
  event: HistoryEvent,
): RecordedMessage {
  const said = (argument as { by?: unknown } | null)?.by;
  const by = typeof said === 'string' ? said : null;
  const principal = via === 'signal' ? principalOf(event) : null;
  return {
    ...{ at: event.eventTime ?? '', via, name, by, argument },
    ...{ identity: identity === '' ? null : identity, principal },
    isByAnother: by === null || principal === null || sender !== null ? null : !isCalled(principal, by),
    ...{ sender, runId, eventId: event.eventId },
  };
}

/** The caller of an event as the server authenticated it; null if the event has none. */
export function principalOf({ principal }: HistoryEvent): Principal | null {
  const { type = '', name = '' } = principal ?? {};
  return name === '' ? null : { type, name };
}

/** Whether `by` is the principal's name, or what stands in it before the `@` of an e-mail address. */
function isCalled({ name }: Principal, by: string): boolean {
  const [local = ''] = name.split('@');
  return isSamePerson(by.trim(), name) || (local !== '' && isSamePerson(by.trim(), local));
}
