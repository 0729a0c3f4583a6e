import { CancellationScope, patched, sleep, workflowInfo } from '@temporalio/workflow';
import { BLOCKS_NAMED } from '../../src/contract/fleet-reports.js';
import type { Notification } from '../../src/contract/notification.js';
import { fleetNotificationText } from '../../src/planning/notification/fleet-notification-text.js';
import { notifying } from '../activities.js';
import { sendLastNotification } from '../last-notification.js';
import { Notified, PAUSE_MS } from '../failover/notified.js';
import { summary } from '../summary.js';
import type { Fleet } from './fleet.js';

/**
 * Sends the notifications of a fleet, as `Notifications` does for a run: its runs send none. It is off until a run has said that its worker
 * has a NOTIFY_URL, and in histories of versions that sent none.
 */
export class FleetNotifications {
  private readonly notified = new Notified({});

  constructor(private readonly fleet: Fleet) {}

  get isOn(): boolean {
    return this.notified.isOn;
  }

  /** A run of the fleet, or its failure, says that its worker notifies. */
  heard(notifies: boolean): void {
    if (notifies && !this.notified.isOn && patched('fleet-notifies')) this.notified.turnOn();
  }

  /** Something may have changed at the gate. */
  changed(): void {
    const { notified, fleet } = this;
    if (!notified.isOn) return;
    const state = fleet.gateState();
    const blockedBy = fleet.blocked().map(({ pair, code }) => ({ code, sequence: pair }));
    const event =
      state === 'open' || state === 'blocked'
        ? notified.gateEvent({ state, blockedBy }, Date.now())
        : notified.gateEvent({ state: 'closed', blockedBy: [] }, Date.now());
    if (event === null) return;
    const notification = this.compose(event);
    notifying.notify
      .executeWithOptions({ summary: summary(`notify: ${event}`) }, [notification])
      .catch(() => undefined);
    // Changes during the pause are notified after it.
    void sleep(PAUSE_MS).then(
      () => {
        this.changed();
      },
      () => undefined,
    );
  }

  /** Starts the workflow that sends the last notification. It never fails. */
  async tellEnd(): Promise<void> {
    const notification = this.compose('ended');
    await CancellationScope.nonCancellable(() => sendLastNotification(notification)).catch(() => undefined);
  }

  private compose(event: 'gate-opened' | 'gate-blocked' | 'ended'): Notification {
    const { fleet } = this;
    const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
    const { mode, ticket, requestedBy, phase, counts: pairs, minimumHeadroom, ending } = fleet.status();
    const blocked = fleet.blocked();
    const gate = {
      state: fleet.gateState(),
      blockedBy: blocked.slice(0, BLOCKS_NAMED),
      blockedCount: fleet.blockedCount(),
    };
    return {
      ...{ event, id: `${firstRunId}-${this.notified.next()}`, at: new Date().toISOString() },
      text: fleetNotificationText({ event, mode, ticket, workflowId, gate, pairs, minimumHeadroom, ending }),
      ...{ workflowId, firstRunId, pair: null, mode, ticket, requestedBy, phase, gate, pairs },
      ...{ minimumHeadroom, ending },
    };
  }
}
