import type { PromotionResult } from '../src/contract/promotion.js';
import type { Case } from './databases.js';
import type { Machine } from './machine.js';

/** Promotions back and forth, with a writer at full speed. */
export interface SwitchResults {
  readonly machine: Machine;
  readonly runs: number;
  readonly sizes: SwitchSeries[];
}

export interface SwitchSeries {
  readonly sequences: number;
  readonly shape: Case['shape'];
  /** From the beginning of the fence to the open standby, in milliseconds. */
  readonly outageMs: number[];
  readonly steps: PromotionResult['certificate']['steps'][];
  /** From a `reject` during the outage to the first write on the primary, in milliseconds. */
  readonly undoMs: number[];
}
