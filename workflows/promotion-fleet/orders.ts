import type { ChildWorkflowHandle } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../src/contract/names.js';
import type { Cause } from '../promotion/fleet-signals.js';
import type { promoteStandby } from '../promotion/promote-standby.js';

type Child = ChildWorkflowHandle<typeof promoteStandby>;

const SIGNALS = {
  fence: INTERNAL_SIGNALS.fleetFence,
  confirm: INTERNAL_SIGNALS.fleetConfirm,
  switch: INTERNAL_SIGNALS.fleetSwitch,
  forward: INTERNAL_SIGNALS.fleetForward,
} as const;

/** Gives orders to all promotions of a fleet. */
export class Orders {
  private readonly children: Child[] = [];
  private undo: Cause | null = null;

  /** A promotion that starts after the order to undo gets the order at once. */
  add(child: Child): void {
    this.children.push(child);
    if (this.undo !== null) send(child, INTERNAL_SIGNALS.fleetUndo, this.undo);
  }

  /** All signals are commands of one workflow task: Temporal accepts the order for every pair, or for none. */
  give(order: keyof typeof SIGNALS): void {
    for (const child of this.children) send(child, SIGNALS[order]);
  }

  giveUndo(cause: Cause): void {
    this.undo = cause;
    for (const child of this.children) send(child, INTERNAL_SIGNALS.fleetUndo, cause);
  }
}

/** A promotion that has ended needs no order. */
function send(child: Child, name: string, ...args: unknown[]): void {
  child.signal(name, ...args).catch(() => undefined);
}
