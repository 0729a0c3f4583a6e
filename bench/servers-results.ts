import type { Catalogs } from './databases.js';
import type { Machine } from './machine.js';
import type { DurableFacts, Series } from './results.js';

/** One case on one server. */
export interface ServerMeasurement {
  /** Such as `18.4`. */
  version: string;
  catalogs: Catalogs;
  series: Series[];
  durable: DurableFacts;
}

export interface ServersResults {
  machine: Machine;
  runs: number;
  seconds: number;
  measured: ServerMeasurement[];
}
