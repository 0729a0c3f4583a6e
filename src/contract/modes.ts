/** The modes of a run, from the one that only reads to the one that hands off. */
export const MODES = ['check', 'plan', 'verify', 'sync', 'failover'] as const;

/** The mode of a run: docs/reference/input.md. */
export type Mode = (typeof MODES)[number];

/** Whether a run in this mode sets sequences and writes the ledger. Such a run holds the lock of its pair. */
export function setsSequences(mode: Mode): boolean {
  return mode === 'sync' || mode === 'failover';
}

/** Whether a run in this mode only says what it would do, and so reads each side once. */
export function onlyPlans(mode: Mode): boolean {
  return mode === 'check' || mode === 'plan';
}
