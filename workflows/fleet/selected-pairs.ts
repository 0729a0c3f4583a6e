import type { FleetMessage } from '../../src/contract/fleet-messages.js';
import type { FleetRefusal, FleetRow } from '../../src/contract/fleet-status.js';
import { listNames } from '../refusal-texts.js';
import type { AddressedNames } from './addressed-names.js';
import type { Member } from './member.js';

/** The pairs that a decision goes to, and those that it does not go to, with the reasons. */
export interface SelectedPairs {
  members: readonly Member[];
  refused: FleetRefusal[];
}

export const selected = (members: readonly Member[]): SelectedPairs => ({ members, refused: [] });

/** The pairs of the message that wait at their gates; or why the whole message is refused. */
export function pairsAtGate(
  { pairs, partial }: FleetMessage,
  chosen: readonly Member[],
): SelectedPairs | string {
  const notYet = chosen.filter(({ phase }) => phase === 'queued' || phase === 'preparing');
  const stopped = notYet.find(({ rejection }) => rejection !== null);
  if (stopped !== undefined && !partial)
    return `the pair ${stopped.pair} was rejected by ${stopped.rejection?.by ?? 'somebody'} already${chosen.length === 1 ? '' : leaveOut(1)}`;
  if (notYet.length > 0 && !partial) {
    return `${pairsText(notYet)} not at the gate yet: send it again when the query status shows gate.state open, or name the waiting pairs with "pairs"`;
  }
  const members = chosen.filter(({ phase }) => phase === 'waiting' || phase === 'deciding');
  const ended = pairs === null ? [] : chosen.filter(({ phase }) => phase === 'done');
  if (ended.length > 0 && !partial)
    return `${finishedText(ended)}${members.length === 0 ? '' : leaveOut(ended.length)}`;
  if (members.length === 0) return 'no pair waits at its gate any more';
  const refused = [
    ...notYet.map(({ pair, rejection }) => ({
      pair,
      reason: rejection === null ? 'not at its gate yet' : `rejected by ${rejection.by} already`,
    })),
    ...ended.map(({ pair }) => ({ pair, reason: 'finished already' })),
  ];
  return { members, refused };
}

/**
 * The pairs that nobody has rejected. A run that has got a rejection takes no other decision, but it ends a moment later.
 *
 * @param applies asked only if a pair was rejected
 */
export function withoutRejected(
  { kind, partial }: FleetMessage,
  all: readonly Member[],
  applies: () => boolean,
): SelectedPairs | string {
  const rejected = all.filter(({ pending }) => pending?.kind === 'reject');
  if (rejected.length === 0 || !applies()) return selected(all);
  const reasonOf = ({ pending }: Member) => `rejected by ${pending?.by ?? 'somebody'} already`;
  if (!partial || rejected.length === all.length) {
    const named = rejected.map((one) => `${one.pair} was ${reasonOf(one)}`);
    const others = rejected.length < all.length;
    const rest = others ? leaveOut(rejected.length) : '';
    const what = kind === 'approve' ? 'approved' : 'synchronized again';
    return `a rejected pair cannot be ${what}: ${listNames(named)}${rest}`;
  }
  const members = all.filter((one) => !rejected.includes(one));
  return { members, refused: rejected.map((one) => ({ pair: one.pair, reason: reasonOf(one) })) };
}

/** The pairs without a block that the approval does not name. Only approvals have to name blocks. */
export function withoutBlocked(
  { kind, partial }: FleetMessage,
  all: readonly Member[],
  names: AddressedNames,
): SelectedPairs | string {
  if (kind !== 'approve') return selected(all);
  const blocked = all.filter((one) => names.inTheWay(one).length > 0);
  if (blocked.length > 0 && !partial) {
    const named = blocked.map((member) => `${member.pair} by ${listNames(names.inTheWay(member))}`);
    return `${pairsText(blocked)} blocked: ${listNames(named)}. Fix the cause and send resynchronize, accept the blocks by name with "accept", or decide on the other pairs alone with "partial": true`;
  }
  const members = all.filter((one) => !blocked.includes(one));
  if (members.length === 0) return `${pairsText(blocked)} blocked, and no other pair is left to decide on`;
  const reasonOf = (member: Member) => `blocked by ${listNames(names.inTheWay(member))}`;
  return { members, refused: blocked.map((member) => ({ pair: member.pair, reason: reasonOf(member) })) };
}

/** What to do about pairs that a message cannot go to, if it can go to others. */
export function leaveOut(count: number): string {
  return `; leave ${count === 1 ? 'it' : 'them'} out with "pairs", or send "partial": true`;
}

/** Says of one pair also how it ended, since its sender may not know of an earlier decision. */
export function finishedText(ended: readonly FleetRow[]): string {
  const [only] = ended;
  const how = only === undefined || ended.length > 1 ? '' : ` (${only.outcome})`;
  return `${pairsText(ended)} finished already${how}`;
}

/** For the start of a sentence: `2 pairs a, b are`. */
export function pairsText(members: readonly FleetRow[]): string {
  return `${members.length === 1 ? 'the pair' : `${members.length} pairs`} ${listNames(members.map(({ pair }) => pair))} ${members.length === 1 ? 'is' : 'are'}`;
}
