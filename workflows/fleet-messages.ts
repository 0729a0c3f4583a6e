import {
  ApplicationFailure,
  defineQuery,
  defineUpdate,
  setDefaultSignalHandler,
  setDefaultUpdateHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type FleetMessageKind,
  parseFleetMessage,
  parseMemberReport,
  parsePairsQuery,
} from '../src/contract/fleet.js';
import type { FleetGateState, FleetStatus, PairsAnswer } from '../src/contract/fleet-status.js';
import { cut } from '../src/contract/text.js';
import type { Fleet } from './fleet.js';
import { memberSignal } from './fleet-member.js';
import type { Outbox } from './fleet-outbox.js';
import { approveSignal, rejectSignal, resynchronizeSignal } from './messages.js';

/** What the update `decide` of a fleet answers when the decision stands. */
export interface FleetDecideAnswer {
  state: FleetGateState;
  /** How many pairs the decision goes to; each pair's own gate judges it then. */
  addressed: number;
}

const fleetStatusQuery = defineQuery<FleetStatus>('status');
const pairsQuery = defineQuery<PairsAnswer, unknown[]>('pairs');
const fleetDecideUpdate = defineUpdate<FleetDecideAnswer, unknown[]>('decide');

const TEXT_KEPT = 500;

/**
 * Feeds the fleet, and puts what it decides to pass on into the outbox. As in a run, a message that is malformed,
 * premature or unknown is recorded and does nothing else.
 */
export function listenToFleet(fleet: Fleet, outbox: Outbox): void {
  const receive = (kind: FleetMessageKind, args: readonly unknown[]): { addressed: number } | string => {
    const message = parseFleetMessage(kind, args);
    if (!message.ok) return record(fleet, kind, message.by, message.message);
    const { historyLength } = workflowInfo();
    const verdict = fleet.decide(message.value, new Date().toISOString(), historyLength, outbox.size);
    if (!verdict.stands) return record(fleet, kind, message.value.by, verdict.reason);
    for (const forward of verdict.forward) outbox.put(forward);
    return verdict;
  };
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
    const report = parseMemberReport(args);
    if (report === null) return;
    for (const forward of fleet.report(report)) outbox.put(forward);
  });
  setDefaultSignalHandler((name) => {
    record(fleet, name, null, 'unknown signal; a fleet takes approve, reject and resynchronize');
  });
  setHandler(
    fleetDecideUpdate,
    (...args) => {
      const received = receive('decide', args);
      if (typeof received === 'string') throw ApplicationFailure.nonRetryable(received, 'Refused');
      return { state: fleet.gateState(), addressed: received.addressed };
    },
    {
      validator: (...args) => {
        const message = parseFleetMessage('decide', args);
        if (!message.ok) throw ApplicationFailure.nonRetryable(message.message, 'InvalidInput');
      },
    },
  );
  setDefaultUpdateHandler((name) => {
    const reason = record(fleet, name, null, 'unknown update; a fleet takes decide');
    throw ApplicationFailure.nonRetryable(`${cut(name, TEXT_KEPT)}: ${reason}`, 'InvalidInput');
  });
}

function record(fleet: Fleet, kind: string, by: string | null, reason: string): string {
  fleet.refuse({
    at: new Date().toISOString(),
    kind: cut(kind, TEXT_KEPT),
    by: by === null ? null : cut(by, TEXT_KEPT),
    reason: cut(reason, TEXT_KEPT),
  });
  return reason;
}
