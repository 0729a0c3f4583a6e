import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import type { Notification } from '../../src/contract/notification.js';
import { promotionNotificationText } from '../../src/planning/notification/promotion-notification-text.js';
import { notifying } from '../activities.js';
import { sendLastNotification } from '../last-notification.js';
import { summary } from '../summary.js';
import { isDoubtful } from '../../src/findings/is-doubtful.js';
import type { Promotion } from './promotion.js';

/** In a fleet only the fleet notifies. Earlier versions sent no notifications of promotions. */
function isOn({ fleet, known }: Promotion): boolean {
  return known.notifies && fleet === null && patched('promotion-notifies');
}

/**
 * Notifies that the promotion will fence the primary. The promotion does not wait for it. It is sent before the sequences are moved, so
 * that it takes no time of the outage.
 */
export function notifyOfStart(promotion: Promotion): void {
  if (promotion.input.rehearse || !isOn(promotion)) return;
  CancellationScope.nonCancellable(async () => {
    const told = [compose(promotion, 'started')] as [Notification];
    await notifying.notify.executeWithOptions({ summary: summary('notify: started') }, told);
    // A notification that cannot be sent never fails a promotion.
  }).catch(() => undefined);
}

/** Starts the workflow that sends the last notification. By then the standby is open, or everything is undone. */
export async function notifyOfEnd(promotion: Promotion): Promise<void> {
  if (isOn(promotion)) await sendLastNotification(compose(promotion, 'ended'));
}

function compose(promotion: Promotion, event: 'started' | 'ended'): Notification {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const { pair, ticket, requestedBy, phase, ending, certificate, rehearsal, outageBudget, ...rest } =
    promotion.status();
  const left = [...rest.leftovers, ...(rest.changes ?? []).flatMap(({ undo }) => undo)];
  const told = {
    ...{ rehearsal, outageBudget, outageMs: certificate?.outageMs ?? null },
    leftovers: left.length,
  };
  const doubtful = isDoubtful(rest.findings) ? 1 : 0;
  return {
    ...{ event, id: `${firstRunId}-${event === 'started' ? 1 : 2}`, at: new Date().toISOString() },
    text: promotionNotificationText({ event, pair, ticket, workflowId, ending, doubtful, ...told }),
    ...{ workflowId, firstRunId, pair, mode: null, ticket, requestedBy, phase, gate: null },
    ...{ minimumHeadroom: certificate?.minimumHeadroom ?? null, promotion: told, ending },
  };
}
