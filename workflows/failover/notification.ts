import type { Notification } from '../../src/contract/notification.js';
import { notifyingAtLast } from '../activities.js';
import { summary } from '../summary.js';

/** Delivers one notification: of the end of a run, which does not wait for it. */
export async function notification(told: Notification): Promise<void> {
  await notifyingAtLast.notify.executeWithOptions({ summary: summary(`notify: ${told.event}`) }, [told]);
}
