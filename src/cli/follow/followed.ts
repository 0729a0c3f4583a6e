import type { FailoverRun, Snapshot } from '../../client/failover-run.js';
import type { FleetRun } from '../../client/fleet-run.js';
import type { Promotion } from '../../client/promotion.js';
import type { PromotionFleetRun } from '../../client/promotion-fleet.js';
import type { FleetRow, FleetStatus } from '../../contract/fleet-status.js';
import type { PromotionStatus } from '../../contract/promotion.js';
import type { PromotionFleetStatus } from '../../contract/promotion-fleet.js';
import type { Status } from '../../contract/status.js';
import { fleetLine, promotionStepLines, runLine } from '../../terminal/change-line.js';
import { promotedPairChanges } from '../../terminal/promoted-pairs.js';
import { fleetScreen } from '../../terminal/screens/fleet-screen.js';
import { promotionFleetScreen } from '../../terminal/screens/promotion-fleet-screen.js';
import { promotionScreen } from '../../terminal/screens/promotion-screen.js';
import { errorText } from '../../terminal/error-text.js';
import { runScreen } from '../../terminal/screens/run-screen.js';
import { statusAsJson } from '../endings/as-json.js';
import { showFleetEnding } from '../endings/fleet-ending.js';
import { showPromotionFleetEnding } from '../endings/promotion-fleet-ending.js';
import { showPromotionEnding } from '../endings/promotion-ending.js';
import { showEnding } from '../endings/run-ending.js';
import { startOfPromotion, startOfRun } from '../workflow-start.js';
import type { Followed } from './follow.js';

/** A run. */
export function followedRun(run: FailoverRun): Followed<Status> {
  const { workflowId } = run;
  return {
    workflowId,
    snapshot: () => run.snapshot(),
    screen: (view, canvas) => runScreen({ workflowId, ...view }, canvas),
    lines: (status) => [['run', runLine(status)]],
    isOver: ({ phase }) => phase === 'done',
    asJson: (status) => statusAsJson(workflowId, status),
    showEnding: async (output) => showEnding(output, workflowId, await run.ending(), await startOfRun(run)),
  };
}

/** A promotion. */
export function followedPromotion(promotion: Promotion): Followed<PromotionStatus> {
  const { workflowId } = promotion;
  return {
    workflowId,
    snapshot: () => promotion.snapshot(),
    screen: (view, canvas) => promotionScreen({ workflowId, ...view }, canvas),
    lines: promotionStepLines,
    isOver: ({ phase }) => phase === 'done',
    asJson: (status) => statusAsJson(workflowId, status),
    showEnding: async (output) =>
      showPromotionEnding(output, workflowId, await promotion.ending(), await startOfPromotion(promotion)),
  };
}

/** A fleet of promotions. */
export function followedPromotionFleet(run: PromotionFleetRun): Followed<PromotionFleetStatus> {
  const { workflowId } = run;
  return {
    workflowId,
    snapshot: () => run.snapshot(),
    screen: (view, canvas) => promotionFleetScreen({ workflowId, ...view }, canvas),
    lines: promotedPairChanges,
    isOver: ({ phase }) => phase === 'done',
    asJson: (status) => statusAsJson(workflowId, status),
    showEnding: async (output) =>
      showPromotionFleetEnding(output, workflowId, await run.ending(), await startOfPromotion(run)),
  };
}

/** The known state of a fleet: its status, and all of its pairs. */
export interface FleetView {
  fleet: FleetStatus;
  pairs: readonly FleetRow[];
}

/** A fleet. */
export function followedFleet(run: FleetRun): Followed<FleetView> {
  const { workflowId } = run;
  return {
    workflowId,
    snapshot: async (): Promise<Snapshot<FleetView>> => {
      const snapshot = await run.snapshot();
      if (!snapshot.isOpen) return snapshot;
      return { ...snapshot, status: { fleet: snapshot.status, pairs: await run.pairs() } };
    },
    screen: ({ status: { fleet, pairs }, ...view }, canvas) =>
      fleetScreen({ workflowId, status: fleet, pairs, ...view }, canvas),
    lines: ({ fleet }) => {
      const attentionNames = fleet.gate?.attention.map(({ pair }) => pair) ?? [];
      return [['fleet', fleetLine({ ...fleet, attentionNames })]];
    },
    isOver: ({ fleet }) => fleet.phase === 'done',
    asJson: (view) => ({ ...statusAsJson(workflowId, view && view.fleet), pairs: view && view.pairs }),
    showEnding: async (output) => {
      const ending = await run.ending();
      // The ending is known without a worker; the pairs are not.
      const pairs = await run.pairs().catch((error: unknown) => {
        output.note(`The pairs of the fleet cannot be shown: ${errorText(error)}`);
        return null;
      });
      return showFleetEnding(output, workflowId, { ending, pairs });
    },
  };
}
