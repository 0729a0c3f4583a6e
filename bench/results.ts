import type { Shape } from './databases.js';
import type { HistoryFacts } from './history.js';
import type { Machine } from './machine.js';
import type { ProcessorTime } from './processor-time.js';
import type { Line } from './stage.js';

/** All runs of one contender on one pair of databases, in milliseconds. */
export interface Series {
  contender: string;
  size: number;
  shape: Shape;
  line: Line;
  ms: number[];
  /** How many sequences were moved, if the rest was extrapolated. */
  sampleOf: number | null;
  /** Why it was not run. */
  notRun: string | null;
}

/** Facts that only the durable run has. */
export interface DurableFacts {
  size: number;
  shape: Shape;
  line: Line;
  /** Milliseconds from the update `decide` to the end of the run. */
  approvalToEnd: number[];
  /** Milliseconds from the start to the gate, by the times of the events. */
  startToGateByEvents: number[];
  /** Of the last run. */
  history: HistoryFacts;
  /** Of the last run, in seconds. */
  processorTime: ProcessorTime;
  /** Bytes that the standby wrote to its WAL up to the gate, for each sequence. */
  walPerSequence: number;
  /** The same for bare SQL. */
  walPerSequenceBare: number | null;
  /** The memory of a worker that was started before the first of these runs, in bytes. */
  peakMemory: number | null;
}

export interface Results {
  machine: Machine;
  settings: Record<string, string>;
  runs: number;
  seconds: number;
  series: Series[];
  durable: DurableFacts[];
  /** Milliseconds from the start of the worker's process to its first workflow task. */
  workerStart: number[];
}

export const DURABLE = 'the durable run';
