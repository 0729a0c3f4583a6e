import type { NotifiedOutcomes, NotifiedPromotion } from '../../contract/notification.js';
import type { Ending } from '../../contract/status.js';
import { cut } from '../../contract/parsing/text.js';
import { plural } from '../../contract/plural.js';
import { shellQuoted } from '../../contract/shell.js';
import { harmless, LONGEST_MESSAGE } from './notification-text.js';

/** The facts that the text of a promotion's notification is made of. */
export interface PromotionNotificationFacts extends NotifiedPromotion {
  event: 'started' | 'ended';
  pair: string | null;
  ticket: string | null;
  workflowId: string;
  ending: Ending | null;
  /** How many standbys were opened, but not seen to take writes at the end. */
  doubtful: number;
}

/** One paragraph for a person who reads it in a chat. */
export function promotionNotificationText(facts: PromotionNotificationFacts): string {
  const open =
    facts.doubtful === 0
      ? 'the standby is open and takes writes'
      : 'the standby was opened, but could not be read at the end';
  return harmless(`${subject(facts)} of ${facts.pair ?? 'an unknown pair'}${described(facts, open)}`);
}

/** One paragraph about a fleet of promotions, for a person who reads it in a chat. */
export function promotionFleetNotificationText(
  facts: Omit<PromotionNotificationFacts, 'pair'> & { outcomes: NotifiedOutcomes },
): string {
  const pairs = plural(facts.outcomes.total, 'pair');
  const open =
    facts.doubtful === 0
      ? `the standbys of ${pairs} are open and take writes`
      : `the standbys of ${pairs} were opened, but ${facts.doubtful} of them could not be read at the end`;
  return harmless(`${subject(facts)} of the fleet ${facts.workflowId}${described(facts, open)}`);
}

const subject = ({ rehearsal }: Pick<PromotionNotificationFacts, 'rehearsal'>) =>
  rehearsal ? 'Rehearsal of the promotion' : 'Promotion';

function described(facts: Omit<PromotionNotificationFacts, 'pair'>, open: string): string {
  const { event, ticket, workflowId } = facts;
  const ofTicket = ticket === null ? '' : `, ${ticket}`;
  const id = shellQuoted(workflowId);
  return event === 'started'
    ? `${ofTicket}: the checks have passed, and the primary will be fenced as soon as the standby has caught up, for at most ${facts.outageBudget ?? 'the outage budget'}. To call it off before the switch: sequence-failover reject ${id} --by "$USER" --reason "…"`
    : `${ofTicket}: ${end(facts, open)}${whatToDo(facts, id)}`;
}

function end(
  { ending, rehearsal, outageMs }: Omit<PromotionNotificationFacts, 'pair'>,
  open: string,
): string {
  if (ending === null) return 'ended';
  if (ending.state !== 'completed') return `${ending.state}: ${cut(ending.message, LONGEST_MESSAGE)}`;
  const outage = outageMs === null ? 'unknown' : `${outageMs} ms`;
  return rehearsal
    ? `completed, and everything was undone; the predicted outage is ${outage}`
    : `completed; ${open}; the outage was ${outage}`;
}

/** The status has the commands that are left, and the remedy of a doubt. */
function whatToDo(
  { leftovers, doubtful, ending }: Pick<PromotionNotificationFacts, 'leftovers' | 'doubtful' | 'ending'>,
  id: string,
): string {
  const status = `sequence-failover status ${id}`;
  if (leftovers > 0)
    return `. ${plural(leftovers, 'command is', 'commands are')} left for a person to run: ${status}`;
  return doubtful > 0 && ending?.state === 'completed' ? `. To see what to do: ${status}` : '';
}
