import { ApplicationFailure, patched, rootCause } from '@temporalio/workflow';
import { reversedName } from '../../src/contract/pair-name.js';
import { foldFindings } from '../../src/findings/fold-findings.js';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import {
  oldPrimaryBehind,
  oldPrimaryNotAhead,
  wayBackBroken,
  wayBackNotEnabled,
} from '../../src/planning/promotion/after-switch-findings.js';
import type { BrokenWayBack } from '../../src/steps/promotion-steps.js';
import { UndecodableError } from '../ending.js';
import { following } from './activities.js';
import { askOperator } from './operator.js';
import type { Promotion } from './promotion.js';
import { readPair, synchronizeAll } from './sequences.js';
import { ROUNDS } from './steps.js';

/** Moves the clients to the new primary. This cannot be undone, so a failure only becomes a finding. */
export async function moveTraffic(promotion: Promotion): Promise<void> {
  const { traffic } = promotion.input;
  if (traffic === null) return;
  const { pair, known } = promotion;
  if ('workflowType' in traffic) {
    await askOperator(promotion, 'traffic', traffic);
    return;
  }
  if (known.readiness === null) throw new Error('the pair was not read');
  const { host, port, database } = known.readiness.standby;
  await following.moveTraffic.executeWithOptions({ summary: 'move the traffic' }, [
    { call: traffic.http, pair, standby: { host, port, database } },
  ]);
}

/** Lets the old primary receive from the new one, and moves its sequences ahead, in case it takes over again. */
export async function enableWayBack(promotion: Promotion): Promise<void> {
  const { identity, names } = promotion;
  const { subscriptions, wayBackFrom } = promotion.known;
  try {
    await following.enableWayBack.executeWithOptions(
      { summary: 'enable the way back and check that it works' },
      [{ identity, names, withinMs: 30_000, ...(wayBackFrom === null ? {} : { from: wayBackFrom }) }],
    );
    await following.releaseForward.executeWithOptions({ summary: 'release the slots of the old direction' }, [
      { identity, subscriptions, names },
    ]);
  } catch (error) {
    // A person who enables the way back needs the sequences ahead, too. Earlier versions left them.
    if (!(error instanceof UndecodableError) && patched('old-primary-ahead-anyway'))
      await setOldPrimaryAhead(promotion);
    throw error;
  }
  await setOldPrimaryAhead(promotion);
}

/** Why the way back is not enabled, and what a person can do about it. */
export function wayBackFinding(promotion: Promotion, message: string, error: unknown): PromotionFinding {
  const { names, known } = promotion;
  const left = brokenWayBackOf(error);
  return left === null || known.readiness === null
    ? wayBackNotEnabled(names, message)
    : wayBackBroken(names, message, left, known.readiness.standby);
}

/** Other failures have other details, or none. */
function brokenWayBackOf(error: unknown): BrokenWayBack | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const left =
      cause instanceof ApplicationFailure ? (cause.details?.[0] as Partial<BrokenWayBack> | null) : null;
    if (left?.hasSubscription !== undefined && left.slot !== undefined) return left as BrokenWayBack;
  }
  return null;
}

/** The most findings about the old primary. More of one code become one. */
const BLOCKS_AT_MOST = 20;

/** Runs the same pages in the opposite direction. A failure is only a warning. */
async function setOldPrimaryAhead(promotion: Promotion): Promise<void> {
  const pair = reversedName(promotion.pair);
  try {
    const report = await readPair(promotion, pair);
    const { findings } = await synchronizeAll(promotion, report, { round: ROUNDS + 1, ledger: false });
    const blocks = findings.filter(({ severity }) => severity === 'block');
    promotion.addFindings(
      ...foldFindings(blocks, BLOCKS_AT_MOST).map((finding) => oldPrimaryNotAhead(pair, finding)),
    );
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    promotion.addFindings(oldPrimaryBehind(pair, rootCause(error) ?? String(error)));
  }
}
