import type { Reached } from './stage.js';

/** One way to move the sequences of a standby. */
export interface Contender {
  readonly name: string;
  /** What it does and what it leaves out, for the report. */
  readonly description: string;
  /** Why it cannot be run here at all; null where it can. */
  unavailable(): Promise<string | null>;
  /**
   * Moves the sequences once.
   *
   * @param buffer in calls: larger from time to time, so that every sequence is behind and has to be set
   */
  run(databases: Reached, buffer: number): Promise<Timing>;
}

export interface Timing {
  /** Milliseconds, of all sequences. */
  ms: number;
  /** How many sequences were really moved, where the time was extrapolated from those. */
  sampleOf?: number;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
