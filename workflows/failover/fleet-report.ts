import { z } from 'zod';
import { check } from '../../src/contract/parsing/check.js';
import type { Gate } from '../../src/contract/gate.js';

/** The last report of a pair to its fleet about its gate. */
export interface LastReport {
  /** A digest of the decisions at the gate; null while the fleet waits for the result of a decision. */
  decided: string | null;
  standing: string;
  /** The number of reported changes that were no results of decisions. */
  changes: number;
  /** The time of the last of these reports, in milliseconds since the epoch. */
  changedAt: number;
}

const toldSchema = z.looseObject({
  decided: z.string().nullable(),
  standing: z.string(),
  changes: z.number(),
  changedAt: z.number(),
});

/** The last report, after a continue-as-new; null if it cannot be read. Then everything is reported again. */
export function readLastReport(carried: string | undefined): LastReport | null {
  if (carried === undefined) return null;
  const checked = check(toldSchema, parsed(carried), 'what the fleet was told');
  return checked.ok ? checked.value : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** While the gate is closed. When it opens again, its state is reported, even if it is the same as before. */
export function whileClosed(told: LastReport): LastReport {
  return { ...told, decided: null };
}

const FIRST_PAUSE_MS = 5 * 60_000;
const PAUSE_GROWS = 4;

/**
 * The next report to the fleet, or null if none is due. The result of a decision is reported at once. Other changes are reported with
 * growing pauses of 5, 20, 80 … minutes: if a server that a thousand pairs share goes down, a thousand reports reach one history.
 */
export function nextReport(
  told: LastReport | null,
  { state, approvals, blockedBy, refusedCount }: Gate,
  now: number,
): LastReport | null {
  // The time of the last approval tells a repeated approval from no approval.
  const decided = JSON.stringify([approvals.map(({ at }) => at), refusedCount]);
  const standing = JSON.stringify([state, blockedBy]);
  if (told === null) return { decided, standing, changes: 0, changedAt: 0 };
  if (decided !== told.decided) return { ...told, decided, standing };
  const { changes, changedAt } = told;
  if (standing === told.standing || now < changedAt + pauseAfter(changes)) return null;
  return { decided, standing, changes: changes + 1, changedAt: now };
}

function pauseAfter(changes: number): number {
  return changes === 0 ? 0 : FIRST_PAUSE_MS * PAUSE_GROWS ** (changes - 1);
}
