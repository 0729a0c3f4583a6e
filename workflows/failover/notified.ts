import type { Gate } from '../../src/contract/status.js';
import type { Notification } from '../../src/contract/notification.js';
import { digest } from '../../src/steps/digest.js';
import type { RunMemory } from './run-memory.js';

/** What a run remembers of its notifications: plain JSON, so that a continue-as-new can carry it. */
export interface NotifiedMemory {
  /** How many there were; part of the next one's ID. */
  count: number;
  /** A digest of the gate's state and blocks, as last told; null while the gate is neither open nor blocked. */
  gate: string | null;
  /** How often the gate was told, and when last, in milliseconds since the epoch. */
  gateCount: number;
  gateAt: number;
  /** Sequences that were topped up since the last notification of it. */
  toppedUp: number;
  toppedUpAt: number;
  /** Whether the approaching deadline was told. */
  timingOut: boolean;
  /** Those that the receiver is not known to have: a continued run sends them again. */
  underWay: Notification[];
}

/** Changes of the gate that are told at once; later ones with pauses between them, for a gate that opens and closes all the time. */
const AT_ONCE = 3;
const PAUSE_MS = 5 * 60_000;
/** Least time between two notifications of top-ups. */
const TOP_UP_PAUSE_MS = 10 * 60_000;
/** The deadline is told so long before it, but at most a quarter of the timeout. */
const WARN_BEFORE_MS = 3_600_000;
const UNDER_WAY_KEPT = 5;

/** What of a run is to be told to somebody, and what was: a state machine without clock or I/O. Off until a worker has a receiver. */
export class Notified {
  constructor(private readonly run: Pick<RunMemory, 'notified'>) {}

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

  /** Notifications that nobody is known to have. */
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

  /** It has arrived, or will not. */
  isOver({ id }: Notification): void {
    if (this.memory === undefined) return;
    this.memory.underWay = this.memory.underWay.filter((one) => one.id !== id);
  }

  /** What is to be told of the gate now; null for nothing. */
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
    const standing = digest(JSON.stringify([state, blockedBy]));
    if (standing === memory.gate) return null;
    const isReopened = memory.gate === null;
    if (!isReopened && memory.gateCount >= AT_ONCE && now < memory.gateAt + PAUSE_MS) return null;
    Object.assign(memory, { gate: standing, gateCount: memory.gateCount + 1, gateAt: now });
    return state === 'open' ? 'gate-opened' : 'gate-blocked';
  }

  toppedUp(sequences: number): void {
    if (this.memory !== undefined) this.memory.toppedUp += sequences;
  }

  /** How many top-ups are to be told now; null for none. */
  topUps(now: number): number | null {
    const { memory } = this;
    if (memory === undefined || memory.toppedUp === 0 || now < memory.toppedUpAt + TOP_UP_PAUSE_MS)
      return null;
    const sequences = memory.toppedUp;
    Object.assign(memory, { toppedUp: 0, toppedUpAt: now });
    return sequences;
  }

  /** @returns in how many milliseconds the deadline is to be told; infinite if it was, or if nothing waits for it */
  untilWarning(deadline: number | null, timeoutMs: number, now: number): number {
    if (this.memory === undefined || this.memory.timingOut || deadline === null) return Infinity;
    return Math.max(0, deadline - Math.min(WARN_BEFORE_MS, timeoutMs / 4) - now);
  }

  warned(): void {
    if (this.memory !== undefined) this.memory.timingOut = true;
  }
}
