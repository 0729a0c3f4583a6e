import { log, metricMeter } from '@temporalio/workflow';
import { OUTCOMES } from '../../src/contract/counts.js';
import type { Counts, Phase, RunOutcome } from '../../src/contract/status.js';
import { METRICS } from '../../src/contract/metrics.js';
import type { Run } from './run.js';
import type { RunObserver } from './run-observers.js';

/**
 * Writes the log and the metrics of {@link METRICS} for the operators of the workers. The history contains none of it, and a replay writes
 * nothing again.
 */
export class Telemetry implements RunObserver {
  private phase: Phase | null = null;
  private readAt: string | null = null;

  constructor(private readonly run: Run) {}

  changed(): void {
    const { phase, enteredAt, primaryReadAt, minimumHeadroom } = this.run.memory;
    if (phase !== this.phase) {
      this.phase = phase;
      log.info('the run has entered a phase', { pair: this.run.memory.input?.pair, phase, since: enteredAt });
    }
    if (minimumHeadroom !== null && primaryReadAt !== null && primaryReadAt !== this.readAt) {
      this.readAt = primaryReadAt;
      const tags = { pair: this.run.input.pair };
      gauge(METRICS.headroom).set(atLeastZero(Number(minimumHeadroom.calls)), tags);
      gauge(METRICS.headroomRead).set(atLeastZero(Date.parse(primaryReadAt) / 1000), tags);
    }
  }

  /** @param outcome of the run, or the type of its failure */
  ended(outcome: string): void {
    const { input, readiness } = this.run.memory;
    const pair = input?.pair;
    log.info('the run has ended', { pair, outcome });
    // Until a worker has confirmed the pair, its name may be any text, and each text would become a time series of its own.
    const known = readiness !== null || outcome !== 'InvalidInput' ? pair : undefined;
    if (pair !== undefined && AHEAD.has(outcome))
      gauge(METRICS.success).set(Date.now() / 1000, { pair, mode: input?.mode ?? 'unknown' });
    const { name, unit, description } = METRICS.runs;
    metricMeter
      .createCounter(name, unit, description)
      .add(1, { pair: known ?? 'unknown', mode: input?.mode ?? 'unknown', outcome });
  }
}

/** The outcomes after which the standby is ahead. */
const AHEAD: ReadonlySet<string> = new Set<RunOutcome>(['synchronized', 'verified', 'handed-off']);

/** Counts the outcomes of a round or a top-up. */
export function countSequences(run: Run, counts: Counts): void {
  const { name, unit, description } = METRICS.sequences;
  const counter = metricMeter.createCounter(name, unit, description);
  const { pair, mode } = run.input;
  for (const outcome of OUTCOMES) {
    counter.add(counts[outcome], { pair, mode, outcome });
  }
}

function gauge({ name, unit, description }: (typeof METRICS)['headroom' | 'headroomRead' | 'success']) {
  return metricMeter.createGauge(name, 'float', unit, description);
}

/** The meter throws an error for values below zero, except in a replay. A standby that is behind would break the run. */
function atLeastZero(value: number): number {
  return value > 0 ? value : 0;
}
