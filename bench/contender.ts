import type { Reached } from './stage.js';

/** One way to move the sequences of a standby. */
export interface Contender {
  readonly name: string;
  /** What it does and what it leaves out, for the report. */
  readonly description: string;
  /** Why it cannot be run here at all; null where it can. */
  unavailable(serverVersion: string): Promise<string | null>;
  /** Where given, so many sequences are moved at most, and the time of the others extrapolated. */
  sampleAtMost?(databases: Reached): number;
  /**
   * Moves the sequences once, and returns how many milliseconds that took.
   *
   * @param buffer in calls: larger from time to time, so that every sequence is behind and has to be set
   * @param limit of sequences; all by default
   */
  run(databases: Reached, buffer: number, limit: number): Promise<number>;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
