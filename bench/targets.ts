import { DURABLE, type DurableFacts, type Results, type Series } from './results.js';
import { ratios, spread } from './statistics.js';
import type { Line } from './stage.js';

export interface Target {
  what: string;
  goal: string;
  measured: string;
  met: boolean;
}

const MIB = 2 ** 20;
/** The sizes at which Temporal warns of a payload. */
const PAYLOAD_WARNING = 512 * 1024;

/** Compares the medians with the targets for time and size, for the sizes that were measured. */
export function judge(results: Results): Target[] {
  const near = (size: number) => factsOf(results, size, 'loopback');
  return [
    against(results, 10_000, 'loopback', 'dblink function', 0.5),
    against(results, 10_000, 'loopback', 'bare SQL', 4),
    against(results, 10_000, '20 ms', 'dblink function', 0.02),
    against(results, 100_000, 'loopback', 'bare SQL', 2),
    ...milliseconds('10 sequences, start to gate, warm', startToGate(results, 10), 500),
    ...milliseconds('the worker’s start to its first task', results.workerStart, 1_500),
    ...milliseconds(
      '10,000 sequences, approval to the end of the run',
      near(10_000)?.approvalToEnd ?? [],
      500,
    ),
    ...limits(near(100_000)),
  ].filter((target) => target !== null);
}

function against(results: Results, size: number, line: Line, peer: string, most: number): Target | null {
  const durable = seriesOf(results, size, line, DURABLE);
  const other = seriesOf(results, size, line, peer);
  if (durable === undefined || other === undefined || durable.ms.length === 0 || other.ms.length === 0)
    return null;
  const { min, median, max } = spread(ratios(durable.ms, other.ms));
  const extrapolated = other.sampleOf === null ? '' : ', extrapolated';
  return {
    what: `${size.toLocaleString('en')} sequences, ${line}: against ${peer}${extrapolated}`,
    goal: `≤ ${most} ×`,
    measured: `${ratio(median)} × (${ratio(min)} to ${ratio(max)})`,
    met: median <= most,
  };
}

function milliseconds(what: string, values: readonly number[], most: number): Target[] {
  if (values.length === 0) return [];
  const { min, median, max } = spread(values);
  return [
    {
      what,
      goal: `≤ ${most / 1000} s`,
      measured: `${seconds(median)} s (${seconds(min)} to ${seconds(max)})`,
      met: median <= most,
    },
  ];
}

function limits(facts: DurableFacts | undefined): Target[] {
  if (facts === undefined) return [];
  const { peakMemory, history } = facts;
  const at = 'at 100,000 sequences';
  return [
    ...(peakMemory === null ? [] : [below(`the worker’s peak memory ${at}`, peakMemory / MIB, 500, 'MiB')]),
    below(`events of the longest history ${at}`, history.mostEvents, 10_000, ''),
    below(`the largest history ${at}`, history.mostBytes / MIB, 10, 'MiB'),
    below(`the largest payload ${at}`, history.largestPayload / 1024, PAYLOAD_WARNING / 1024, 'KiB'),
  ];
}

function below(what: string, value: number, most: number, unit: string): Target {
  const figure = value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
  return {
    what,
    goal: `≤ ${most.toLocaleString('en')} ${unit}`.trim(),
    measured: `${figure} ${unit}`.trim(),
    met: value <= most,
  };
}

function startToGate(results: Results, size: number): number[] {
  return seriesOf(results, size, 'loopback', DURABLE)?.ms ?? [];
}

function seriesOf(results: Results, size: number, line: Line, contender: string): Series | undefined {
  return results.series.find(
    (one) =>
      one.size === size && one.line === line && one.contender === contender && one.shape === 'sequences',
  );
}

function factsOf(results: Results, size: number, line: Line): DurableFacts | undefined {
  return results.durable.find((one) => one.size === size && one.line === line && one.shape === 'sequences');
}

function ratio(value: number): string {
  return value < 0.1 ? value.toFixed(4) : value.toFixed(2);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
