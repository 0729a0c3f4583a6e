import {
  type ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
} from '@temporalio/workflow';
import { failureText } from '../../src/contract/failure-text.js';
import type { PromotionFailureType } from '../../src/contract/promotion.js';
import type { PromotionFleetResult } from '../../src/contract/promotion-fleet.js';
import {
  MOST_PROMOTED,
  parsePromotionFleetInput,
  togetherOf,
} from '../../src/contract/promotion-fleet-input.js';
import { jsonBytes } from '../../src/contract/parsing/json-size.js';
import { findingsText } from '../../src/findings/findings-text.js';
import { UndecodableError } from '../ending.js';
import { listPairs } from '../fleet/list-pairs.js';
import { failureOf, isPromotionFailure, promotionFailure } from '../promotion/failure.js';
import { lookForWorkers } from '../promotion/operator.js';
import { toPromotionFinding } from '../promotion/findings.js';
import { endOf } from './fleet-ending.js';
import { listenToPromotionFleet } from './messages.js';
import { notifyOfEnd } from './notifications.js';
import { Orders } from './orders.js';
import { PromotionFleet } from './promotion-fleet.js';
import { promotionInput, runPromotion } from './run-promotion.js';
import { askBeforeSwitchTogether, moveTrafficTogether } from './together.js';

/** The largest size of the inputs of all promotions, in bytes of JSON: they are started in a few workflow tasks. */
const INPUTS_AT_MOST = 3_000_000;

/** After the decision, the clients of the open pairs are moved without those of the other pairs, if these take longer than this. */
const OTHERS_WITHIN = '10 seconds';

/**
 * Runs `promoteStandby` for many pairs, which are fenced together and switched together. Until every pair is ready, a failure of one undoes all of
 * them.
 */
export async function promoteFleet(...args: unknown[]): Promise<PromotionFleetResult> {
  const parsed = parsePromotionFleetInput(args);
  const fleet = new PromotionFleet(parsed.ok ? parsed.input : null);
  listenToPromotionFleet(fleet);
  CancellationScope.current().cancelRequested.catch(() => {
    fleet.stop({ type: 'Cancelled', message: 'the fleet was cancelled' });
  });
  try {
    if (!parsed.ok) throw promotionFailure('InvalidInput', parsed.message);
    await addPairs(fleet);
    await CancellationScope.nonCancellable(() => promoteTogether(fleet));
    const result = endOf(fleet);
    await notifyOfEnd(fleet);
    return result;
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    const failure = isPromotionFailure(error) ? error : unforeseen(fleet, error);
    const type = (failure.type ?? 'Internal') as PromotionFailureType;
    fleet.end('failed', failureText(type, failure.message));
    await notifyOfEnd(fleet);
    throw promotionFailure(type, failure.message, fleet.status());
  }
}

/** A cancellation while the databases are listed, or an error of this software. */
function unforeseen({ decision }: PromotionFleet, error: unknown): ApplicationFailure {
  if (decision?.order === 'undo' && isCancellation(error))
    return promotionFailure(
      decision.failure ?? 'Cancelled',
      `${decision.reason ?? 'the fleet was cancelled'}; nothing was touched`,
    );
  return failureOf(error, 'see the status', false);
}

/** @throws ApplicationFailure `NotReady` or `InvalidInput`; nothing was touched then */
async function addPairs(fleet: PromotionFleet): Promise<void> {
  const { input } = fleet;
  const { pairs, findings } = await listPairs(input.entries);
  fleet.addFindings(...[...findings, ...(await lookForWorkers(togetherOf(input)))].map(toPromotionFinding));
  for (const { pair, entry } of pairs)
    fleet.pairs.add(pair, entry, input.entries[entry]?.approvedRun ?? null);
  const total = fleet.members.length;
  if (total > MOST_PROMOTED)
    throw promotionFailure(
      'InvalidInput',
      `Invalid input: pairs: found ${total} pairs, their databases counted; expected at most ${MOST_PROMOTED}, because all of them are fenced together; make several fleets of them, with patterns in "databases". Nothing was touched.`,
    );
  const bytes = fleet.members.reduce(
    (sum, member) => sum + jsonBytes(promotionInput(input, member, input)),
    0,
  );
  if (bytes > INPUTS_AT_MOST)
    throw promotionFailure(
      'InvalidInput',
      `Invalid input: found ${bytes} bytes of JSON in the inputs of all promotions; expected at most ${INPUTS_AT_MOST}: shorten the patterns and the inputs of your workflows, or make several fleets. Nothing was touched.`,
    );
  const blocks = fleet.findings.filter(
    ({ severity, code }) => severity === 'block' && !input.accept.includes(code),
  );
  const failed = pairs.flatMap(({ pair, failure }) =>
    failure === null ? [] : [`${pair}: ${failure.message}`],
  );
  if (total === 0) failed.push('no database matches "databases"; check the patterns');
  const reasons = [...failed, ...(blocks.length === 0 ? [] : [findingsText(blocks)])];
  if (reasons.length > 0) throw promotionFailure('NotReady', `${reasons.join('; ')}; nothing was touched`);
}

/** Brings all pairs to the switch, or back. Returns when the promotions of all pairs have ended. */
async function promoteTogether(fleet: PromotionFleet): Promise<void> {
  const orders = new Orders();
  fleet.prepare();
  const ended = startAll(fleet, orders);
  await leadToTheSwitch(fleet, orders);
  const { decision } = fleet;
  if (decision?.order === 'switch') {
    orders.give('switch');
    await untilMostAreOpen(fleet);
    orders.give('forward');
    const moved = await moveTrafficTogether(fleet, []);
    await until(fleet, () => fleet.allAre('open'));
    await moveTrafficTogether(fleet, moved);
  } else {
    const { failure, reason } = decision ?? {};
    orders.giveUndo(toCause(failure ?? 'Internal', reason ?? ''));
  }
  await until(fleet, () => fleet.allAre('done'));
  await ended;
}

/** Returns when every standby is open or cannot be opened, and after {@link OTHERS_WITHIN} at the latest. */
async function untilMostAreOpen(fleet: PromotionFleet): Promise<void> {
  const areOpen = () => fleet.allAre('open');
  // In earlier versions the clients of all pairs waited for a standby that hung.
  if (!patched('late-pairs')) return until(fleet, areOpen);
  await condition(() => fleet.error !== null || areOpen(), OTHERS_WITHIN);
  if (fleet.error !== null) throw fleet.error;
}

/** Returns when the fleet has decided. */
async function leadToTheSwitch(fleet: PromotionFleet, orders: Orders): Promise<void> {
  const reached = (state: 'prepared' | 'verified' | 'ready') =>
    until(fleet, () => fleet.isUndone() || fleet.allAre(state));
  await reached('prepared');
  stopIfOneFailed(fleet);
  if (fleet.isUndone()) return;
  fleet.beginOutage();
  orders.give('fence');
  await reached('verified');
  if (fleet.isUndone()) return;
  await askBeforeSwitchTogether(
    fleet,
    condition(() => fleet.decision !== null),
  );
  if (fleet.isUndone()) return;
  orders.give('confirm');
  await reached('ready');
  fleet.decide();
}

/** Before the fence the fleet waits for every pair, so that its failure names everything that is missing. */
function stopIfOneFailed(fleet: PromotionFleet): void {
  const failed = fleet.members.flatMap(({ pair, cause, reason }) => {
    if (cause === null) return [];
    // A pair that could not be undone ends with another type, and its cause has the statements.
    const { type, message } = reason?.type === cause.type ? reason : cause;
    return [{ type, message: `${pair}: ${message}` }];
  });
  const [first] = failed;
  if (first === undefined) return;
  fleet.stop({ type: first.type, message: failed.map(({ message }) => message).join('; ') });
}

/** A limited number of pairs is prepared at once. A pair that is prepared takes no place. */
async function startAll(fleet: PromotionFleet, orders: Orders): Promise<void> {
  const ended: Promise<void>[] = [];
  const lane = async () => {
    for (;;) {
      const member = fleet.isUndone() ? null : fleet.pairs.next();
      if (member === null) return;
      ended.push(runPromotion(fleet, orders, member));
      await condition(() => fleet.pairs.isAtLeast(member, 'prepared'));
    }
  };
  await Promise.all(Array.from({ length: fleet.input.concurrency }, lane));
  for (const member of fleet.members.filter(({ state }) => state === 'queued'))
    fleet.ended(member, {
      ...{ outcome: 'undone', status: null },
      cause: { type: 'FleetStopped', message: 'it was not started, because the fleet was stopped' },
    });
  await Promise.all(ended);
}

/** @throws UndecodableError */
async function until(fleet: PromotionFleet, wanted: () => boolean): Promise<void> {
  await condition(() => fleet.error !== null || wanted());
  if (fleet.error !== null) throw fleet.error;
}

/** The cause that all promotions get with the order to undo. If one pair failed, the others fail as FleetStopped. */
function toCause(type: PromotionFailureType, message: string) {
  return type === 'Rejected' || type === 'Cancelled'
    ? { type, message }
    : { type: 'FleetStopped' as const, message: `the fleet undoes all of its pairs: ${message}` };
}
