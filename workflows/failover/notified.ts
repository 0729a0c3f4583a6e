import type { Gate } from '../../src/contract/gate.js';
import type { Notification } from '../../src/contract/notification.js';
import { digest } from '../../src/steps/digest.js';

/** A run's state about its notifications: plain JSON, so that a continue-as-new can carry it. */
export interface NotifiedMemory {
  /** The number of notifications so far. The next one has the next number in its ID. */
  count: number;
  /** A digest of the state and the blocks of the gate in the last notification; null while the gate is neither open nor blocked. */
  gate: string | null;
  /** The number of notifications about the gate, and the time of the last one, in milliseconds since the epoch. */
  gateCount: number;
  gateAt: number;
  /** The number of sequences that were topped up since the last notification about top-ups. */
  toppedUp: number;
  toppedUpAt: number;
  /** Whether the notification about the approaching deadline was sent. */
  timingOut: boolean;
  /** Notifications that may not have arrived. After a continue-as-new the run sends them again. */
  underWay: Notification[];
}

/** So many changes of the gate are notified at once. After that there are pauses, in case the gate opens and closes all the time. */
const AT_ONCE = 3;
export const PAUSE_MS = 5 * 60_000;
/** The shortest time between two notifications about top-ups. */
const TOP_UP_PAUSE_MS = 10 * 60_000;
/** The notification about the deadline is sent this long before it, or a quarter of the timeout before it if that is shorter. */
const WARN_BEFORE_MS = 3_600_000;
const UNDER_WAY_KEPT = 5;

/** Decides which notifications a run sends: a state machine without clock or I/O. It is off until a worker has a NOTIFY_URL. */
export class Notified {
  /** @param run the memory of a run, which keeps this state */
  constructor(private readonly run: { notified?: NotifiedMemory }) {}

  private get memory(): NotifiedMemory | undefined {
    return this.run.notified;
  }

  get isOn(): boolean {
    return this.memory !== undefined;
  }

  turnOn(): void {
    this.run.notified ??= {
      ...{ count: 0, gate: null, gateCount: 0, gateAt: 0 },
      ...{ toppedUp: 0, toppedUpAt: 0, timingOut: false, underWay: [] },
    };
  }

  /** Notifications that may not have arrived. */
  get underWay(): readonly Notification[] {
    return this.memory?.underWay ?? [];
  }

  /** The number of the next notification. */
  next(): number {
    if (this.memory === undefined) return 0;
    this.memory.count += 1;
    return this.memory.count;
  }

  sends(notification: Notification): void {
    if (this.memory === undefined) return;
    this.memory.underWay = [...this.memory.underWay, notification].slice(-UNDER_WAY_KEPT);
  }

  /** The notification has arrived, or was given up. */
  isOver({ id }: Notification): void {
    if (this.memory === undefined) return;
    this.memory.underWay = this.memory.underWay.filter((one) => one.id !== id);
  }

  /** The notification about the gate that is due now; null for none. */
  gateEvent(
    { state, blockedBy }: Pick<Gate, 'state' | 'blockedBy'>,
    now: number,
  ): 'gate-opened' | 'gate-blocked' | null {
    const { memory } = this;
    if (memory === undefined) return null;
    if (state !== 'open' && state !== 'blocked') {
      memory.gate = null;
      return null;
    }
    const present = digest(JSON.stringify([state, blockedBy]));
    if (present === memory.gate) return null;
    const isReopened = memory.gate === null;
    if (!isReopened && memory.gateCount >= AT_ONCE && now < memory.gateAt + PAUSE_MS) return null;
    Object.assign(memory, { gate: present, gateCount: memory.gateCount + 1, gateAt: now });
    return state === 'open' ? 'gate-opened' : 'gate-blocked';
  }

  toppedUp(sequences: number): void {
    if (this.memory !== undefined) this.memory.toppedUp += sequences;
  }

  /** The number of topped-up sequences for the notification that is due now; null if none is due. */
  topUps(now: number): number | null {
    const { memory } = this;
    if (memory === undefined || memory.toppedUp === 0 || now < memory.toppedUpAt + TOP_UP_PAUSE_MS)
      return null;
    const sequences = memory.toppedUp;
    Object.assign(memory, { toppedUp: 0, toppedUpAt: now });
    return sequences;
  }

  /** @returns milliseconds until the notification about the deadline is due; infinite if it was sent, or if there is no deadline */
  untilWarning(deadline: number | null, timeoutMs: number, now: number): number {
    if (this.memory === undefined || this.memory.timingOut || deadline === null) return Infinity;
    return Math.max(0, deadline - Math.min(WARN_BEFORE_MS, timeoutMs / 4) - now);
  }

  warned(): void {
    if (this.memory !== undefined) this.memory.timingOut = true;
  }
}
