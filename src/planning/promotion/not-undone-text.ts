import { cut, withoutEnd } from '../../contract/parsing/text.js';
import { shellQuoted } from '../../contract/shell.js';
import type { PromotionChange } from '../../contract/promotion.js';
import type { SideOfPair } from '../../contract/side.js';

/** The longest list of statements in a message, and the longest reason, in characters. */
const LONGEST = { statements: 2_400, reason: 300, cause: 600 };

export interface NotUndone {
  workflowId: string;
  /** The database of the pair on each side. */
  databases: Record<SideOfPair, string>;
  changes: readonly PromotionChange[];
  /** Why the promotion ended, and what it has undone. */
  cause: string;
}

/** What a promotion could not undo, why, and how a person does it. */
export function notUndoneText(facts: NotUndone): string {
  const { changes, cause } = facts;
  const reasons = [...new Set(changes.map(reasonOf))].map((reason) => {
    const alike = changes.filter((one) => reasonOf(one) === reason);
    return `${alike.map(changeText).join(', ')} (${cut(withoutEnd(reason), LONGEST.reason)})`;
  });
  const how = byHand(facts);
  // So that nobody takes what follows for a part of a command.
  return `not undone: ${reasons.join('; ')}. ${how}${how.endsWith(';') ? '' : '.'} The promotion had failed as ${cut(cause, LONGEST.cause)}`;
}

const reasonOf = ({ failure }: PromotionChange) => failure ?? 'it was not tried';

const changeText = ({ what, where }: PromotionChange) =>
  where === 'shell' ? what : `${what} on the ${where}`;

function byHand({ workflowId, databases, changes }: NotUndone): string {
  const places = (['primary', 'standby', 'shell'] as const).flatMap((where) => {
    const statements = new Set(changes.filter((one) => one.where === where).flatMap(({ undo }) => undo));
    if (statements.size === 0) return [];
    const place = where === 'shell' ? 'in a shell' : `on the ${where}, in its database ${databases[where]}`;
    return [`${place}: ${[...statements].join(' ')}`];
  });
  const text = `Undo it by hand, as the owner or a superuser, ${places.join(' Then, ')}`;
  if (text.length <= LONGEST.statements) return text;
  return `The statements that undo it by hand are in "changes" of the status: temporal workflow query --workflow-id ${shellQuoted(workflowId)} --type status --output json | jq -r '.queryResult[0].changes[] | "-- on the \\(.where)", .undo[]'`;
}
