import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import type { Notification } from '../../src/contract/notification.js';
import { promotionNotificationText } from '../../src/planning/promotion-notification-text.js';
import { notifying } from '../activities.js';
import { sendLastNotification } from '../last-notification.js';
import { summary } from '../summary.js';
import type { Promotion } from './promotion.js';

/** A promotion of a fleet sends none: its fleet does. Histories of versions that sent none have none. */
function isOn({ fleet, known }: Promotion): boolean {
  return known.notifies && fleet === null && patched('promotion-notifies');
}

/**
 * Sends the notification that the promotion will fence the primary. It is sent before the sequences are moved, so that nothing of it happens
 * during the outage. The promotion does not wait for it.
 */
export function tellStart(promotion: Promotion): void {
  if (promotion.input.rehearse || !isOn(promotion)) return;
  CancellationScope.nonCancellable(async () => {
    const told = [compose(promotion, 'started')] as [Notification];
    await notifying.notify.executeWithOptions({ summary: summary('notify: started') }, told);
  }).catch(() => undefined);
}

/** Starts the workflow that sends the last notification. The standby is open by then, or everything is undone. */
export async function tellEnd(promotion: Promotion): Promise<void> {
  if (isOn(promotion)) await sendLastNotification(compose(promotion, 'ended'));
}

function compose(promotion: Promotion, event: 'started' | 'ended'): Notification {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const { pair, ticket, requestedBy, phase, ending, certificate, rehearsal, leftovers, outageBudget } =
    promotion.status();
  const told = {
    ...{ rehearsal, outageBudget, outageMs: certificate?.outageMs ?? null },
    leftovers: leftovers.length,
  };
  return {
    ...{ event, id: `${firstRunId}-${event === 'started' ? 1 : 2}`, at: new Date().toISOString() },
    text: promotionNotificationText({ event, pair, ticket, workflowId, ending, ...told }),
    ...{ workflowId, firstRunId, pair, mode: null, ticket, requestedBy, phase, gate: null },
    ...{ minimumHeadroom: certificate?.minimumHeadroom ?? null, promotion: told, ending },
  };
}
