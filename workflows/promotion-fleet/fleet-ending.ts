import type { ApplicationFailure } from '@temporalio/workflow';
import type { PromotionFailureType } from '../../src/contract/promotion.js';
import type { PromotionFleetResult } from '../../src/contract/promotion-fleet.js';
import { promotionFailure } from '../promotion/failure.js';
import { listNames } from '../refusal-texts.js';
import type { Member } from './promoted-pairs.js';
import type { PromotionFleet } from './promotion-fleet.js';

/**
 * The result of a fleet whose promotions have all ended.
 *
 * @throws ApplicationFailure if it has decided to undo, or if a pair did not complete
 */
export function endOf(fleet: PromotionFleet): PromotionFleetResult {
  const { members, decision } = fleet;
  fleet.certify();
  if (decision?.order !== 'switch') throw whyUndone(fleet);
  const failed = members.filter(({ failure }) => failure !== null);
  const outcome = fleet.input.rehearse ? 'rehearsed' : 'promoted';
  const untold = fleet.findings.find(({ code }) => code === 'TRAFFIC_NOT_MOVED');
  if (failed.length > 0 || untold !== undefined) {
    const type: PromotionFailureType = fleet.input.rehearse
      ? (failed[0]?.failure ?? 'Internal')
      : 'Unfinished';
    const reasons = [...failed.map(failureText), ...(untold === undefined ? [] : [untold.message])];
    throw promotionFailure(type, `${whatBecame(members)}; ${reasons.join('; ')}`);
  }
  fleet.end('completed', outcome);
  const status = fleet.status();
  if (status.certificate === null) throw promotionFailure('Internal', 'no pair has a certificate');
  return { ...status, outcome, certificate: status.certificate };
}

/** The failure of a fleet that has undone its pairs. */
function whyUndone({ members, decision, wasFenced }: PromotionFleet): ApplicationFailure {
  const type = decision?.failure ?? 'Internal';
  const reason = decision?.reason ?? 'it was not decided';
  const left = members.filter(({ outcome }) => outcome === 'not-undone' || outcome === 'terminated');
  const became = wasFenced ? whatBecame(members) : 'no pair was fenced';
  if (left.length === 0) return promotionFailure(type, `${reason}; ${became}`);
  const isSaid = left.some(({ pair, cause }) => reason === `${pair}: ${cause?.message ?? ''}`);
  const before = isSaid ? [] : [`the fleet had failed as ${type}: ${reason}`];
  return promotionFailure('NotUndone', [...left.map(failureText), became, ...before].join('; '));
}

const failureText = ({ pair, cause }: Member) => `${pair}: ${cause?.type ?? ''}: ${cause?.message ?? ''}`;

/** What became of all pairs: `undone: a, b; open and taking writes: c`. */
function whatBecame(members: readonly Member[]): string {
  const isOpen = ({ outcome }: Member) => outcome === 'promoted' || outcome === 'unfinished';
  const groups: [string, (member: Member) => boolean][] = [
    ['open and taking writes', (one) => isOpen(one) && !one.doubtful],
    ['opened, but not seen to take writes at the end', (one) => isOpen(one) && one.doubtful],
    ['rehearsed', ({ outcome }) => outcome === 'rehearsed'],
    ['undone', ({ outcome }) => outcome === 'undone'],
    ['not undone', ({ outcome }) => outcome === 'not-undone'],
    ['terminated and not undone', ({ outcome }) => outcome === 'terminated'],
  ];
  return groups
    .flatMap(([text, isOf]) => {
      const names = members.filter(isOf).map(({ pair }) => pair);
      return names.length === 0 ? [] : [`${text}: ${listNames(names)}`];
    })
    .join('; ');
}
