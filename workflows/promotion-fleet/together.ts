import { CancellationScope } from '@temporalio/workflow';
import { trafficOfPairsNotMoved } from '../../src/planning/promotion/after-switch-findings.js';
import { following } from '../promotion/activities.js';
import { failureOf } from '../promotion/failure.js';
import { runOperatorsWorkflow, whyItFailed } from '../promotion/operator.js';
import type { Traffic } from '../../src/contract/promotion-input.js';
import type { Member } from './promoted-pairs.js';
import type { PromotionFleet } from './promotion-fleet.js';

/** Runs the workflow `together.beforeSwitch`, which may veto the switch. It is cancelled if the fleet decides meanwhile to undo. */
export async function askBeforeSwitchTogether(fleet: PromotionFleet, decided: Promise<void>): Promise<void> {
  const { beforeSwitch } = fleet.input;
  if (beforeSwitch === null) return;
  const scope = new CancellationScope();
  decided.then(
    () => {
      scope.cancel();
    },
    () => undefined,
  );
  try {
    await scope.run(() =>
      runOperatorsWorkflow(
        'before-switch',
        beforeSwitch,
        facts(fleet, fleet.members),
        'before-switch of the fleet',
      ),
    );
  } catch (error) {
    const reason = whyItFailed(error) ?? String(error);
    fleet.stop({
      type: 'Vetoed',
      message: `${beforeSwitch.workflowType} (together.beforeSwitch) vetoed the switch: ${reason}`,
    });
  }
}

/**
 * Moves the clients of all pairs whose standby is open. This cannot be undone, so a failure only becomes a finding.
 *
 * @param moved the names of pairs that an earlier call has moved
 * @returns these names, and those of the pairs that this call has moved or tried to
 */
export async function moveTrafficTogether(
  fleet: PromotionFleet,
  moved: readonly string[],
): Promise<readonly string[]> {
  const { traffic, rehearse } = fleet.input;
  const open = fleet.members.filter(
    ({ pair, state, outcome }) => (state === 'open' || isOpen(outcome)) && !moved.includes(pair),
  );
  if (traffic === null || rehearse || open.length === 0) return moved;
  await moveOpen(fleet, traffic, open);
  return [...moved, ...open.map(({ pair }) => pair)];
}

async function moveOpen(fleet: PromotionFleet, traffic: Traffic, open: readonly Member[]): Promise<void> {
  try {
    if ('workflowType' in traffic) {
      await runOperatorsWorkflow('traffic', traffic, facts(fleet, open), 'traffic of the fleet');
      return;
    }
    const pairs = open.flatMap(({ pair, standby }) => {
      if (standby === null) return [];
      const { host, port, database } = standby;
      return [{ pair, standby: { host, port, database } }];
    });
    await following.moveTraffic.executeWithOptions({ summary: 'move the traffic of the pairs' }, [
      { call: traffic.http, pairs },
    ]);
  } catch (error) {
    const { message } = failureOf(error, 'the standbys are open', true);
    fleet.addFindings(
      trafficOfPairsNotMoved(
        open.map(({ pair }) => pair),
        message,
      ),
    );
  }
}

const isOpen = (outcome: Member['outcome']) => outcome === 'promoted' || outcome === 'unfinished';

function facts(fleet: PromotionFleet, members: readonly Member[]): object {
  const { rehearse, ticket, requestedBy } = fleet.input;
  const pairs = members.map(({ pair, primary, standby }) => ({ pair, primary, standby }));
  return { pairs, rehearsal: rehearse, ticket, requestedBy };
}
