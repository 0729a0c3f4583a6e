import { metricMeter } from '@temporalio/workflow';
import { METRICS } from '../../src/contract/metrics.js';
import type { RunInput } from '../../src/contract/input.js';
import type { Phase } from '../../src/contract/status.js';

/** Records how long a phase took. The metric is in seconds. A replay records nothing. */
export function recordPhase({ pair, mode }: RunInput, phase: Phase, milliseconds: number): void {
  const { name, unit, description } = METRICS.phase;
  metricMeter
    .createHistogram(name, 'float', unit, description)
    // The meter throws on what is below zero, except in a replay.
    .record(Math.max(0, milliseconds / 1000), { pair, mode, phase });
}
