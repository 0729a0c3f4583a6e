import { z } from 'zod';
import { check } from '../../src/contract/parsing/check.js';
import type { Gate } from '../../src/contract/status.js';

/** What a pair has told its fleet of its gate. */
export interface Told {
  /** What decisions have made of it; null where the fleet waits for what comes of one. */
  decided: string | null;
  standing: string;
  /** How many changes it told that answered no decision. */
  changes: number;
  /** When it told the last of them, in milliseconds since the epoch. */
  changedAt: number;
}

const toldSchema = z.looseObject({
  decided: z.string().nullable(),
  standing: z.string(),
  changes: z.number(),
  changedAt: z.number(),
});

/** What the run remembers to have told, as it crosses a continue-as-new; null for nothing that can be read: then all is told once more. */
export function readTold(carried: string | undefined): Told | null {
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

/** At a gate that is closed: whatever is found when it opens again is told, also what was found before. */
export function whileClosed(told: Told): Told {
  return { ...told, decided: null };
}

const FIRST_PAUSE_MS = 5 * 60_000;
const PAUSE_GROWS = 4;

/**
 * What the fleet is to be told now, or null for nothing. What a decision has made of the gate is told at once. What
 * else changes there is told with pauses that grow, 5, 20, 80 … minutes: an outage of a server that a thousand pairs
 * share comes a thousand times into one history.
 */
export function toTell(
  told: Told | null,
  { state, approvals, blockedBy, refusedCount }: Gate,
  now: number,
): Told | null {
  // The last approval's time tells a repeated approval from none.
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
