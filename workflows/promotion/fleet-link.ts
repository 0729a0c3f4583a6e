import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { INTERNAL_SIGNALS, MEMO } from '../../src/contract/names.js';
import type { AwaitedOrder, PromotionStatus } from '../../src/contract/promotion.js';
import type { ApprovedRun } from '../../src/contract/promotion-fleet-input.js';
import { settling } from './activities.js';
import { promotionFailure } from './failure.js';
import { type Cause, type MemberProgress, progressSignal } from './fleet-signals.js';

/** A fleet that was asked to undo gets this long to answer. After that it is ended, and its history says what it had decided. */
const ANSWERED_WITHIN = '30 seconds';

/** The way back waits at most this long for the other pairs. */
const OPENED_WITHIN = '20 seconds';

/** Omits the pair from each member of the union. */
type Told = MemberProgress extends infer T ? (T extends unknown ? Omit<T, 'pair'> : never) : never;

/**
 * The connection of a promotion to the fleet that started it. The promotion waits for the fleet's orders at three places. Until it says that it is
 * ready, it may undo everything by itself. From then on only the fleet decides, so that never some pairs switch and others undo: the promotion can
 * only ask. A fleet that does not answer is ended, and what its history says is its decision.
 */
export class FleetLink {
  private readonly given = new Set<AwaitedOrder>();
  private awaited: AwaitedOrder | null = null;
  private forward = false;
  private undo: Cause | null = null;
  private asked: Cause | null = null;
  private ready = false;

  constructor(
    private readonly fleet: { workflowId: string; runId: string },
    private readonly pair: string,
    /** Undoes a promotion that is not ready yet. */
    private readonly abort: (cause: Cause) => void,
  ) {}

  /** The fleet, as the status of the promotion shows it. */
  get status(): { workflowId: string; waitsFor: AwaitedOrder | null } {
    return { workflowId: this.fleet.workflowId, waitsFor: this.awaited };
  }

  /** Whether the order to switch was given: from then on nothing stops the promotion. */
  get isSwitching(): boolean {
    return this.given.has('switch');
  }

  /** Whether the promotion may not undo anything by itself any more. */
  get isReady(): boolean {
    return this.ready;
  }

  /** Takes an order of the fleet. @returns false for another signal */
  receive(name: string, [cause]: readonly unknown[]): boolean {
    switch (name) {
      case INTERNAL_SIGNALS.fleetFence:
        this.given.add('fence');
        return true;
      case INTERNAL_SIGNALS.fleetConfirm:
        this.given.add('confirm');
        return true;
      case INTERNAL_SIGNALS.fleetSwitch:
        // A fleet gives this order only when every promotion is ready, and only if it has not ordered to undo.
        if (this.isReady && this.undo === null) this.given.add('switch');
        return true;
      case INTERNAL_SIGNALS.fleetForward:
        this.forward = true;
        return true;
      case INTERNAL_SIGNALS.fleetUndo:
        this.takeUndo(cause as Cause);
        return true;
      default:
        return false;
    }
  }

  /** Tells the fleet without waiting. A fleet that has ended needs to know nothing. */
  tell(told: Told): void {
    CancellationScope.nonCancellable(() => this.send(told)).catch(() => undefined);
  }

  /**
   * Says that everything before the fence is done, and waits for the order to raise it.
   *
   * @param notifies whether the worker has a NOTIFY_URL
   */
  awaitFence(
    { primary, standby }: Pick<PromotionStatus, 'primary' | 'standby'>,
    notifies: boolean,
  ): Promise<void> {
    return this.await('fence', {
      ...{ state: 'prepared', primary, standby },
      ...(notifies ? { notifies } : {}),
    });
  }

  /** Says that the sequences were verified behind the fence, and waits until those of all pairs were. */
  awaitConfirm(deadline: number): Promise<void> {
    return this.await('confirm', { state: 'verified', deadline: new Date(deadline).toISOString() });
  }

  /**
   * Says that the promotion is ready, and waits for the fleet's decision. A cancellation only makes it ask.
   *
   * @throws ApplicationFailure if the fleet has decided to undo
   */
  async awaitSwitch(): Promise<void> {
    this.awaited = 'switch';
    this.ready = true;
    const cancelled = CancellationScope.current().cancelRequested;
    cancelled.catch(() => {
      this.askToUndo({ type: 'Cancelled', message: 'the promotion was cancelled' });
    });
    await CancellationScope.nonCancellable(async () => {
      try {
        await this.send({ state: 'ready' });
      } catch {
        this.askToUndo({ type: 'FleetStopped', message: this.endedText });
      }
      await condition(() => this.isDecided());
    });
    this.awaited = null;
    if (this.isSwitching) return;
    const { type, message } = this.asked ?? this.undo ?? { type: 'Internal', message: '' };
    throw promotionFailure(type, message);
  }

  /** Waits until all pairs are open, since the way back of one would slow down the opening of the others. */
  async awaitOthers(): Promise<void> {
    await condition(() => this.forward, OPENED_WITHIN);
  }

  /** Asks the fleet to undo all pairs. A promotion that is ready does this when its budget is used up, or when it was rejected or cancelled. */
  askToUndo(cause: Cause): void {
    if (this.asked !== null || this.isDecided()) return;
    this.asked = cause;
    CancellationScope.nonCancellable(() => this.ask(cause)).catch(() => undefined);
  }

  /** Waits until the fleet has decided. @returns whether it undoes */
  async undoes(): Promise<boolean> {
    await condition(() => this.isDecided());
    return this.undo !== null;
  }

  /**
   * Tells the fleet that this promotion is undoing everything by itself, so that the fleet stops the other pairs at once. If the fleet has
   * ordered the switch already, the other pairs go on without this one, whose undo may have to wait for its standby.
   */
  failed({ type, message }: Cause): void {
    if (this.isSwitching) {
      if (patched('tells-unopened')) this.tell({ state: 'unopened', type, message });
      return;
    }
    if (this.isReady || this.undo !== null) return;
    this.tell({ state: 'failed', type, message });
  }

  /** Sends the progress and waits for the order. Until then the promotion can still undo everything by itself. */
  private async await(order: 'fence' | 'confirm', told: Told): Promise<void> {
    this.awaited = order;
    try {
      await this.send(told);
    } catch {
      if (!CancellationScope.current().consideredCancelled)
        throw promotionFailure('FleetStopped', this.endedText);
    }
    await condition(() => this.given.has(order));
    this.awaited = null;
  }

  private async ask(cause: Cause): Promise<void> {
    try {
      await this.send({ state: 'asks', ...cause });
      if (await condition(() => this.isDecided(), ANSWERED_WITHIN)) return;
    } catch {
      // The fleet has ended.
    }
    if (this.isDecided()) return;
    const decision = await settling.settleFleet.executeWithOptions(
      { summary: 'end the fleet, and read what it had decided' },
      [{ fleet: this.fleet }],
    );
    if (this.isDecided()) return;
    if (decision === 'switch') this.given.add('switch');
    else this.takeUndo({ type: 'FleetStopped', message: this.endedText });
  }

  private isDecided(): boolean {
    return this.isSwitching || this.undo !== null;
  }

  private takeUndo(cause: Cause): void {
    if (this.isDecided()) return;
    this.undo = cause;
    if (!this.isReady) this.abort(cause);
  }

  private async send(told: Told): Promise<void> {
    const { workflowId, runId } = this.fleet;
    await getExternalWorkflowHandle(workflowId, runId).signal(progressSignal, { pair: this.pair, ...told });
  }

  private get endedText(): string {
    return `the fleet ${this.fleet.workflowId} has ended`;
  }
}

/** The fleet that started this promotion; null without one. A parent of another type must not receive signals that it does not know. */
export function startedByFleet(): { workflowId: string; runId: string } | null {
  const { parent, memo } = workflowInfo();
  if (parent === undefined || memo?.[MEMO.fleet] !== parent.workflowId) return null;
  return { workflowId: parent.workflowId, runId: parent.runId };
}

/** The run that was approved, for a promotion of a fleet that started after a handoff. */
export function approvedRun(): ApprovedRun | null {
  if (startedByFleet() === null) return null;
  const run = workflowInfo().memo?.[MEMO.approvedRun];
  return (run as ApprovedRun | undefined) ?? null;
}
