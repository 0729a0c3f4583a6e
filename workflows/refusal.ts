import { cut } from '../src/contract/parsing/text.js';
import type { Refusal } from '../src/contract/gate.js';

/** The status keeps this many characters of each text of a refused message. */
export const REFUSAL_TEXT_KEPT = 500;

/** The record of a message without effect, made now. */
export function refusalOf(kind: string, by: string | null, reason: string): Refusal {
  return {
    at: new Date().toISOString(),
    kind: cut(kind, REFUSAL_TEXT_KEPT),
    by: by === null ? null : cut(by, REFUSAL_TEXT_KEPT),
    reason: cut(reason, REFUSAL_TEXT_KEPT),
  };
}

/** The verdict on a message that has no effect. */
export const refusedBecause = (reason: string) => ({ stands: false as const, reason });
