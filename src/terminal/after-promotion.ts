import { listFirst } from '../contract/list-first.js';
import type { PromotionFailureType, PromotionStatus } from '../contract/promotion.js';
import type { PromotedPair, PromotedPairOutcome } from '../contract/promotion-fleet.js';
import { shellQuoted } from '../contract/shell.js';
import { isDoubtful } from '../findings/is-doubtful.js';
import { keepRecord, letConnectTo } from './last-steps.js';
import { printable } from '../contract/printable.js';
import type { GivenStart } from './command-with-input.js';
import { promoteCommand } from './promote-command.js';

/** The most pairs of a fleet that are named. */
const NAMED_PAIRS = 5;

/** What became of pairs of a fleet that a person has to look at. */
const LEFT_TO_DO: ReadonlySet<PromotedPairOutcome> = new Set(['unfinished', 'not-undone', 'terminated']);

const statusOf = (workflowId: string) => `sequence-failover status ${printable(shellQuoted(workflowId))}`;

/** A failed promotion, or a failed fleet of promotions, as its next step depends on it. */
export interface FailedPromotion {
  workflowId: string;
  /** The type of the failure. */
  type: string;
  /** Null if the input is not known here. */
  start: GivenStart | null;
  /** The pairs of a fleet of promotions; absent for one promotion. */
  pairs?: readonly Pick<PromotedPair, 'workflowId' | 'outcome'>[];
  /** The status of one promotion; absent for a fleet of promotions. */
  status?: Pick<
    PromotionStatus,
    'approvals' | 'fleet' | 'standby' | 'steps' | 'leftovers' | 'changes' | 'findings'
  > | null;
}

/** What a person does before the start, by the type of the failure. */
const beforeStart: Record<Exclude<PromotionFailureType, 'Unfinished' | 'FleetStopped'>, string> = {
  InvalidInput: 'correct the input, then ',
  NotReady: 'fix what is named above, then ',
  NotAhead: 'fix what is named above, then ',
  Rejected: 'nothing is left to do; if it is wanted after all, ',
  Vetoed: 'ask why the switch was vetoed, then ',
  Cancelled: 'nothing is left to do; if it is wanted after all, ',
  BudgetExceeded: 'see which step took the time, and give it more with "outageBudget" if need be, then ',
  StepFailed: 'fix the cause that the message names, then ',
  NotUndone: 'undo by hand what is not undone, with the statements above; then fix the cause, and ',
  Internal: 'report the error, with the history of the workflow, then ',
};

/** The next steps of a person after a promotion has failed: sentences, with commands where there are any. */
export function afterFailedPromotion(failed: FailedPromotion): string[] {
  const { type, status } = failed;
  if (type === 'Unfinished') return afterSwitch(failed);
  if (type === 'FleetStopped' && status?.fleet !== undefined)
    return [
      `see why the fleet has stopped: sequence-failover status ${shellQuoted(status.fleet.workflowId)}`,
      'fix that, then start the whole fleet again',
    ];
  const before = Object.hasOwn(beforeStart, type)
    ? beforeStart[type as keyof typeof beforeStart]
    : beforeStart.StepFailed;
  const undo =
    type === 'NotUndone' && (status?.changes ?? []).length === 0
      ? `undo by hand what is not undone: ${whereStatementsAre(failed)}; then fix the cause, and `
      : before;
  return [...grantAtOnce(status), `${undo}${startWithItsInput(failed)}`];
}

/** Without the report of a pair, a fleet shows no statements. */
function whereStatementsAre({ workflowId, status, pairs = [] }: FailedPromotion): string {
  const left = pairs.filter(({ outcome }) => outcome === 'not-undone' || outcome === 'terminated');
  const [first, ...others] = left.map((pair) => printable(shellQuoted(pair.workflowId)));
  const shows = first ?? (status === undefined ? '<the workflow ID of each pair>' : shellQuoted(workflowId));
  const likewise = others.length === 0 ? '' : ` (likewise for ${listFirst(others, NAMED_PAIRS)})`;
  return `sequence-failover status ${shows} shows the statements${likewise}`;
}

/** One script instead of many statements. */
function grantAtOnce(status: FailedPromotion['status']): string[] {
  const missing = status?.findings.filter(({ code }) => code === 'PRIVILEGE_MISSING') ?? [];
  return missing.length < 2
    ? []
    : [
        "to grant all at once, if the worker's role is sequence_failover: run docs/how-to/promotion-privileges.sql on both servers",
      ];
}

/** The start of the same promotion. The approval of a failover also covers the promotion that it hands off to. */
function startWithItsInput({ start, status }: FailedPromotion): string {
  if (status?.fleet !== undefined) return 'start the whole fleet again';
  const byRun =
    (status?.approvals ?? []).length > 0 ? 'start the failover again, or promote without it' : 'start again';
  return start === null
    ? `${byRun}, with the command or the input that it was started with`
    : `${byRun}: ${promoteCommand(start)}`;
}

/** The standby is open: nothing is undone any more. Only a promotion back returns to the old primary. */
function afterSwitch({ workflowId, status, pairs = [] }: FailedPromotion): string[] {
  // A fleet has no findings of its pairs.
  const left = pairs.filter(({ outcome }) => LEFT_TO_DO.has(outcome));
  if (left.length > 0)
    return [
      'do not start it again: standbys are open. Do what the findings say, also those of each pair below',
      ...left.slice(0, NAMED_PAIRS).map((pair) => `see what is left to do: ${statusOf(pair.workflowId)}`),
      keepRecord(workflowId),
    ];
  const isMoved = status?.steps.some(({ step, state }) => step === 'traffic' && state === 'done') ?? false;
  const standby = status?.standby ?? null;
  const isInDoubt = isDoubtful(status?.findings ?? []);
  return [
    isInDoubt
      ? 'do not start it again: the standby was opened, but was not seen to take writes at the end. Do what the findings say before the applications connect to it'
      : 'do not start it again: the standby is open. Do what the findings say',
    ...(isMoved || standby === null || isInDoubt ? [] : [letConnectTo(standby)]),
    ...(status?.leftovers ?? []).map((command) => `tidy up: ${printable(command)}`),
    keepRecord(workflowId),
  ];
}
