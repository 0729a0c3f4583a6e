import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { BLOCKS_NAMED } from '../../src/contract/fleet-reports.js';
import { MEMO } from '../../src/contract/names.js';
import type { Notification, RunEvent } from '../../src/contract/notification.js';
import { notificationText } from '../../src/planning/notification/notification-text.js';
import { notifying } from '../activities.js';
import { summary } from '../summary.js';
import { sendLastNotification } from '../last-notification.js';
import type { Run } from './run.js';
import type { RunObserver } from './run-observers.js';

/**
 * Sends notifications to the worker's NOTIFY_URL. The run waits for none of them: while it goes on, each is an activity that is not awaited;
 * the last one is sent by a workflow of its own, which outlives the run.
 */
export class Notifications implements RunObserver {
  private last: Notification | null = null;

  constructor(private readonly run: Run) {
    // Notifications of the previous run in the continue-as-new chain.
    for (const notification of run.notified.underWay) this.deliver(notification);
  }

  changed(): void {
    const { run } = this;
    const { notified } = run;
    if (!notified.isOn || !run.gated || run.memory.ending !== undefined) return;
    const { gate } = run.status();
    if (gate === null) return;
    const now = Date.now();
    const event = notified.gateEvent(gate, now);
    if (event !== null) this.send(this.compose(event));
    if (gate.state !== 'open' && gate.state !== 'blocked') return;
    const toppedUp = notified.topUps(now);
    if (toppedUp !== null) this.send(this.compose('topped-up', toppedUp));
    if (untilWarning(run) > 0) return;
    notified.warned();
    this.send(this.compose('timing-out'));
  }

  toppedUp(sequences: number): void {
    this.run.notified.toppedUp(sequences);
  }

  /** In modes other than `failover` only a failure is notified, since a standing watch ends every few minutes. */
  ended(): void {
    const { notified, memory, gated } = this.run;
    if (!gated && workflowInfo().memo?.[MEMO.unnotified] === true) return;
    if (notified.isOn && (gated || memory.ending?.state === 'failed')) this.last = this.compose('ended');
  }

  /** Starts the workflow that sends the last notification, if there is one. */
  async tellEnd(): Promise<void> {
    if (this.last === null) return;
    await sendLastNotification(this.last);
  }

  private send(notification: Notification): void {
    this.run.notified.sends(notification);
    this.deliver(notification);
  }

  private deliver(notification: Notification): void {
    CancellationScope.nonCancellable(() =>
      notifying.notify.executeWithOptions({ summary: summary(`notify: ${notification.event}`) }, [
        notification,
      ]),
    )
      .catch(() => undefined)
      .finally(() => {
        this.run.notified.isOver(notification);
      });
  }

  private compose(event: RunEvent, toppedUp = 0): Notification {
    const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
    const { pair, mode, ticket, requestedBy, phase, gate, counts, minimumHeadroom, handoff, ending } =
      this.run.status();
    const notifiedGate = gate && {
      ...{
        state: gate.state,
        approvals: gate.approvals.length,
        required: gate.required,
        deadline: gate.deadline,
      },
      ...{ blockedBy: gate.blockedBy.slice(0, BLOCKS_NAMED), blockedCount: gate.blockedBy.length },
    };
    const told = {
      event,
      pair,
      mode,
      ticket,
      workflowId,
      gate: notifiedGate,
      counts,
      minimumHeadroom,
      ending,
    };
    return {
      ...{ event, id: `${firstRunId}-${this.run.notified.next()}`, at: new Date().toISOString() },
      text: notificationText({ ...told, handoff, toppedUp }),
      ...{ workflowId, firstRunId, pair, mode, ticket, requestedBy, phase, gate: notifiedGate, counts },
      minimumHeadroom,
      ...(event === 'topped-up' ? { toppedUp } : {}),
      ending,
    };
  }
}

/** Milliseconds until the notification about the gate's deadline is due; infinite if none is. */
export function untilWarning({ notified, gate, input }: Run): number {
  const { deadline } = gate.memory;
  if (gate.heldUntil !== null || gate.isDecided()) return Infinity;
  return notified.untilWarning(deadline, input.approval.timeoutMs, Date.now());
}
