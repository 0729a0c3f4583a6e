import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import type { Notification, NotifiedOutcomes } from '../../src/contract/notification.js';
import { promotionFleetNotificationText } from '../../src/planning/notification/promotion-notification-text.js';
import { sendLastNotification } from '../last-notification.js';
import type { PromotionFleet } from './promotion-fleet.js';

/** Starts the workflow that notifies of the fleet's end, if a worker of its pairs has a NOTIFY_URL. It never fails. */
export async function notifyOfEnd(fleet: PromotionFleet): Promise<void> {
  if (!fleet.notifies || !patched('promotion-fleet-notifies')) return;
  await CancellationScope.nonCancellable(async () => {
    await sendLastNotification(compose(fleet));
  }).catch(() => undefined);
}

function compose(fleet: PromotionFleet): Notification {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const { ticket, requestedBy, phase, ending, certificate, rehearsal, outageBudget, pairs } = fleet.status();
  const outcomes: NotifiedOutcomes = { total: pairs.length };
  for (const { outcome } of pairs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const promotion = {
    ...{ rehearsal, outageBudget, outageMs: certificate?.outageMs ?? null },
    leftovers: pairs.reduce((sum, { leftovers }) => sum + leftovers.length, 0),
    outcomes,
  };
  const doubtful = fleet.members.filter((one) => one.doubtful).length;
  return {
    ...{ event: 'ended', id: `${firstRunId}-1`, at: new Date().toISOString() },
    text: promotionFleetNotificationText({
      ...{ event: 'ended', ticket, workflowId, ending, doubtful },
      ...promotion,
    }),
    ...{ workflowId, firstRunId, pair: null, mode: null, ticket, requestedBy, phase, gate: null },
    ...{ minimumHeadroom: null, promotion, ending },
  };
}
