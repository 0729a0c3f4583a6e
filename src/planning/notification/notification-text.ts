import { blockText } from '../../contract/block-text.js';
import { listFirst } from '../../contract/list-first.js';
import type { Mode } from '../../contract/input.js';
import type { NotifiedGate, RunEvent } from '../../contract/notification.js';
import type { Counts, Ending, HandoffTarget, Headroom } from '../../contract/status.js';
import { cut } from '../../contract/parsing/text.js';
import { plural } from '../../contract/plural.js';
import { shellQuoted } from '../../contract/shell.js';

/** The facts that a notification's text is made of. */
export interface NotificationFacts {
  event: RunEvent;
  pair: string | null;
  mode: Mode | null;
  ticket: string | null;
  workflowId: string;
  gate: NotifiedGate | null;
  counts: Counts;
  minimumHeadroom: Headroom | null;
  handoff: HandoffTarget | null;
  toppedUp: number;
  ending: Ending | null;
}

const BLOCKS_IN_TEXT = 3;
/** Characters. */
export const LONGEST_MESSAGE = 1_500;

/** One paragraph for a person who reads it in a chat. */
export function notificationText(facts: NotificationFacts): string {
  const { pair, mode, ticket } = facts;
  const what = mode === 'failover' || mode === null ? 'Failover' : `Run (${mode})`;
  const subject = `${what} of ${pair ?? 'an unknown pair'}${ticket === null ? '' : `, ${ticket}`}`;
  return harmless(`${subject}: ${describe(facts)}`);
}

function describe(facts: NotificationFacts): string {
  const { event, gate, counts, toppedUp, ending } = facts;
  const id = shellQuoted(facts.workflowId);
  const approvals = gate === null ? '' : `${gate.approvals} of ${gate.required} approvals`;
  const deadline = gate?.deadline ?? 'the deadline';
  switch (event) {
    case 'gate-opened':
      return `the gate is open until ${deadline}. ${counts.applied + counts.kept} of ${counts.total} sequences are ahead${headroom(facts, ', by at least')}. ${approvals}; to approve: sequence-failover approve ${id} --by "$USER"`;
    case 'gate-blocked':
      return `the gate is blocked by ${listBlocks(gate)}. For the remedies: sequence-failover status ${id}`;
    case 'topped-up':
      return `${plural(toppedUp, 'sequence was', 'sequences were')} topped up while the gate is ${gate?.state ?? 'open'}${headroom(facts, '; the least headroom is now')}`;
    case 'timing-out':
      return `the run ends as ApprovalTimedOut at ${deadline}, with ${approvals} so far. To approve: sequence-failover approve ${id} --by "$USER"`;
    case 'ended':
      return end(facts, ending);
  }
}

function end({ handoff, workflowId }: NotificationFacts, ending: Ending | null): string {
  if (ending === null) return 'ended';
  const { state, message } = ending;
  // A run without a handoff has the outcome `handed-off` too.
  if (state === 'completed' && message === 'handed-off')
    return handoff === null
      ? `completed: approved and verified. It started no promotion; for the next step: sequence-failover status ${shellQuoted(workflowId)}`
      : `completed; handed off to ${handoff.workflowType} (${handoff.workflowId})`;
  return `${state}: ${cut(message, LONGEST_MESSAGE)}`;
}

function headroom({ minimumHeadroom }: NotificationFacts, before: string): string {
  if (minimumHeadroom === null) return '';
  const { calls, sequence } = minimumHeadroom;
  return `${before} ${calls} calls of nextval (${sequence})`;
}

function listBlocks(gate: NotifiedGate | null): string {
  if (gate === null) return 'a finding';
  return listFirst(gate.blockedBy.map(blockText), BLOCKS_IN_TEXT, gate.blockedCount);
}

/**
 * Names can contain any character. In a chat, no name may notify everybody (`@here`, `<!channel>`), look like a link, or break the line. The
 * other fields of a notification hold the names unchanged.
 */
export function harmless(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replace(/@(?=(?:here|channel|all|everyone)\b)/giu, '＠');
}
