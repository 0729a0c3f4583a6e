import type { MostConnections } from './connection-watch.js';

export interface FleetOptions {
  readonly databases: number;
  /** The number of sequences in each database. */
  readonly sequences: number;
  readonly workers: number;
  readonly concurrency: number;
}

/** Times in seconds, sizes in bytes. */
export interface FleetMeasurement extends FleetOptions {
  readonly machine: { cores: number; memory: number; cpu: string };
  /** The time from the start of the fleet until every pair waits at its gate. */
  readonly allGatesOpen: number;
  /** The time from the approval of all pairs until the fleet has completed. */
  readonly approvalToDone: number;
  readonly connections: MostConnections;
  /** The peak of the resident memory of each worker. */
  readonly peakMemory: (number | null)[];
  readonly histories: { fleet: HistorySize; member: { median: HistorySize; largest: HistorySize } };
}

export interface HistorySize {
  events: number;
  bytes: number;
}
