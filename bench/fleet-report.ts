import type { FleetMeasurement, HistorySize } from './fleet-measurement.js';

/** The measurement in a few lines. */
export function fleetSummary(measured: FleetMeasurement): string {
  const { databases, sequences, workers, concurrency, connections, peakMemory, histories } = measured;
  const memory = peakMemory.map((bytes) =>
    bytes === null ? 'unknown' : `${Math.round(bytes / 2 ** 20)} MiB`,
  );
  const { fleet, member } = histories;
  return [
    `${databases} databases of ${sequences} sequences, workers: ${workers}, concurrency: ${concurrency}`,
    `all gates open after ${measured.allGatesOpen.toFixed(1)} s, all done ${measured.approvalToDone.toFixed(1)} s after the approval`,
    `connections at most: ${connections.primary} to the primary, ${connections.standby} to the standby`,
    `peak memory of each worker: ${memory.join(', ')}`,
    `history: ${describe(fleet)}; of a pair: ${describe(member.median)} in the median, ${describe(member.largest)} at most`,
  ].join('\n');
}

function describe({ events, bytes }: HistorySize): string {
  return `${events} events, ${Math.round(bytes / 1024)} KiB`;
}
