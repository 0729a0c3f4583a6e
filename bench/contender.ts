import type { Reached } from './stage.js';

/** One way to move the sequences of a standby. */
export interface Contender {
  readonly name: string;
  /** A description for the report: what it does, and what it leaves out. */
  readonly description: string;
  /** Why it cannot be run here; null if it can. */
  unavailable(serverVersion: string): Promise<string | null>;
  /** If given, at most this many sequences are moved, and the time of the others is extrapolated. */
  sampleAtMost?(databases: Reached): number;
  /**
   * Moves the sequences once, and returns how many milliseconds it took.
   *
   * @param buffer in calls; larger each time, so that every sequence is behind and has to be set
   * @param limit how many sequences to move; default: all
   */
  run(databases: Reached, buffer: number, limit: number): Promise<number>;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
