import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  rootCause,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { type FleetInput, MOST_PAIRS, parseFleetInput } from '../../src/contract/fleet.js';
import type { FleetResult, FleetRow } from '../../src/contract/fleet-status.js';
import {
  MOST_PROMOTED,
  promotionAheadOfFleet,
  rolesExceptedForFleet,
} from '../../src/contract/promotion-fleet-input.js';
import { MEMO, WORKFLOW_TYPES } from '../../src/contract/names.js';
import { failureText } from '../../src/contract/failure-text.js';
import type { FailureType, FleetFailureType } from '../../src/contract/failures.js';
import { cut } from '../../src/contract/parsing/text.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';
import { EndOfTask } from '../end-of-task.js';
import { runFailure, toRunFailure, UndecodableError } from '../ending.js';
import { runningAlreadyText } from '../refusal-texts.js';
import { failureNotifies } from '../failure-notifies.js';
import { describeFleet } from './details.js';
import { Fleet } from './fleet.js';
import { listPairs } from './list-pairs.js';
import type { Forward, MemberEnding } from './member.js';
import { FleetNotifications } from './fleet-notifications.js';
import { checkPromotionId, handOffFleet } from './hand-off-fleet.js';
import { inputProblem, memberInput } from './fleet-bounds.js';
import { listenToFleet } from './fleet-messages.js';
import { Outbox } from './fleet-outbox.js';
import { summary } from '../summary.js';
import type { sequenceFailover } from '../failover/sequence-failover.js';

/**
 * Runs `sequenceFailover` for many pairs. It prepares a limited number of them at once, until they wait at their gates, and passes decisions
 * on to all pairs or to those that the decision names. A pair never stops the others.
 */
export async function fleetFailover(...args: unknown[]): Promise<FleetResult> {
  const { workflowId, startTime, memo } = workflowInfo();
  const parsed = parseFleetInput(args, { now: startTime.getTime() });
  const details = new EndOfTask(() => {
    describeFleet(fleet);
  });
  const fleet = new Fleet(parsed.ok ? parsed.input : null, workflowId, startTime.toISOString(), () => {
    details.ask();
  });
  const outbox = new Outbox(
    (forward) => passOn(fleet, forward),
    () => patched('bytes-at-once'),
  );
  const notifications = new FleetNotifications(fleet);
  listenToFleet(fleet, outbox, notifications);
  try {
    if (!parsed.ok) throw runFailure('InvalidInput', parsed.message);
    await addPairs(fleet, parsed.input);
    const { promotion, mode } = parsed.input;
    const handsOff = promotion !== null && mode === 'failover';
    if (handsOff) await checkPromotionId(promotion);
    upsertMemo({
      ...memo,
      pairs: fleet.counts().total,
      mode: parsed.input.mode,
      ticket: parsed.input.ticket,
    });
    fleet.enter('preparing');
    const runs = await runPairs(fleet, outbox, notifications, parsed.input);
    // The sender of a rejection may still wait for the answers of the pairs.
    await condition(allHandlersFinished);
    fleet.enter('done');
    const incomplete = fleet.incomplete();
    if (incomplete !== null) throw runFailure('FleetIncomplete', incomplete);
    const handoff = handsOff ? await handOffFleet(parsed.input, promotion, inOrder(fleet, runs)) : null;
    fleet.end('completed', 'completed', now());
    if (notifications.isOn) await notifications.tellEnd();
    const { rows: pairs, next } = fleet.rows({ limit: 200 });
    return {
      ...{ ...fleet.status(), outcome: 'completed', pairs, next },
      ...(handoff === null ? {} : { handoff }),
    };
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    // Even if the awaited step ended with another failure.
    if (CancellationScope.current().consideredCancelled) {
      fleet.end('cancelled', 'the fleet was cancelled, and with it every pair that had not ended', now());
      if (notifications.isOn) await notifications.tellEnd();
      throw isCancellation(error) ? error : new CancelledFailure('the fleet was cancelled');
    }
    const { type, message } = isIncomplete(error) ? error : toRunFailure(error);
    fleet.end('failed', failureText(type ?? 'Internal', message), now());
    if (notifications.isOn) await notifications.tellEnd();
    throw runFailure(type as FailureType | FleetFailureType, message, fleet.status());
  }
}

/** The run ID of each pair whose run has completed. */
type CompletedRuns = Map<string, string>;

const inOrder = ({ members }: Fleet, runs: CompletedRuns) =>
  members.map(({ pair, workflowId }) => ({ pair, workflowId, runId: runs.get(pair) ?? '' }));

const now = () => new Date().toISOString();

/** Lists the pairs of the input, and adds them to the fleet. */
async function addPairs(fleet: Fleet, input: FleetInput): Promise<void> {
  const { pairs, findings } = await listPairs(input.entries);
  fleet.addFindings(findings);
  for (const { pair, entry, failure } of pairs) {
    if (!fleet.add(pair, entry) || failure === null) continue;
    const { type, message } = failure;
    fleet.ended(pair, { outcome: 'failed', failure: type ?? 'Internal', message }, now());
  }
  const { total } = fleet.counts();
  if (total > MOST_PAIRS) {
    throw runFailure(
      'InvalidInput',
      `Invalid input: pairs: found ${total} pairs, their databases counted; expected at most ${MOST_PAIRS} in one fleet; make several fleets of them, with patterns in "databases". No sequence was touched.`,
    );
  }
  if (input.promotion !== null && total > MOST_PROMOTED) {
    throw runFailure(
      'InvalidInput',
      `Invalid input: pairs: found ${total} pairs, their databases counted; expected at most ${MOST_PROMOTED} in one fleet that hands off to ${input.promotion.workflowType}; make several fleets of them, with patterns in "databases". No sequence was touched.`,
    );
  }
  const problem = inputProblem(input, fleet.members);
  // Earlier versions have started them, as long as the server took it.
  if (problem !== null && patched('bounded-inputs'))
    throw runFailure('InvalidInput', `Invalid input: ${problem}. No sequence was touched.`);
}

/** Each lane prepares one pair after the other. A pair that waits at its gate does not occupy a lane. */
async function runPairs(
  fleet: Fleet,
  outbox: Outbox,
  notifications: FleetNotifications,
  input: FleetInput,
): Promise<CompletedRuns> {
  const runs: CompletedRuns = new Map();
  const endings: Promise<void>[] = [];
  const memo = promotionMemo(input);
  const lane = async () => {
    for (let member = fleet.next(); member !== null; member = fleet.next()) {
      const { pair, workflowId, entry } = member;
      const argument = memberInput(input, entry, pair);
      endings.push(runPair(fleet, outbox, { pair, workflowId, runs, notifications, memo }, argument));
      await condition(() => fleet.isPrepared(pair));
    }
  };
  try {
    await Promise.all(Array.from({ length: input.concurrency }, lane));
  } finally {
    await Promise.all(endings);
  }
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the fleet was cancelled');
  return runs;
}

interface PairToRun extends Pick<FleetRow, 'pair' | 'workflowId'> {
  runs: CompletedRuns;
  notifications: FleetNotifications;
  /** For each run, if the fleet hands off to `promoteFleet`. */
  memo: Record<string, unknown>;
}

/** What the runs have to know of the promotion that the fleet hands off to. */
function promotionMemo({ promotion }: FleetInput): Record<string, unknown> {
  if (promotion === null) return {};
  const roles = rolesExceptedForFleet(promotion.input);
  return {
    [MEMO.promoted]: true,
    ...(roles.length === 0 ? {} : { [MEMO.fenceExcept]: roles }),
    [MEMO.promotion]: promotionAheadOfFleet(promotion.input),
  };
}

/** Records the ending of the pair, whatever it is. @throws UndecodableError, and nothing else, if this worker lacks the key */
async function runPair(
  fleet: Fleet,
  outbox: Outbox,
  { pair, workflowId, runs, notifications, memo }: PairToRun,
  argument: object,
): Promise<void> {
  try {
    const child = await startChild<typeof sequenceFailover>(WORKFLOW_TYPES.run, {
      workflowId,
      args: [argument],
      memo: { [MEMO.fleet]: workflowInfo().workflowId, ...memo },
      // Even if the fleet is terminated: then the run ends and releases the lock of its pair.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: summary(pair),
    });
    const early = fleet.started(pair);
    if (early.length > 0 && patched('stop-at-once')) for (const forward of early) outbox.put(forward);
    const result = await child.result();
    if (isUndecodable(result)) throw new UndecodableError(`the result of ${workflowId}`);
    const { outcome, counts, minimumHeadroom, gate } = result;
    // Only a run with ifLocked can end like this, and a fleet's runs do not have it.
    if (outcome === 'skipped') throw new TypeError('a run of a fleet cannot be skipped');
    runs.set(pair, result.runId ?? child.firstExecutionRunId);
    fleet.ended(pair, { outcome, counts, minimumHeadroom, approvals: gate?.approvals.length ?? 0 }, now());
    notifications.changed();
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    fleet.ended(pair, toEnding(error, workflowId), now());
    notifications.heard(failureNotifies(error));
    notifications.changed();
  }
}

async function passOn(fleet: Fleet, { pair, workflowId, kind, argument }: Forward): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(kind, argument);
  } catch (error) {
    const reason = cut(`the decision could not be delivered: ${rootCause(error) ?? String(error)}`, 500);
    fleet.undelivered(pair, { at: new Date().toISOString(), kind, by: argument.by, reason });
  }
}

function toEnding(error: unknown, workflowId: string): MemberEnding {
  if (isCancellation(error)) {
    return { outcome: 'cancelled', failure: 'Cancelled', message: 'the run of the pair was cancelled' };
  }
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return {
      outcome: 'failed',
      failure: 'NotReady',
      message: runningAlreadyText(workflowId),
    };
  }
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const failure = cause.type ?? 'Internal';
    return { outcome: failure === 'Rejected' ? 'rejected' : 'failed', failure, message: cause.message };
  }
  const message = rootCause(error) ?? String(error);
  return { outcome: 'failed', failure: 'Internal', message: `the run of the pair ended: ${message}` };
}

function isIncomplete(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && error.type === 'FleetIncomplete';
}
