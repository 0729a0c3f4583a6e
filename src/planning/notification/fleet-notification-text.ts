import { blockText } from '../../contract/block-text.js';
import { listFirst } from '../../contract/list-first.js';
import type { FleetStatus } from '../../contract/fleet-status.js';
import type { Mode } from '../../contract/input.js';
import type { NotifiedFleetGate, RunEvent } from '../../contract/notification.js';
import type { Ending } from '../../contract/status.js';
import { cut } from '../../contract/parsing/text.js';
import { plural } from '../../contract/plural.js';
import { shellQuoted } from '../../contract/shell.js';
import { harmless, LONGEST_MESSAGE } from './notification-text.js';

/** The facts that the text of a fleet's notification is made of. */
export interface FleetNotificationFacts {
  event: RunEvent;
  mode: Mode | null;
  ticket: string | null;
  workflowId: string;
  gate: NotifiedFleetGate;
  pairs: FleetStatus['counts'];
  minimumHeadroom: FleetStatus['minimumHeadroom'];
  ending: Ending | null;
}

const PAIRS_NAMED = 3;

/** One paragraph for a person who reads it in a chat. */
export function fleetNotificationText(facts: FleetNotificationFacts): string {
  const { mode, ticket, workflowId } = facts;
  const what = mode === 'failover' || mode === null ? 'Failover' : `Run (${mode})`;
  return harmless(
    `${what} of the fleet ${workflowId}${ticket === null ? '' : `, ${ticket}`}: ${describe(facts)}`,
  );
}

function describe({
  event,
  workflowId,
  gate,
  pairs,
  minimumHeadroom: least,
  ending,
}: FleetNotificationFacts): string {
  const id = shellQuoted(workflowId);
  if (event === 'ended')
    return ending === null ? 'ended' : `${ending.state}: ${cut(ending.message, LONGEST_MESSAGE)}`;
  const waiting = `${pairs.waiting} of ${plural(pairs.total, 'pair waits', 'pairs wait')} for an approval`;
  if (event === 'gate-blocked')
    return `${waiting}; blocked: ${listBlocks(gate)}. For the remedies: sequence-failover status ${id}`;
  const headroom =
    least === null
      ? ''
      : `; the least headroom is ${least.calls} calls of nextval (${least.sequence} of ${least.pair})`;
  const ended = pairs.done === 0 ? '' : `, ${plural(pairs.done, 'has', 'have')} ended`;
  return `${waiting}${ended}${headroom}. To approve: sequence-failover approve ${id} --by "$USER"`;
}

function listBlocks({ blockedBy, blockedCount }: NotifiedFleetGate): string {
  const blocks = blockedBy.map((block) => `${block.pair} by ${blockText(block)}`);
  return listFirst(blocks, PAIRS_NAMED, blockedCount);
}
